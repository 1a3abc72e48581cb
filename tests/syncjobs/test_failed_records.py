"""Failed records that people deal with: mapped and stored again, or discarded."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from orders.ingest import Origin, ingest_orders
from orders.models import Order, OrderLine
from shops.connections import AddressNotAllowed
from shops.marketplaces.records import UnreadableRecord
from shops.marketplaces.tiktok.mapping import map_order
from shops.models import MarketplaceApp, ShopCredential
from syncjobs.intake import store_batch
from syncjobs.models import FailedRecord
from syncjobs.services import StillUnreadable, discard_record, retry_record
from tests.factories.races import at_once
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_run
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


def test_what_can_be_read_by_now_becomes_an_order_and_the_record_is_gone(shop):
    run = make_run(shop=shop)
    record = keep(shop, readable(), run=run)
    assert retry_record(record) == "584000000000000001"
    order = Order.objects.get()
    assert (order.shop, order.external_id, order.is_valid, order.last_run_id) == (
        shop,
        "584000000000000001",
        True,
        run.pk,
    )
    assert OrderLine.objects.filter(order=order).exists()
    assert not FailedRecord.objects.exists()


def test_what_still_has_no_id_stays_with_its_new_error_and_time(shop):
    record = keep(shop, {"status": "UNPAID"})
    first_seen_at, last_seen_at = record.first_seen_at, record.last_seen_at
    with pytest.raises(StillUnreadable, match=r"It still cannot be stored: id"):
        retry_record(record)
    record.refresh_from_db()
    assert record.error.startswith("id")
    assert (record.seen_count, record.first_seen_at) == (1, first_seen_at)
    assert record.last_seen_at > last_seen_at
    assert not Order.objects.exists()


def test_what_the_database_still_refuses_stays_as_one_record(shop, monkeypatch):
    too_large = make_order("1", total_amount=Decimal(10) ** 20)  # fits no NUMERIC(18, 4)
    monkeypatch.setattr("shops.marketplaces.tiktok.mapping.map_order", lambda _: too_large)
    record = keep(shop, too_large.payload)
    with pytest.raises(StillUnreadable, match="The database refused it"):
        retry_record(record)
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
        retry_record(record)
    assert FailedRecord.objects.get().pk == record.pk
    assert Order.objects.get().is_valid


def test_an_older_reading_does_not_replace_a_newer_order(shop):
    newer = readable() | {"status": "DELIVERED"}
    newer["update_time"] += 60
    ingest_orders(shop.pk, [map_order(newer)], Origin("poll", clock.now()))  # type: ignore[list-item]
    retry_record(keep(shop, readable()))
    assert Order.objects.get().status == "delivered"
    assert not FailedRecord.objects.exists()


def test_it_needs_no_credential_and_makes_no_call(shop):
    ShopCredential.objects.all().delete()
    assert retry_record(keep(shop, readable())) == "584000000000000001"  # the shop's address answers nobody


def test_an_app_that_points_elsewhere_is_refused(shop):
    MarketplaceApp.objects.update(api_url="https://evil.example")
    with pytest.raises(AddressNotAllowed):
        retry_record(keep(shop, readable()))


@pytest.mark.django_db(transaction=True)
def test_of_several_that_retry_at_once_one_stores_it():
    record = keep(make_shop(), readable())
    outcomes = at_once(lambda: retry_record(FailedRecord.objects.filter(pk=record.pk).first() or record))
    assert outcomes.count("584000000000000001") == 1
    assert sum(isinstance(outcome, NotPossible) for outcome in outcomes) == 3
    assert (Order.objects.count(), FailedRecord.objects.count()) == (1, 0)


def test_a_discarded_record_is_gone_and_a_second_discard_says_so(shop):
    record, other = keep(shop, {"n": 1}, "one"), keep(shop, {"n": 2}, "two")
    discard_record(record)
    assert list(FailedRecord.objects.all()) == [other]
    with pytest.raises(NotPossible, match="The record is gone"):
        discard_record(FailedRecord(pk=9_999_999))
