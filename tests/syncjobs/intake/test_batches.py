"""One batch, one transaction: what cannot be stored as a row is kept and listed, and the rest goes on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.models import Order, OrderLine
from shops.marketplaces.records import PackageRecord, Recipient, UnreadableRecord
from syncjobs.intake import batches, store_batch
from syncjobs.models import FailedRecord
from syncjobs.streams import STREAMS
from tests.factories.records import UPDATED_AT, make_line, make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_run
from tests.syncjobs.scripted import stored

pytestmark = pytest.mark.django_db
NO_ID = UnreadableRecord({"status": "UNPAID"}, "id is missing")
TOO_LARGE = Decimal(10) ** 20  # fits no NUMERIC(18, 4)


def store(shop, *records, unreadable=(), run=None):
    return store_batch("orders", shop.pk, records, unreadable, Origin("poll", clock.now(), run.pk if run else None))


def test_it_counts_what_became_of_a_batch(shop):
    store(shop, make_order("same"), make_order("changed"))
    result = store(
        shop, make_order("same"), make_order("changed", later_by=1), make_order("new"),
        make_order("invalid", problems=("no amount",)), unreadable=[NO_ID],
    )  # fmt: skip
    assert vars(result) == {
        "fetched_count": 5, "inserted_count": 2, "updated_count": 1, "unchanged_count": 1, "invalid_count": 1,
        "unreadable_count": 1,
    }  # fmt: skip


def test_an_empty_batch_is_nothing(shop):
    assert not any(vars(store(shop)).values())


@pytest.mark.parametrize("place", [0, 3, 6])
def test_one_refused_record_is_kept_apart_and_the_others_are_stored(shop, place):
    run = make_run(shop=shop)
    records = [make_order(f"order-{n}") for n in range(7)]
    records[place] = make_order("refused", total_amount=TOO_LARGE)
    result = store(shop, *records, run=run)
    assert (len(stored()), "refused" in stored()) == (6, False)
    assert (result.inserted_count, result.unreadable_count, result.fetched_count) == (6, 1, 7)
    kept = FailedRecord.objects.get()
    assert (kept.shop, kept.run, kept.resource, kept.payload["id"]) == (shop, run, "orders", "refused")
    assert kept.error.startswith("The database refused it: ")


def test_a_refused_line_keeps_its_whole_order_apart(shop):
    store(shop, make_order("good"), make_order("bad", lines=(make_line(price=TOO_LARGE),)))
    assert (stored(), OrderLine.objects.count()) == (["good"], 2)
    assert FailedRecord.objects.get().payload["id"] == "bad"


def test_a_refused_change_leaves_the_stored_row_as_it_was(shop):
    store(shop, make_order("order"))
    store(shop, make_order("order", later_by=1, total_amount=TOO_LARGE), make_order("other"))
    assert Order.objects.get(external_id="order").total_amount == Decimal(440000)
    assert (stored(), FailedRecord.objects.count()) == (["order", "other"], 1)


def test_many_refused_records_are_each_kept(shop):
    store(shop, *[make_order(f"order-{n}", total_amount=TOO_LARGE if n % 3 else Decimal(1)) for n in range(9)])
    assert (len(stored()), FailedRecord.objects.count()) == (3, 6)


def test_an_error_that_is_no_records_fault_stores_nothing(shop, monkeypatch):
    def break_off(*_):
        raise RuntimeError("the connection is gone")

    monkeypatch.setattr(batches, "_keep_failed_records", break_off)
    with pytest.raises(RuntimeError):
        store(shop, make_order())
    assert stored() == []


def test_an_unreadable_payload_is_kept_once_and_counted(shop):
    first, second = make_run(shop=shop, kind="window"), make_run(shop=shop, kind="window")
    store(shop, unreadable=[NO_ID, NO_ID], run=first)
    store(shop, unreadable=[UnreadableRecord({"status": "UNPAID"}, "id is still missing")], run=second)
    kept = FailedRecord.objects.get()
    assert (kept.seen_count, kept.payload, kept.error) == (2, {"status": "UNPAID"}, "id is still missing")
    assert kept.run == second
    assert kept.first_seen_at < kept.last_seen_at


def test_the_same_unreadable_payload_of_two_shops_is_kept_for_each(shop):
    store(shop, unreadable=[NO_ID])
    store(make_shop(), unreadable=[NO_ID])
    assert FailedRecord.objects.count() == 2


def test_different_unreadable_payloads_are_all_kept(shop):
    payloads: list[object] = [None, [], "text", {"a": "b\x00c"}, 5]
    store(shop, unreadable=[UnreadableRecord(payload, "no order") for payload in payloads])
    assert FailedRecord.objects.count() == 5


def test_an_update_time_in_the_future_is_not_believed(shop):
    """Believed, it would beat every true update until that day."""
    future = clock.now() + timedelta(days=2)
    store(shop, make_order(source_updated_at=future))
    order = Order.objects.get()
    assert (order.source_updated_at, order.is_valid) == (None, False)
    assert order.validation_errors == [f"update_time is in the future: {future:%Y-%m-%d %H:%M:%S} UTC"]
    store(shop, make_order())
    assert (Order.objects.get().source_updated_at, Order.objects.get().is_valid) == (UPDATED_AT, True)


def test_a_clock_that_is_a_little_ahead_is_believed(shop):
    ahead = clock.now() + timedelta(hours=20)
    store(shop, make_order(source_updated_at=ahead))
    assert (Order.objects.get().source_updated_at, Order.objects.get().is_valid) == (ahead, True)


def test_an_invalid_reading_that_lost_is_listed(shop):
    store(shop, make_order(later_by=1))
    store(shop, make_order(total_amount=None, problems=("total_amount is no number", "no lines")))
    assert Order.objects.get().is_valid
    kept = FailedRecord.objects.get()
    assert (kept.payload["id"], kept.error) == ("584000000000000001", "total_amount is no number; no lines")


def test_an_invalid_reading_that_won_is_stored_and_not_listed(shop):
    store(shop, make_order())
    store(shop, make_order(later_by=1, total_amount=None, problems=("total_amount is no number",)))
    assert Order.objects.get().validation_errors == ["total_amount is no number"]
    assert not FailedRecord.objects.exists()


def test_a_refused_and_an_unreadable_record_are_both_kept(shop):
    result = store(shop, make_order("refused", total_amount=TOO_LARGE), make_order("good"), unreadable=[NO_ID])
    assert (stored(), FailedRecord.objects.count(), result.unreadable_count) == (["good"], 2, 2)


def wrapped(depth):
    return [] if depth == 0 else [wrapped(depth - 1)]


@pytest.mark.parametrize("odd", [2**80, wrapped(300), "\x00", "\ud800"], ids=["large", "deep", "NUL", "surrogate"])
@pytest.mark.parametrize("place", ["attributes", "lines", "packages", "recipient"])
def test_an_odd_value_of_the_marketplaces_own_stops_no_order(shop, odd, place):
    changes: dict[str, Any] = {
        "attributes": {"new": odd},
        "lines": (make_line(attributes={"new": odd}),),
        "packages": (PackageRecord("package-1", contents=({"line": "line-1", "new": odd},)),),
        "recipient": Recipient(details={"new": odd}),
    }
    store(shop, make_order("odd", **{place: changes[place]}, payload={"id": "odd", "new": odd}), make_order("other"))
    assert (stored(), FailedRecord.objects.count()) == (["odd", "other"], 0)


def test_writers_whose_batches_are_halved_take_rows_in_the_order_of_all_others(shop, monkeypatch):
    """Else two of them could wait for each other."""
    taken = []

    def watch(shop_id, records, origin):
        result = STREAMS["orders"].ingest(shop_id, records, origin)
        taken.append([record.external_id for record in records])
        return result

    monkeypatch.setattr(batches, "get_stream", lambda resource: replace(STREAMS[resource], ingest=watch))
    store(shop, make_order("d"), make_order("c", total_amount=TOO_LARGE), make_order("b"), make_order("a"))
    assert taken == [["a", "b"], ["d"]]
