"""What is in the tables and in the folder of buffered batches."""

from syncjobs.models import BufferedBatch


def row():
    return BufferedBatch.objects.get()


def folders(store):
    return {folder.value: count for folder, (count, _) in store.measure().items() if count}
