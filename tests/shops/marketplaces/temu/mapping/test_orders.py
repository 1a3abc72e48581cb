"""Orders: which field is read from where, in which unit."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import OrderRecord, OrderStatus, RecipientClarity, UnreadableRecord
from shops.marketplaces.temu.mapping.orders import map_order
from tests.shops.marketplaces.temu.samples import order_row, result


def payload(at: int = 0, **parent: Any) -> dict[str, Any]:
    row = order_row(at)
    row["parentOrderMap"].update(parent)
    return {"order": row}


def mapped(whole: dict[str, Any]) -> OrderRecord:
    record = map_order(whole)
    assert isinstance(record, OrderRecord)
    return record


def with_amounts(**totals: Any) -> dict[str, Any]:
    amounts = result("order_amount")
    amounts["parentOrderMap"].update(totals)
    return {**payload(), "amounts": amounts}


def test_parent_order_is_the_order_and_child_order_the_line() -> None:
    record = mapped(payload())
    assert record.external_id == "PO-211-00000000000000001"
    assert [line.external_id for line in record.lines] == ["211-00000000000000011", "211-00000000000000012"]
    line = record.lines[1]
    assert (line.sku_external_id, line.product_external_id) == ("17600000000002", "601100000000002")
    assert (line.seller_sku, line.product_name, line.sku_name) == ("BOX-6-GR", "Storage box set", "6 pcs / grey")
    assert line.image_url == "https://img.example.invalid/goods/601100000000002_800x800.jpeg"
    assert line.raw_status == "2"
    assert record.recipient.region_code == "US"
    assert record.recipient.clarity is RecipientClarity.ABSENT


def test_times_are_unix_seconds() -> None:
    record = mapped(payload(3))
    assert record.source_created_at == datetime(2025, 12, 28, 5, 33, 20, tzinfo=UTC)
    west = timezone(timedelta(hours=-8))
    assert record.source_created_at == datetime(2025, 12, 27, 21, 33, 20, tzinfo=west)  # the day before, there
    assert record.source_updated_at == datetime.fromtimestamp(order_row(3)["parentOrderMap"]["updateTime"], UTC)
    assert record.shipped_at == datetime.fromtimestamp(1767000000, UTC)
    assert record.ship_by_at == datetime.fromtimestamp(1767159200, UTC)
    assert record.deliver_by_at == datetime.fromtimestamp(1768196000, UTC)


def test_milliseconds_are_no_seconds() -> None:
    record = mapped(payload(parentShippingTime=1767000000000))
    assert record.shipped_at is None
    assert record.problems == (
        "order.parentOrderMap.parentShippingTime is '1767000000000' instead of a time in seconds.",
    )


def test_a_line_counts_what_was_bought_and_keeps_what_must_be_sent() -> None:
    line = mapped(payload()).lines[1]
    assert line.quantity == 3
    assert (line.attributes["quantity"], line.attributes["canceledQuantityBeforeShipment"]) == (2, 1)
    whole = payload()
    whole["order"]["orderList"][1]["originalOrderQuantity"] = None
    assert mapped(whole).lines[1].quantity == 3


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (1, OrderStatus.ON_HOLD),
        (2, OrderStatus.AWAITING_SHIPMENT),
        (3, OrderStatus.CANCELLED),
        (4, OrderStatus.IN_TRANSIT),
        (41, OrderStatus.PARTIALLY_SHIPPED),
        ("5", OrderStatus.DELIVERED),
        (51, OrderStatus.IN_TRANSIT),
        (77, OrderStatus.UNKNOWN),
    ],
)
def test_status(number: object, status: OrderStatus) -> None:
    record = mapped(payload(parentOrderStatus=number))
    assert (record.status, record.raw_status, record.problems) == (status, str(number), ())


def test_amounts_are_whole_minor_units() -> None:
    record = mapped(with_amounts())
    assert record.currency == "USD"
    assert (record.total_amount, record.original_product_amount) == (Decimal("65.58"), Decimal("59.97"))
    assert (record.seller_discount_amount, record.platform_discount_amount) == (Decimal("1.00"), Decimal("0.50"))
    assert (record.shipping_amount, record.tax_amount) == (Decimal("2.99"), Decimal("4.12"))
    assert record.other_amounts == {
        "basePriceTotal": "52.98",
        "totalDiscount": "1.50",
        "refundsTotal": "0",
        "estimatedRevenueDeduction": "0",
        "estimatedRevenue": "55.97",
    }


def test_a_yen_has_no_minor_unit_and_a_dinar_has_three_digits() -> None:
    for currency, expected in (("JPY", Decimal(6558)), ("KWD", Decimal("6.558"))):
        whole: dict[str, Any] = {**payload(), "amounts": {"parentOrderMap": {}}}
        whole["amounts"]["parentOrderMap"]["customerPaid"] = {"currency": currency, "amount": 6558}
        assert (mapped(whole).total_amount, mapped(whole).currency) == (expected, currency)


def test_a_decimal_amount_is_no_minor_one() -> None:
    record = mapped(with_amounts(taxTotal={"currency": "USD", "amount": "4.12"}))
    assert record.tax_amount is None
    assert record.problems == (
        "amounts.parentOrderMap.taxTotal.amount is '4.12' instead of a whole amount in minor units.",
    )


def test_amounts_in_two_currencies_are_not_added_up() -> None:
    record = mapped(with_amounts(taxTotal={"currency": "CAD", "amount": 412}))
    assert (record.currency, record.tax_amount) == ("USD", None)
    assert record.problems == (
        "amounts.parentOrderMap.taxTotal.currency is 'CAD' instead of USD, as the amounts before.",
    )


def test_a_price_is_of_one_piece_after_its_share_of_the_discounts() -> None:
    lamp, boxes = mapped(with_amounts()).lines
    assert (lamp.original_price, lamp.price) == (Decimal("25.99"), Decimal("24.99"))
    assert (boxes.original_price, boxes.price) == (Decimal("11.33"), Decimal("11.1633"))
    assert (boxes.seller_discount_amount, boxes.platform_discount_amount) == (Decimal(0), Decimal("0.50"))


def test_an_order_whose_amounts_were_not_read_is_valid_without_them() -> None:
    record = mapped(payload())
    assert (record.total_amount, record.currency, record.lines[0].price, record.problems) == (None, "", None, ())


def test_amounts_of_another_line_are_no_reason_to_leave_a_line_without_any_in_silence() -> None:
    whole = with_amounts()
    whole["amounts"]["orderList"][1]["orderSn"] = "perhaps"
    record = mapped(whole)
    assert [line.original_price is None for line in record.lines] == [False, True]
    assert record.problems == ("There are no amounts of line 211-00000000000000012, but some of a line not listed.",)


def test_amounts_of_some_lines_only_or_of_more_lines_are_taken_as_they_are() -> None:
    fewer, more = with_amounts(), with_amounts()
    fewer["amounts"]["orderList"].pop()
    more["amounts"]["orderList"].append({"orderSn": "211-00000000000000099"})
    assert mapped(fewer).problems == mapped(more).problems == ()


def test_a_list_says_nothing_of_packages_and_a_detail_names_them_with_their_lines() -> None:
    assert mapped(payload()).packages is None
    record = mapped({**payload(2), "detail": result("order_detail_partial")})
    first, second = record.packages or ()
    assert (first.external_id, second.external_id) == ("PK-0000000000000000031", "PK-0000000000000000032")
    assert first.contents == ({"line": "211-00000000000000031"},)  # how many of it are in which is not told
    detail = result("order_detail_partial")
    detail["orderList"][0]["packageSnInfo"].pop()
    (only,) = mapped({**payload(2), "detail": detail}).packages or ()
    assert only.contents == ({"line": "211-00000000000000031", "quantity": 1},)


def test_goods_put_together_from_several_have_no_one_code() -> None:
    record = mapped({"order": result("order_list_eu_semi")["pageItems"][0]})
    assert record.lines[0].seller_sku == ""
    assert [each["extCode"] for each in record.lines[0].attributes["productList"]] == ["BOX-6-GR", "LABEL-12"]
    assert record.recipient.region_code == "DE"
    assert record.lines[0].product_name == "Aufbewahrungsbox-Set"


def test_cash_on_delivery_and_set_labels() -> None:
    record = mapped(payload(orderPaymentType="COD"))
    assert (record.is_cod, record.payment_method) == (True, "COD")
    assert record.attributes["parentOrderLabel"] == ["soon_to_be_overdue"]
    assert "parentOrderLabel" not in mapped(payload(1)).attributes


def test_lines_that_cannot_be_told_apart_are_left_out_with_words() -> None:
    whole = payload()
    whole["order"]["orderList"][1]["orderSn"] = "211-00000000000000011"
    assert mapped(whole).problems == (
        "order.orderList[1].orderSn 211-00000000000000011 appears twice: the second line is left out.",
    )
    whole["order"]["orderList"] = []
    assert mapped(whole).problems == ("The order has no line.",)


@pytest.mark.parametrize("broken", [None, [], "x", {}, {"order": None}, {"order": {"parentOrderMap": {}}}])
def test_what_has_no_number_is_no_order(broken: object) -> None:
    record = map_order(broken)
    assert isinstance(record, UnreadableRecord)
    assert record.payload is broken
    assert record.error
