"""Which reading of an order wins, what is written, and what is left alone."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.ingest import ingest_orders
from orders.models import Order, OrderLine, OrderPayload, Package
from shops.marketplaces.records import OrderStatus, Recipient, RecipientClarity
from tests.factories.records import UPDATED_AT, make_line, make_order

pytestmark = pytest.mark.django_db


def ingest(shop, *records, run_id=1):
    with transaction.atomic():
        return ingest_orders(shop.pk, records, Origin("poll", clock.now(), run_id))


def counts(ingested):
    return ingested.inserted, ingested.updated, ingested.unchanged


def test_it_inserts_an_order_with_lines_packages_and_payload(shop):
    assert counts(ingest(shop, make_order())) == (1, 0, 0)
    order = Order.objects.get()
    assert (order.shop, order.status, order.total_amount) == (shop, "awaiting_shipment", Decimal(440000))
    assert order.source_updated_at == UPDATED_AT
    assert [line.price for line in order.lines.order_by("external_id")] == [Decimal(146667)] * 2
    assert order.packages.get().contents == [{"line": "line-1", "quantity": 1}]
    assert order.payloads.get().payload["id"] == order.external_id
    assert (order.last_run_id, order.is_valid, order.validation_errors) == (1, True, [])


def test_it_leaves_an_equal_order_alone(shop):
    ingest(shop, make_order(), run_id=1)
    stored = Order.objects.get().synced_at
    assert counts(ingest(shop, make_order(), run_id=2)) == (0, 0, 1)
    assert (Order.objects.get().synced_at, Order.objects.get().last_run_id) == (stored, 1)
    assert OrderPayload.objects.count() == 1


def test_it_updates_with_a_later_reading_and_keeps_both_payloads(shop):
    ingest(shop, make_order())
    later = make_order(later_by=60, status=OrderStatus.IN_TRANSIT, raw_status="IN_TRANSIT", total_amount=Decimal(1))
    assert counts(ingest(shop, later)) == (0, 1, 0)
    order = Order.objects.get()
    assert (order.status, order.total_amount) == ("in_transit", Decimal(1))
    assert OrderPayload.objects.filter(order=order).count() == 2


def test_what_was_read_earlier_but_is_stored_later_loses_a_tie(shop):
    """A marketplace that changes an order without a new update time is believed as it was read last."""
    ingest(shop, make_order(total_amount=Decimal(2)))
    before = clock.now() - timedelta(minutes=10)
    with transaction.atomic():
        late = ingest_orders(shop.pk, [make_order(total_amount=Decimal(1))], Origin("replay", clock.now(), 1, before))
    assert counts(late) == (0, 0, 1)
    assert Order.objects.get().total_amount == Decimal(2)
    assert counts(ingest(shop, make_order(total_amount=Decimal(3)))) == (0, 1, 0)
    assert Order.objects.get().total_amount == Decimal(3)


def test_it_never_replaces_a_later_reading_by_an_earlier_one(shop):
    ingest(shop, make_order(later_by=60, status=OrderStatus.DELIVERED))
    assert counts(ingest(shop, make_order(lines=(make_line(9),)))) == (0, 0, 1)
    assert Order.objects.get().status == "delivered"
    assert OrderLine.objects.filter(external_id="line-9").count() == 0
    assert OrderPayload.objects.count() == 1


@pytest.mark.parametrize(("first", "second", "wins"), [
    (OrderStatus.DELIVERED, OrderStatus.IN_TRANSIT, "delivered"),
    (OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED, "delivered"),
    (OrderStatus.UNKNOWN, OrderStatus.UNPAID, "unpaid"),
    (OrderStatus.CANCELLED, OrderStatus.COMPLETED, "cancelled"),
])  # fmt: skip
def test_it_takes_the_status_further_along_when_times_are_equal(shop, first, second, wins):
    ingest(shop, make_order(status=first))
    ingest(shop, make_order(status=second))
    assert Order.objects.get().status == wins


def test_it_prefers_a_valid_reading_over_an_invalid_one_of_the_same_time(shop):
    broken = make_order(total_amount=None, problems=("total_amount cannot be read",))
    ingest(shop, broken)
    assert Order.objects.get().is_valid is False
    ingest(shop, make_order())
    assert Order.objects.get().is_valid is True
    lost = ingest(shop, broken)
    assert Order.objects.get().total_amount == Decimal(440000)
    assert [record.problems for record in lost.not_stored] == [("total_amount cannot be read",)]


def test_it_counts_a_reading_without_a_time_as_the_oldest(shop):
    timeless = make_order(source_updated_at=None, problems=("update_time cannot be read",))
    ingest(shop, timeless)
    assert Order.objects.get().source_updated_at is None
    ingest(shop, make_order())
    assert Order.objects.get().source_updated_at == UPDATED_AT
    ingest(shop, timeless)
    assert Order.objects.get().source_updated_at == UPDATED_AT


def test_it_keeps_lines_when_a_newer_invalid_reading_has_none(shop):
    ingest(shop, make_order())
    ingest(shop, make_order(later_by=5, lines=(), problems=("line_items is not a list",)))
    assert OrderLine.objects.count() == 2


def test_it_removes_no_lines_or_packages_for_an_invalid_reading_which_may_have_left_some_out(shop):
    ingest(shop, make_order())
    partial = make_order(later_by=5, lines=(make_line(2, quantity=3),), packages=(), problems=("line 1 has no id",))
    ingest(shop, partial)
    assert dict(OrderLine.objects.values_list("external_id", "quantity")) == {"line-1": 1, "line-2": 3}
    assert Package.objects.count() == 1


def test_it_removes_vanished_lines_and_packages_and_keeps_row_ids(shop):
    ingest(shop, make_order())
    kept = OrderLine.objects.get(external_id="line-2").pk
    ingest(shop, make_order(later_by=1, lines=(make_line(2, quantity=3), make_line(3)), packages=()))
    assert set(OrderLine.objects.values_list("external_id", flat=True)) == {"line-2", "line-3"}
    assert OrderLine.objects.get(external_id="line-2").pk == kept
    assert OrderLine.objects.get(external_id="line-2").quantity == 3
    assert Package.objects.count() == 0


def test_it_leaves_packages_alone_when_the_payload_does_not_speak_of_them(shop):
    ingest(shop, make_order())
    ingest(shop, make_order(later_by=1, packages=None))
    assert Package.objects.get().external_id == "package-1"


def test_it_never_touches_columns_of_other_writers(shop):
    ingest(shop, make_order())
    Package.objects.create(order=Order.objects.get(), external_id="found by enrichment", tracking_number="JT1")
    ingest(shop, make_order(later_by=1, packages=None))
    assert Package.objects.get(external_id="found by enrichment").tracking_number == "JT1"


def test_it_never_replaces_a_clear_recipient_by_a_masked_or_blank_one(shop):
    ingest(shop, make_order(recipient=Recipient(name="Sample Person", phone="0900", clarity=RecipientClarity.CLEAR)))
    ingest(shop, make_order(later_by=1, status=OrderStatus.IN_TRANSIT))
    ingest(shop, make_order(later_by=2, status=OrderStatus.DELIVERED, recipient=Recipient()))
    order = Order.objects.get()
    assert (order.recipient_name, order.recipient_phone, order.status) == ("Sample Person", "0900", "delivered")


def test_it_replaces_a_clear_recipient_by_another_clear_one(shop):
    ingest(shop, make_order(recipient=Recipient(name="Old", clarity=RecipientClarity.CLEAR)))
    ingest(shop, make_order(later_by=1, recipient=Recipient(name="New", clarity=RecipientClarity.CLEAR)))
    assert Order.objects.get().recipient_name == "New"


def test_it_stores_repeated_rows_of_one_batch_once_and_the_newest(shop):
    newer = make_order(later_by=1, total_amount=Decimal(2))
    assert counts(ingest(shop, newer, make_order(), newer)) == (1, 0, 0)
    assert Order.objects.get().total_amount == Decimal(2)


def test_it_stores_a_line_id_that_comes_twice_once(shop):
    ingest(shop, make_order(lines=(make_line(1), make_line(1, quantity=2))))
    ingest(shop, make_order(later_by=1, lines=(make_line(1), make_line(1, quantity=4))))
    assert OrderLine.objects.get().quantity == 4


def test_it_keeps_the_same_number_in_two_shops_apart(shop):
    from tests.factories.shops import ShopFactory

    other = ShopFactory()
    ingest(shop, make_order())
    assert counts(ingest(other, make_order())) == (1, 0, 0)
    assert Order.objects.count() == 2


def test_it_keeps_an_equal_payload_with_other_key_order_as_unchanged(shop):
    ingest(shop, make_order(payload={"id": "1", "a": {"x": 1, "y": 2}}))
    assert counts(ingest(shop, make_order(payload={"a": {"y": 2, "x": 1}, "id": "1"}))) == (0, 0, 1)


def test_it_stores_text_that_postgresql_cannot_hold_in_json(shop):
    ingest(shop, make_order(payload={"id": "1", "note": "a\x00b", "half": "\ud83d"}))
    assert OrderPayload.objects.get().payload == {"id": "1", "note": "ab", "half": ""}


@pytest.mark.django_db(transaction=True)
def test_it_writes_each_order_once_when_several_writers_come_at_once(shop):
    readings = [[make_order(f"order-{n}", later_by=writer) for n in range(60)] for writer in range(6)]
    outcomes, errors = [], []
    gate = threading.Barrier(len(readings))

    def write(records):
        try:
            gate.wait()
            outcomes.append(ingest(shop, *records))
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(records,)) for records in readings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Order.objects.count() == 60
    assert OrderLine.objects.count() == 120
    assert set(Order.objects.values_list("source_updated_at", flat=True)) == {UPDATED_AT + timedelta(seconds=5)}
    assert sum(outcome.inserted for outcome in outcomes) == 60
