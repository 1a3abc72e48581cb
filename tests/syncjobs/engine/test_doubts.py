"""When what a marketplace shows is doubted and read again: counts, sudden zeros, records that make no sense."""

from datetime import timedelta

import pytest

from orders.models import Order
from shops.marketplaces.records import OrderStatus, UnreadableRecord
from syncjobs.models import ChunkState, FailedRecord
from tests.factories.records import make_order
from tests.factories.sync import WINDOW_START, make_chunk
from tests.syncjobs.scripted import orders, page, stored

pytestmark = pytest.mark.django_db


def test_a_shifted_list_is_read_again(chunk, work):
    work(chunk, page(*orders(1), next_token="b"), page(*orders(3), total=3),
         page(*orders(1, 2), next_token="b"), page(*orders(3), total=3))  # fmt: skip
    assert (chunk.state, stored()) == (ChunkState.DONE, ["order-1", "order-2", "order-3"])


def test_a_list_that_always_shows_too_few_is_not_marked_as_read(chunk, work):
    connector = work(chunk, *[page(*orders(1, 2), total=3)] * 3)
    assert chunk.state == ChunkState.DUE
    assert "counts 3 orders in this window but showed 2" in chunk.error
    assert len(connector.asked) == 3


def test_counts_of_the_marketplace_can_be_disbelieved(chunk, work, settings):
    settings.SYNC_VERIFY_TOTALS = False
    connector = work(chunk, page(*orders(1, 2), total=3))
    assert (chunk.state, len(connector.asked)) == (ChunkState.DONE, 1)


def test_a_count_that_falls_is_reason_for_one_more_reading(chunk, work):
    """Order 1 left the window while it was read; if pages are cut by position, order 3 slipped past with it."""
    moved = page(*orders(1, 2), next_token="b", total=4), page(*orders(4), total=3)
    connector = work(chunk, *moved, page(*orders(2, 3), next_token="b", total=3), page(*orders(4), total=3))
    assert (chunk.state, len(connector.asked)) == (ChunkState.DONE, 4)
    assert Order.objects.count() == 4


def test_a_count_that_keeps_falling_is_believed_at_the_second_reading(chunk, work):
    first = page(*orders(1), next_token="b", total=3), page(*orders(2), total=2)
    connector = work(chunk, *first, page(*orders(2), next_token="b", total=2), page(total=1))
    assert (chunk.state, len(connector.asked)) == (ChunkState.DONE, 4)


def test_repeated_rows_do_not_stand_in_for_missing_ones(chunk, work):
    repeated = page(*orders(1, 2), next_token="b"), page(*orders(2), total=3)
    work(chunk, *repeated * 3)
    assert "showed 2" in chunk.error


def test_unreadable_records_count_as_seen(chunk, work):
    unreadable = UnreadableRecord({"no": "id"}, "no id")
    work(chunk, *[page(unreadable, *orders(1), total=2)] * 2)
    assert (chunk.state, chunk.unreadable_count, FailedRecord.objects.get().payload) == ("done", 1, {"no": "id"})


def busy_day_before(chunk, count):
    before = WINDOW_START - timedelta(hours=1)
    Order.objects.bulk_create(
        Order(
            shop=chunk.run.shop,
            external_id=f"old-{n}",
            source_updated_at=before,
            synced_at=before,
            status_rank=0,
            payload_hash=b"x",
        )
        for n in range(count)
    )


def test_a_sudden_zero_is_read_once_more(chunk, work):
    busy_day_before(chunk, 20)
    connector = work(chunk, page(), page())
    assert (chunk.state, len(connector.asked)) == (ChunkState.DONE, 2)


def test_what_the_second_look_at_a_zero_finds_is_stored(chunk, work):
    busy_day_before(chunk, 20)
    work(chunk, page(), page(*orders(1)))
    assert (chunk.state, chunk.inserted_count) == (ChunkState.DONE, 1)


def test_a_zero_is_believed_where_little_was_likely(chunk, work):
    busy_day_before(chunk, 19)
    assert len(work(chunk, page()).asked) == 1


def test_a_zero_is_believed_in_a_short_window(db, work):
    chunk = make_chunk(window_end=WINDOW_START + timedelta(hours=1))
    busy_day_before(chunk, 400)
    assert len(work(chunk, page()).asked) == 1


def test_a_zero_is_believed_where_no_watermark_depends_on_it(db, work):
    chunk = make_chunk(run__kind="window")
    busy_day_before(chunk, 20)
    assert len(work(chunk, page()).asked) == 1


DOUBTFUL = {
    "without id": UnreadableRecord({"no": "id"}, "no id"),
    "without amount": make_order("order-1", total_amount=None, problems=("total_amount cannot be read",)),
    "of unknown status": make_order("order-1", status=OrderStatus.UNKNOWN, raw_status="BEING_PONDERED"),
}


@pytest.mark.parametrize("record", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_page_that_makes_no_sense_is_asked_for_again(chunk, work, record):
    connector = work(chunk, page(record, *orders(2)), page(*orders(1, 2)))
    assert (chunk.state, stored(), len(connector.asked)) == (ChunkState.DONE, ["order-1", "order-2"], 2)
    assert set(Order.objects.values_list("is_valid", "status")) == {(True, "awaiting_shipment")}
    assert FailedRecord.objects.count() == 0


@pytest.mark.parametrize("record", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_record_that_stays_senseless_is_kept_and_asked_for_no_more(chunk, work, record):
    again = page(record, *orders(2), next_token="b")
    connector = work(chunk, again, again, page(record, *orders(3), total=3))
    assert (chunk.state, len(connector.asked)) == (ChunkState.DONE, 3)
    assert {"order-2", "order-3"} <= set(stored())
    assert FailedRecord.objects.count() == isinstance(record, UnreadableRecord)


def test_readings_that_are_broken_in_turn_are_put_together(chunk, work):
    broken = [make_order(f"order-{n}", total_amount=None, problems=("no amount",)) for n in (1, 2)]
    work(chunk, page(broken[0], *orders(2)), page(*orders(1), broken[1]), page(*orders(1, 2)))
    assert (chunk.state, Order.objects.filter(is_valid=True).count()) == (ChunkState.DONE, 2)
