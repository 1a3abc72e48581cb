"""`manage.py replay_buffer`: what it shows, what it stores, and when its exit code is 1."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from orders.models import Order
from syncjobs.buffer.files import Folder
from tests.factories.buffered import make_buffered_run, make_payload, put_batch
from tests.factories.outages import no_database

pytestmark = pytest.mark.django_db


def replay(*arguments, **options):
    out, err = StringIO(), StringIO()
    try:
        call_command("replay_buffer", *arguments, stdout=out, stderr=err, **options)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue() + err.getvalue()
    return 0, out.getvalue() + err.getvalue()


@pytest.fixture
def chunk(db):
    return make_buffered_run().chunks.get()


def test_it_stores_what_waits(chunk, store):
    put_batch(chunk, make_payload("1"))
    assert replay() == (0, f"1 stored, 0 left in {store.root}.\n")
    assert Order.objects.count() == 1


def test_without_files_it_says_so(store):
    assert replay() == (0, f"0 stored, 0 left in {store.root}.\n")
    assert replay("--dry-run") == (0, f"Nothing waits in {store.root}.\n")


def test_a_dry_run_shows_each_file_and_stores_nothing(chunk, store):
    file = put_batch(chunk, make_payload("1"))
    store.move(put_batch(chunk, make_payload("2")), Folder.FAILED, try_count=3)
    code, text = replay("--dry-run")
    assert code == 0
    assert file.name in "".join(line.split("│")[-2].strip() for line in text.splitlines() if line.count("│") > 1)
    assert chunk.run.shop.name in text
    assert " waiting " in text and " failed " in text
    assert (Order.objects.count(), len(store.list_files())) == (0, 2)


def test_what_was_given_up_is_tried_again(chunk, store):
    store.move(put_batch(chunk, make_payload("1")), Folder.FAILED, try_count=3)
    assert replay()[0] == 0
    assert Order.objects.count() == 1


def test_only_one_shop_and_only_so_many(chunk, store):
    other = make_buffered_run().chunks.get()
    for number in (1, 2):
        put_batch(chunk, make_payload(f"own-{number}"))
    put_batch(other, make_payload("other"))
    assert replay("--shop", str(chunk.run.shop_id), "--limit", "1")[1].startswith("1 stored, 1 left")
    assert [order.external_id for order in Order.objects.all()] == ["own-1"]


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_that_leaves_nothing_is_refused(limit):
    with pytest.raises(CommandError, match="give 1 or more"):
        replay("--limit", limit)


def test_a_damaged_file_makes_it_fail_every_time(chunk, store):
    file = put_batch(chunk, make_payload("1"))
    file.path.write_bytes(b"nothing")
    for _ in range(2):
        code, text = replay()
        assert code == 1
        assert " damaged " in text and "must be read again" in text


def test_a_batch_that_cannot_be_stored_makes_it_fail(chunk):
    put_batch(chunk, make_payload("1"), mapping="temu.orders")
    code, text = replay()
    assert code == 1
    assert " is waiting: " in text and "temu.orders" in text


def test_while_a_worker_is_at_it_nothing_is_done_twice(chunk, store):
    put_batch(chunk, make_payload("1"))
    with store.locked():
        assert "at this moment" in replay()[1]


@pytest.mark.django_db(transaction=True)
def test_without_a_database_it_says_so_and_fails(store):
    put_batch(make_buffered_run().chunks.get(), make_payload("1"))
    with no_database():
        code, text = replay()
    assert code == 1
    assert "The database cannot be written" in text
    assert len(store.list_files(Folder.WAITING)) == 1
