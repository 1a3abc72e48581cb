"""Orders and their lines into records: units, zones, one line for each unit, and a status made of the lines'."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.lazada.mapping.orders import map_order
from shops.marketplaces.lazada.mapping.statuses import LINE_STATUSES, SEARCHABLE, order_status
from shops.marketplaces.records import OrderRecord, OrderStatus, PackageRecord, RecipientClarity, UnreadableRecord
from tests.shops.marketplaces.lazada.samples import orders


def mapped(number: int = 0, line: dict[str, Any] | None = None, **changes: Any) -> OrderRecord:
    """Map a sample with changes to the order, and to its first line; a change to None removes the key."""
    payload = orders()[number]
    payload["order"] = without_none(payload["order"] | changes)
    payload["items"][0] = without_none(payload["items"][0] | (line or {}))
    record = map_order(payload)
    assert isinstance(record, OrderRecord)
    return record


def without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def test_maps_a_whole_order() -> None:
    record = mapped()
    assert record.problems == ()
    assert (record.external_id, record.currency) == ("418530001000001", "THB")
    assert (record.status, record.raw_status) == (OrderStatus.DELIVERED, "delivered,returned")
    assert (record.payment_method, record.is_cod) == ("COD", True)
    assert (record.carrier_name, record.tracking_number) == ("LEX TH", "LEXTH0000000001")
    assert (record.warehouse_external_id, record.buyer_external_id) == ("dropshipping", "100000000002")
    assert record.attributes["items_count"] == 2
    assert record.cancel_reason == ""  # a return is no cancellation
    assert not mapped(1).is_cod


def test_times_are_text_with_an_offset() -> None:
    record = mapped(line={"sla_time_stamp": "2024-01-17T23:59:59+05:30", "payment_time": 1705291400000})
    assert record.source_created_at == datetime(2024, 1, 15, 4, 2, 19, tzinfo=UTC)  # 11:02:19 +0700
    assert record.source_updated_at == datetime(2024, 1, 20, 3, 9, 5, tzinfo=UTC)
    assert record.ship_by_at == datetime(2024, 1, 17, 16, 59, 59, tzinfo=UTC)  # the other line's is earlier
    assert record.paid_at == datetime(2024, 1, 15, 4, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "told", ["2024-01-15 23:30:00", "soon", "1999-01-01T00:00:00Z", "2150-01-01 00:00:00 +0700", 7]
)
def test_a_time_without_an_offset_or_out_of_this_century_is_no_time(told: Any) -> None:
    record = mapped(updated_at=told)
    assert record.source_updated_at is None
    assert any("updated_at" in problem for problem in record.problems)


@pytest.mark.parametrize("told", ["2024-01-15T23:30:00+07:00", "2024-01-15 16:30:00 +0000", "2024-01-15T16:30:00Z"])
def test_the_same_moment_in_every_form(told: str) -> None:
    assert mapped(updated_at=told).source_updated_at == datetime(2024, 1, 15, 16, 30, tzinfo=UTC)


def test_what_the_buyer_pays_is_goods_less_vouchers_with_shipping() -> None:
    record = mapped(price="1,5", voucher=9)
    assert (record.total_amount, record.subtotal_amount, record.original_product_amount) == (None, None, None)
    assert not record.is_valid
    record = mapped(price="159.00", voucher=20.5, voucher_seller="15.50", voucher_platform=5, shipping_fee=30.0)
    assert record.original_product_amount == Decimal("159.00")
    assert (record.subtotal_amount, record.total_amount) == (Decimal("138.5"), Decimal("168.5"))
    assert (record.seller_discount_amount, record.platform_discount_amount) == (Decimal("15.5"), Decimal(5))
    assert (record.shipping_amount, record.original_shipping_amount) == (Decimal(30), Decimal(30))
    assert record.other_amounts["voucher"] == "20.5"


@pytest.mark.parametrize("missing", ["price", "voucher", "shipping_fee"])
def test_without_one_of_its_parts_the_total_is_not_known(missing: str) -> None:
    changes: dict[str, Any] = {missing: None}
    record = mapped(**changes)
    assert record.total_amount is None
    assert record.problems == (f"order.{missing} is missing.",)


def test_one_line_for_each_unit() -> None:
    first, second = mapped().lines
    assert (first.external_id, first.quantity, first.raw_status) == ("418530001100001", 1, "delivered")
    assert (first.sku_external_id, first.seller_sku, first.sku_name) == ("7724000001", "MUG-BLU", "Colour:Blue")
    assert first.product_external_id == "2293000000"  # the beginning of its shop_sku
    assert mapped(line={"product_id": 7}).lines[0].product_external_id == "7"
    assert mapped(line={"shop_sku": "mug"}).lines[0].product_external_id == ""
    assert (first.original_price, first.price, first.currency) == (Decimal(129), Decimal(129), "THB")
    assert (first.product_name, second.product_name) == ("Demo mug", "Demo coaster")
    assert first.attributes["shop_sku"] == "2293000000_TH-7724000001"
    assert "package_id" not in first.attributes


def test_numbers_may_be_text_and_text_numbers() -> None:
    record = mapped(line={"order_item_id": "418530001100001", "sku_id": 7724000001, "paid_price": "129.00"})
    assert (record.problems, record.lines[0].sku_external_id) == ((), "7724000001")
    assert record.lines[0].price == Decimal("129.00")


def test_taxes_of_the_lines_are_added_up_if_all_are_told() -> None:
    assert mapped(line={"tax_amount": 1.25}).tax_amount == Decimal("1.25")
    assert mapped(line={"tax_amount": None}).tax_amount is None


def test_a_parcel_holds_its_lines() -> None:
    contents = ({"line": "418530001100001", "quantity": 1}, {"line": "418530001200001", "quantity": 1})
    assert mapped().packages == (PackageRecord("FP010000000000001", "", "LEXTH0000000001", "LEX TH", "", contents),)
    assert mapped(1).packages == ()
    payload = orders()[1]
    del payload["items"][0]["package_id"]
    assert getattr(map_order(payload), "packages", ()) is None  # nothing is said of packages


def test_a_cancellation_tells_reason_and_who() -> None:
    told = {"status": "canceled", "reason": "Change of mind", "reason_detail": "too late"}
    record = mapped(1, line=told | {"cancel_return_initiator": "cancellation-customer"})
    assert (record.status, record.cancel_reason) == (OrderStatus.CANCELLED, "Change of mind: too late")
    assert record.cancelled_by == "cancellation-customer"
    assert mapped(1, line=told).cancelled_by == ""  # "null-null"


def test_people_are_masked_and_kept_with_the_recipient() -> None:
    recipient = mapped().recipient
    assert recipient.clarity is RecipientClarity.MASKED
    assert (recipient.name, recipient.region_code, recipient.postal_code) == ("D*** U***", "TH", "10000")
    assert recipient.details["customer_first_name"]
    assert "address_billing" not in mapped().attributes
    address = {"first_name": "Somchai", "last_name": "J", "phone": "661", "country": "Nowhere", "address1": "1 Rd"}
    clear = mapped(address_shipping=address).recipient
    assert (clear.name, clear.region_code, clear.clarity) == ("Somchai J", "", RecipientClarity.CLEAR)
    assert mapped(address_shipping=None).recipient.clarity is RecipientClarity.ABSENT


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("pending",), OrderStatus.AWAITING_SHIPMENT),
        (("pending", "packed"), OrderStatus.AWAITING_SHIPMENT),
        (("pending", "unpaid"), OrderStatus.UNPAID),
        (("packed", "ready_to_ship"), OrderStatus.AWAITING_SHIPMENT),
        (("ready_to_ship", "shipped"), OrderStatus.PARTIALLY_SHIPPED),
        (("pending", "delivered"), OrderStatus.PARTIALLY_SHIPPED),
        (("shipped", "delivered"), OrderStatus.IN_TRANSIT),
        (("delivered", "returned"), OrderStatus.DELIVERED),
        (("returned",), OrderStatus.COMPLETED),
        (("canceled", "shipped"), OrderStatus.IN_TRANSIT),
        (("canceled",), OrderStatus.CANCELLED),
        (("canceled", "lost_by_3pl"), OrderStatus.CANCELLED),
        (("shipped", "teleported"), OrderStatus.UNKNOWN),
        ((), OrderStatus.UNKNOWN),
    ],
)
def test_an_orders_status_is_made_of_its_lines(words: Iterable[str], expected: OrderStatus) -> None:
    assert order_status(set(words)) is expected


def test_a_status_is_searched_for_by_words_that_mean_it() -> None:
    for status, words in SEARCHABLE.items():
        assert {LINE_STATUSES[word] for word in words} == {status}


def test_an_unknown_word_is_kept_and_no_problem() -> None:
    record = mapped(1, line={"status": "teleported"})
    assert (record.status, record.raw_status, record.problems) == (OrderStatus.UNKNOWN, "teleported", ())


@pytest.mark.parametrize("items", [None, [], "x", [7], [{"status": "pending"}]])
def test_without_lines_the_order_tells_its_states_and_is_not_valid(items: Any) -> None:
    record = map_order(orders()[0] | {"items": items})
    assert isinstance(record, OrderRecord)
    assert (record.status, record.raw_status) == (OrderStatus.DELIVERED, "delivered,returned")
    assert not record.is_valid
    joined = orders()[0]
    joined["order"]["statuses"] = "delivered, returned"
    assert getattr(map_order(joined | {"items": []}), "raw_status", "") == "delivered,returned"


def test_lines_that_appear_twice_or_in_two_currencies_are_problems() -> None:
    payload = orders()[0]
    payload["items"][1]["order_item_id"] = payload["items"][0]["order_item_id"]
    twice = map_order(payload)
    assert isinstance(twice, OrderRecord)
    assert (len(twice.lines), len(twice.problems)) == (1, 1)
    mixed = mapped(line={"currency": "SGD"})
    assert (mixed.currency, len(mixed.problems)) == ("", 1)


@pytest.mark.parametrize("order_id", [None, "", [], "x" * 65, 1.5])
def test_without_an_id_it_is_no_record(order_id: Any) -> None:
    payload = orders()[0]
    payload["order"]["order_id"] = order_id
    record = map_order(payload)
    assert isinstance(record, UnreadableRecord)
    assert record.payload is payload
