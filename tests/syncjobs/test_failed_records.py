"""Failed records that people deal with: mapped and stored again, or discarded."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.ingest import Origin
from orders.ingest import ingest_orders
from orders.models import Order, OrderLine, Sku
from shops.connections import AddressNotAllowed
from shops.marketplaces.records import ProductRecord, SkuRecord, Stub, UnreadableRecord
from shops.marketplaces.tiktok.mapping.orders import map_order
from shops.models import MarketplaceApp, ShopCredential
from syncjobs.intake import as_listed_only, store_batch
from syncjobs.models import FailedRecord
from syncjobs.services import StillUnreadable, discard_record, retry_record
from tests.factories.races import at_once
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_run
from tests.factories.synced import make_record
from tests.shops.marketplaces import payloads

pytestmark = pytest.mark.django_db


def readable():
    return payloads.load("tiktok/order_detail_vn_202309")["data"]["orders"][0]


def keep(shop, payload, error="It could not be read.", run=None):
    """Keep a failed record, as it was two days ago."""
    then = clock.now() - timedelta(days=2)
    origin = Origin("poll", then, run.pk if run else None)
    store_batch("orders", shop.pk, [], [UnreadableRecord(payload, error)], origin)
    return FailedRecord.objects.get(error=error)


def how_it_ended(record):
    record.refresh_from_db()
    return record.state, record.ended_by


def test_what_can_be_read_by_now_becomes_an_order_and_the_record_is_fixed(shop):
    run = make_run(shop=shop)
    record = keep(shop, readable(), run=run)
    assert retry_record(record, "lan") == "584000000000000001"
    order = Order.objects.get()
    assert (order.shop, order.external_id, order.is_valid, order.last_run_id) == (
        shop,
        "584000000000000001",
        True,
        run.pk,
    )
    assert OrderLine.objects.filter(order=order).exists()
    assert how_it_ended(record) == ("fixed", "lan")
    assert record.ended_at >= record.last_seen_at


def test_what_only_a_list_named_is_not_taken_for_the_whole_record(shop):
    """The search's row of a product has no variants: mapped by itself, it would take away those that are stored."""
    changed_at = clock.now().replace(microsecond=0)
    row = {"id": "1729", "title": "Mug", "status": "ACTIVATE", "update_time": int(changed_at.timestamp())}
    origin = Origin("poll", clock.now())
    product = ProductRecord("1729", {}, source_updated_at=changed_at - timedelta(days=1), skus=(SkuRecord("s"),))
    store_batch("products", shop.pk, [product], [], origin)
    unfinished = as_listed_only(Stub("1729", "detail", {"listed": row}, changed_at), "It was not given.")
    store_batch("products", shop.pk, [], [unfinished], origin)
    record = FailedRecord.objects.get()
    with pytest.raises(StillUnreadable, match="Read its time again"):
        retry_record(record, "lan")
    assert (Sku.objects.get().external_id, how_it_ended(record)) == ("s", ("open", ""))
    whole = replace(product, source_updated_at=changed_at, payload={"whole": 1})
    store_batch("products", shop.pk, [whole], [], Origin("poll", clock.now()))
    assert how_it_ended(record)[0] == "fixed"


def test_parcels_that_come_later_fix_what_is_kept_under_their_orders_number(shop):
    unfinished = as_listed_only(Stub("order-1", "orders", {}), "It was not given.")
    store_batch("shipments", shop.pk, [], [unfinished], Origin("poll", clock.now()))
    record = FailedRecord.objects.get()
    store_batch(
        "shipments",
        shop.pk,
        [make_record("shipment", "package-1", order_external_ids=("order-2",))],
        [],
        Origin("poll", clock.now()),
    )
    assert how_it_ended(record)[0] == "open"
    store_batch("shipments", shop.pk, [make_record("shipment", "package-2")], [], Origin("poll", clock.now()))
    assert how_it_ended(record)[0] == "fixed"


