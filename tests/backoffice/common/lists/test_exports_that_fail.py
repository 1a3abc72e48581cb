"""Exports that something stops: no crash leaves a file half done, and what can be begun anew is."""

import errno
import threading
import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection

from backoffice.common import clock, stopping
from backoffice.common.lists import exporters, exports, files, leases
from backoffice.common.lists.exports import refusal_to_fetch, run_export
from backoffice.common.lists.models import Export
from orders.models import Order
from tests.backoffice.common.lists.exporting import numbers_of, run, start
from tests.factories.orders import store, store_order
from tests.factories.records import make_order

pytestmark = pytest.mark.django_db


def test_what_a_killed_worker_began_is_begun_anew_when_its_lease_has_run_out(person, own):
    store_order(own, "1")
    export = start(person)
    assert leases.claim(Export, export.pk, "dead") is not None
    assert run(export).state == "running"
    Export.objects.update(lease_expires_at=clock.now() - timedelta(minutes=1), done_count=1)
    assert numbers_of(run(export)) == ["1"]
    assert export.attempt_count == 2


def test_after_three_dead_workers_it_is_failed(person):
    export = start(person)
    for _ in range(leases.TRIES):
        leases.claim(Export, export.pk, "dies")
        Export.objects.update(lease_expires_at=clock.now() - timedelta(minutes=1))
    assert run(export).state == "failed"
    assert "ended without a word" in export.reason


def test_an_unexpected_error_is_tried_three_times_and_leaves_nothing_behind(person, own, folder, monkeypatch):
    store_order(own)
    monkeypatch.setattr(files.CsvFile, "_as_text", lambda self, cell: 1 // 0)
    export = start(person)
    assert [run(export).state for _ in range(leases.TRIES)] == ["due", "due", "failed"]
    assert "each of 3 tries" in export.reason
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_full_disk_fails_it_at_once_with_the_reason(person, own, folder, monkeypatch, file_format):
    store_order(own)

    def full(self, *_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for kind in (files.CsvFile, files.XlsxFile):
        monkeypatch.setattr(kind, "close", full)
    export = run(start(person, file_format=file_format))
    assert (export.state, export.file_name) == ("failed", "")
    assert "No space left on device" in export.reason
    assert "EXPORT_DIR" in export.reason
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_fails_it_with_the_reason(person, folder):
    folder.touch()
    export = run(start(person))
    assert (export.state, "EXPORT_DIR" in export.reason) == ("failed", True)


def test_a_worker_that_must_end_gives_it_back_and_that_is_no_try(person, own, folder, monkeypatch):
    monkeypatch.setattr(exports, "BEAT_ROWS", 1)
    store_order(own)
    export = start(person)
    stopping.request_stop()
    try:
        run(export)
    finally:
        stopping.forget_stop()
    assert (export.state, export.attempt_count, export.file_name) == ("due", 0, "")
    assert list(folder.iterdir()) == []


def test_one_that_is_deleted_while_it_is_written_stops_and_leaves_nothing(person, own, folder, monkeypatch):
    monkeypatch.setattr(exports, "BEAT_ROWS", 1)
    store(own, make_order("1"), make_order("2"))
    export = start(person)
    add = files.CsvFile.add

    def add_and_delete(self, cells):
        add(self, cells)
        Export.objects.filter(pk=export.pk).delete()

    monkeypatch.setattr(files.CsvFile, "add", add_and_delete)
    run_export(export.pk)
    assert list(folder.iterdir()) == []


def test_an_exporter_that_is_gone_fails_its_exports_with_a_reason(person, monkeypatch):
    export = start(person)
    monkeypatch.setattr(exporters, "_exporters", {})
    assert run(export).state == "failed"
    assert "gone" in export.reason
    assert "gone" in refusal_to_fetch(export, person)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_file(person, own, folder, monkeypatch):
    store_order(own, "1")
    export = start(person)
    at_the_start = threading.Barrier(2)
    write = exports._write
    written = []

    def note_and_write(export, owner):
        written.append(owner)
        write(export, owner)

    monkeypatch.setattr(exports, "_write", note_and_write)

    def work():
        try:
            at_the_start.wait(20)
            run_export(export.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    export.refresh_from_db()
    assert len(written) == 1
    assert [path.name for path in folder.iterdir()] == [export.file_name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_four_times_the_rows_need_no_more_memory(person, own, monkeypatch, file_format):
    """Half as much again is usual; were the rows kept, it would be more than three times."""
    monkeypatch.setattr(exports, "READ_AT_ONCE", 100)
    columns = ["external_id", "status", "total", "source_created_at", "note"]
    template = dict(Order.objects.filter(pk=store_order(own).pk).values().get())
    del template["id"]

    def peak(count):
        present = Order.objects.count()
        Order.objects.bulk_create(Order(**template | {"external_id": f"n{number}"}) for number in range(present, count))
        export = start(person, columns=columns, file_format=file_format)
        tracemalloc.start()
        run(export)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (export.state, export.done_count) == ("done", count)
        return most

    peak(150)  # what is imported and compiled at the first use
    few = peak(500)
    assert peak(2_000) < few * 2
