"""Files of batches: written whole or not at all, in one folder at a time, and believed only as they were written."""

import os
import shutil
import stat
import subprocess
import sys
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backoffice.env import BASE_DIR
from syncjobs.buffer import files
from syncjobs.buffer.files import BatchFacts, BatchStore, DamagedFile, Folder, NoRoomLeft

AT = datetime(2026, 8, 1, 12, 30, 15, 123456, tzinfo=UTC)
FACTS = BatchFacts(
    marketplace="tiktok",
    mapping="tiktok.orders",
    shop_id=7,
    resource="orders",
    run_id=70,
    chunk_id=700,
    window_start=AT - timedelta(days=1),
    window_end=AT,
    source="poll",
    buffered_at=AT,
    record_count=2,
    error="the connection is gone",
)
PAYLOADS = [{"id": "1", "name": "Nguyễn\nVăn A"}, {"id": "2", "number": 2**70, "list": [1.5, None, True]}]


@pytest.fixture
def store(tmp_path):
    return BatchStore(tmp_path / "buffer")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_put_is_read_again(store):
    file = store.put(FACTS, PAYLOADS)
    assert store.read(file) == (FACTS, PAYLOADS)


def test_what_was_no_payload_at_all_is_kept_too(store):
    odd = [None, "text"]
    assert store.read(store.put(FACTS, odd))[1] == odd


def test_the_name_says_when_whose_and_how_often_it_was_tried(store):
    put = store.put(FACTS, PAYLOADS)
    (file,) = store.list_files(Folder.WAITING)
    assert file == put
    assert (file.buffered_at, file.shop_id, file.chunk_id, file.try_count) == (AT, 7, 700, 0)
    assert file.folder is Folder.WAITING


def test_only_its_owner_may_read_it_whatever_the_umask(store):
    before = os.umask(0)
    try:
        file = store.put(FACTS, PAYLOADS)
    finally:
        os.umask(before)
    assert mode(file.path) == 0o600
    assert {mode(store.root / folder.value) for folder in Folder} | {mode(store.root)} == {0o700}


def test_files_are_listed_in_the_order_in_which_they_were_written(store):
    later = store.put(replace(FACTS, buffered_at=AT + timedelta(microseconds=1), shop_id=1), PAYLOADS)
    earlier = store.put(FACTS, PAYLOADS)
    assert [file.name for file in store.list_files()] == [earlier.name, later.name]


def test_two_batches_of_one_moment_do_not_meet(store):
    assert len({store.put(FACTS, PAYLOADS).name for _ in range(20)}) == len(store.list_files()) == 20


def test_a_move_takes_the_file_and_its_tries_along(store):
    file = store.put(FACTS, PAYLOADS)
    moved = store.move(store.move(file, Folder.REPLAYING), Folder.FAILED, try_count=3)
    assert store.list_files() == [moved]
    assert (moved.name, moved.folder, moved.try_count) == (file.name, Folder.FAILED, 3)
    assert store.read(moved) == (FACTS, PAYLOADS)


def test_of_two_who_move_a_file_one_finds_it_gone(store):
    file = store.put(FACTS, PAYLOADS)
    store.move(file, Folder.REPLAYING)
    with pytest.raises(FileNotFoundError):
        store.move(file, Folder.REPLAYING)


def test_a_single_changed_bit_is_found_wherever_it_is(store):
    file = store.put(FACTS, PAYLOADS)
    whole = file.path.read_bytes()
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 1
        file.path.write_bytes(changed)
        with pytest.raises(DamagedFile):
            store.read(file)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_found(store, share):
    file = store.put(FACTS, PAYLOADS)
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DamagedFile):
        store.read(file)


def test_a_file_of_another_format_is_not_guessed_at(store):
    file = store.put(replace(FACTS, version=99), PAYLOADS)
    with pytest.raises(DamagedFile, match="format 99"):
        store.read(file)


def test_a_file_under_the_name_of_another_shop_is_not_believed(store):
    file = store.put(FACTS, PAYLOADS)
    with pytest.raises(DamagedFile, match="another batch"):
        store.read(replace(file, shop_id=8))


def test_it_refuses_what_goes_beyond_its_room(store):
    size = store.put(FACTS, PAYLOADS).size_bytes
    store.most_bytes = size * 2 + 10
    store.move(store.put(FACTS, PAYLOADS), Folder.FAILED)
    with pytest.raises(NoRoomLeft, match="SYNC_BUFFER_MAX_MB"):
        store.put(FACTS, PAYLOADS)
    assert store.measure()[Folder.WAITING] == (1, size)
    assert store.measure()[Folder.FAILED] == (1, size)


def test_it_leaves_the_disk_what_must_stay_free(store, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10_000, 0, 5_000))
    store.least_free_bytes = 4_900
    with pytest.raises(NoRoomLeft, match="SYNC_BUFFER_MIN_FREE_MB"):
        store.put(FACTS, PAYLOADS)
    store.least_free_bytes = 1_000
    store.put(FACTS, PAYLOADS)


def test_a_disk_that_refuses_is_no_room(store, monkeypatch):
    def refuse(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(NoRoomLeft, match="No space left"):
        store.put(FACTS, PAYLOADS)
    assert list((store.root / "waiting").iterdir()) == []


def test_what_a_dead_writer_left_unfinished_is_no_batch_and_goes_in_the_end(store):
    store.put(FACTS, PAYLOADS)
    unfinished = store.root / "waiting" / "half.part"
    unfinished.write_bytes(b"half of it")
    written_at = unfinished.stat().st_mtime
    assert len(store.list_files()) == 1
    store.drop_unfinished(written_at + files.UNFINISHED_KEPT_SECONDS)
    assert unfinished.exists()
    store.drop_unfinished(written_at + files.UNFINISHED_KEPT_SECONDS + 1)
    assert not unfinished.exists()
    assert len(store.list_files()) == 1


def test_a_file_that_its_writer_ends_while_it_is_looked_at_holds_nothing_up(store, monkeypatch):
    store.put(FACTS, PAYLOADS)
    monkeypatch.setattr(store, "_paths", lambda folder: [store.root / "waiting" / "just-renamed.part"])
    store.drop_unfinished(2e9)


def test_only_one_process_replays_and_a_dead_one_gives_its_right_back(store):
    store.put(FACTS, PAYLOADS)
    hold = (
        "import sys, time; from pathlib import Path; from syncjobs.buffer.files import BatchStore\n"
        "with BatchStore(Path(sys.argv[1])).locked() as is_ours:\n    print(is_ours, flush=True); time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(store.root)], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None and other.stdout.readline().strip() == "True"
        with store.locked() as is_ours:
            assert not is_ours
    finally:
        other.kill()
        other.wait()
    with store.locked() as is_ours:
        assert is_ours