def test_what_still_has_no_id_stays_with_its_new_error_and_time(shop):
    record = keep(shop, {"status": "UNPAID"})
    first_seen_at, last_seen_at = record.first_seen_at, record.last_seen_at
    with pytest.raises(StillUnreadable, match=r"It still cannot be stored: id"):
        retry_record(record, "lan")
    record.refresh_from_db()
    assert record.error.startswith("id")
    assert (record.seen_count, record.first_seen_at) == (1, first_seen_at)
    assert record.last_seen_at > last_seen_at
    assert not Order.objects.exists()


def test_what_the_database_still_refuses_stays_as_one_record(shop, monkeypatch):
    too_large = make_order("1", total_amount=Decimal(10) ** 20)  # fits no NUMERIC(18, 4)
    monkeypatch.setattr("shops.marketplaces.tiktok.client.orders.map_order", lambda _: too_large)
    record = keep(shop, too_large.payload)
    with pytest.raises(StillUnreadable, match="The database refused it"):
        retry_record(record, "lan")
    record.refresh_from_db()
    assert record.error.startswith("The database refused it")
    assert (record.seen_count, FailedRecord.objects.count(), Order.objects.count()) == (1, 1, 0)


def test_an_invalid_reading_that_loses_against_a_stored_order_stays_a_record(shop):
    good, broken = readable(), readable()
    good["update_time"] += 60
    broken["payment"]["total_amount"] = "much"
    ingest_orders(shop.pk, [map_order(good)], Origin("poll", clock.now()))  # type: ignore[list-item]
    record = keep(shop, broken)
    with pytest.raises(StillUnreadable):
        retry_record(record, "lan")
    assert FailedRecord.objects.get().pk == record.pk
    assert Order.objects.get().is_valid


def test_an_older_reading_does_not_replace_a_newer_order(shop):
    newer = readable() | {"status": "DELIVERED"}
    newer["update_time"] += 60
    ingest_orders(shop.pk, [map_order(newer)], Origin("poll", clock.now()))  # type: ignore[list-item]
    record = keep(shop, readable())
    retry_record(record, "lan")
    assert Order.objects.get().status == "delivered"
    assert how_it_ended(record) == ("fixed", "lan")


def test_a_reading_that_was_kept_before_loses_a_tie_against_a_later_one(shop):
    """It was read when it was kept, not when somebody presses the button."""
    record = keep(shop, readable())
    later = readable() | {"buyer_message": "read later, in the same second"}
    ingest_orders(shop.pk, [map_order(later)], Origin("poll", clock.now()))  # type: ignore[list-item]
    retry_record(record, "lan")
    assert Order.objects.get().buyer_message == "read later, in the same second"


def test_it_needs_no_credential_and_makes_no_call(shop):
    ShopCredential.objects.all().delete()
    assert retry_record(keep(shop, readable()), "lan") == "584000000000000001"  # the shop's address answers nobody


def test_an_app_that_points_elsewhere_is_refused(shop):
    MarketplaceApp.objects.update(api_url="https://evil.example")
    with pytest.raises(AddressNotAllowed):
        retry_record(keep(shop, readable()), "lan")


@pytest.mark.django_db(transaction=True)
def test_of_several_that_retry_at_once_one_stores_it():
    record = keep(make_shop(), readable())
    outcomes = at_once(lambda: retry_record(record, "lan"))
    assert outcomes.count("584000000000000001") == 1
    assert sum(isinstance(outcome, NotPossible) for outcome in outcomes) == 3
    assert (Order.objects.count(), how_it_ended(record)) == (1, ("fixed", "lan"))


def test_a_discarded_record_stays_with_who_did_it_and_can_neither_be_discarded_nor_retried_again(shop):
    record, other = keep(shop, {"n": 1}, "one"), keep(shop, {"n": 2}, "two")
    discard_record(record, "lan")
    assert (how_it_ended(record), how_it_ended(other)) == (("discarded", "lan"), ("open", ""))
    for end in (discard_record, retry_record):
        with pytest.raises(NotPossible, match="not open any more: discarded by lan"):
            end(record, "minh")
    assert how_it_ended(record) == ("discarded", "lan")
    with pytest.raises(NotPossible, match="The record is gone"):
        discard_record(FailedRecord(pk=9_999_999), "lan")


def test_a_retry_of_a_fixed_record_stores_nothing_anew(shop):
    record = keep(shop, readable())
    retry_record(record, "lan")
    Order.objects.all().delete()
    with pytest.raises(NotPossible, match="not open any more: fixed since by lan"):
        retry_record(record, "minh")
    assert not Order.objects.exists()


def test_what_comes_again_after_it_was_discarded_is_open_again(shop):
    record = keep(shop, {"n": 1}, "one")
    discard_record(record, "lan")
    keep(shop, {"n": 1}, "one")
    assert how_it_ended(record) == ("open", "")
    assert (record.ended_at, record.seen_count) == (None, 2)


def test_a_record_that_still_cannot_be_stored_moves_to_the_group_of_its_new_cause(shop):
    record = keep(shop, {"status": "UNPAID"}, "It was said to be 5 'x'")
    assert record.cause == "It was said to be …"
    with pytest.raises(StillUnreadable):
        retry_record(record, "lan")
    record.refresh_from_db()
    assert record.cause == "id is missing."


TOO_LARGE = Decimal(10) ** 20  # fits no NUMERIC(18, 4)


@pytest.fixture
def refused(shop):
    """An order's reading that the database refused."""
    store_batch("orders", shop.pk, [make_order("a", total_amount=TOO_LARGE, later_by=10)], [], door("poll"))
    return FailedRecord.objects.get()


def door(source, run_id=None):
    return Origin(source, clock.now(), run_id)


def test_the_number_of_what_was_refused_is_kept(refused):
    assert (refused.external_id, refused.source_updated_at) == ("a", make_order("a", later_by=10).source_updated_at)


@pytest.mark.parametrize(("source", "run_id", "by"), [
    ("poll", 12, "Sync, run 12"), ("replay", None, "Replay"), ("webhook", None, "Webhook"),
    ("backfill", 3, "Backfill, run 3"),
])  # fmt: skip
def test_an_order_that_is_stored_well_later_marks_its_record_as_fixed_with_the_door(shop, refused, source, run_id, by):
    store_batch("orders", shop.pk, [make_order("a", later_by=10), make_order("b")], [], door(source, run_id))
    assert how_it_ended(refused) == ("fixed", by)


def test_the_same_reading_stored_once_more_unchanged_counts_too(shop, refused):
    ingest_orders(shop.pk, [make_order("a", later_by=20)], door("poll"))
    store_batch("orders", shop.pk, [make_order("a", later_by=20)], [], door("poll"))
    assert how_it_ended(refused)[0] == "fixed"


@pytest.mark.parametrize("records", [
    [make_order("a", later_by=9)],  # a replay of what was there before the failure
    [make_order("a", later_by=10, problems=("no total",))],
    [make_order("a", later_by=11, total_amount=TOO_LARGE)],
    [make_order("b", later_by=10)],
    [],
])  # fmt: skip
def test_what_does_not_prove_it_fixed_leaves_it_open(shop, refused, records):
    store_batch("orders", shop.pk, records, [], door("replay"))
    assert how_it_ended(refused) == ("open", "")


def test_the_same_number_of_another_shop_is_another_order(refused):
    store_batch("orders", make_shop().pk, [make_order("a", later_by=10)], [], door("poll"))
    assert how_it_ended(refused) == ("open", "")


def test_an_invalid_reading_that_lost_is_fixed_by_the_valid_one_it_lost_against(shop):
    newer, broken = make_order("a", later_by=5), make_order("a", problems=("no total",))
    store_batch("orders", shop.pk, [newer], [], door("poll"))
    store_batch("orders", shop.pk, [broken], [], door("replay"))
    record = FailedRecord.objects.get()
    assert record.state == "open"
    store_batch("orders", shop.pk, [newer], [], door("poll"))
    assert how_it_ended(record) == ("fixed", "Sync")


def test_looking_for_what_is_fixed_costs_one_query_for_a_batch(shop):
    records = [make_order(f"order-{n}") for n in range(50)]
    store_batch("orders", shop.pk, records, [], door("poll"))
    with CaptureQueriesContext(connection) as captured:
        store_batch("orders", shop.pk, records, [], door("poll"))
    asked = [query["sql"] for query in captured if "failedrecord" in query["sql"]]
    assert len(asked) == 1
