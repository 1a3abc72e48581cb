"""Orders look as TikTok's do: sums add up to the last unit, fields that do not apply are absent, people are hidden."""

from collections import Counter
from decimal import Decimal

import pytest

from shops.sandbox.dataset import CHILD_STEP
from shops.sandbox.server import start
from tests.shops.sandbox.calling import Client, control
from tests.shops.sandbox.conftest import EPOCH

PAST_UNPAID = ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED")
UNPAID_REASONS = ("Khách hàng quá hạn thanh toán", "Customer overdue to pay")
TRACKED = ("AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED")


@pytest.fixture(scope="module")
def worlds():
    """A few hundred orders of each of the first three regions."""
    with start(port=0, seed=5, orders=1500, shops=3, now=EPOCH) as started:
        control(started.control_url, "POST", "/clock", {"mode": "frozen"})
        world = control(started.control_url, "GET", "/world").json
        shops = {}
        for number in range(3):
            client = Client(world, number)
            shops[client.shop["region"]] = client.orders()
        yield shops


@pytest.fixture(scope="module")
def orders(worlds):
    return [order for shop in worlds.values() for order in shop]


def test_every_status_and_shape_occurs(orders):
    statuses = Counter(order["status"] for order in orders)
    assert set(statuses) == {*PAST_UNPAID, "UNPAID", "ON_HOLD", "CANCELLED"}
    assert {order.get("cancellation_initiator") for order in orders} == {None, "BUYER", "SELLER", "SYSTEM"}
    assert {order.get("split_or_combine_tag") for order in orders} == {None, "SPLIT", "COMBINED"}
    assert {order.get("is_buyer_request_cancel") for order in orders} == {None, True, False}
    assert {len(order["line_items"]) for order in orders} == {1, 2, 3, 4, 5}
    lines = [line for order in orders for line in order["line_items"]]
    assert any(line["seller_sku"] == "" for line in lines)
    assert any(line["is_gift"] for line in lines)
    assert any("combined_listing_skus" in line for line in lines)
    assert any(max(Counter(line["sku_id"] for line in order["line_items"]).values()) >= 3 for order in orders)


def test_no_field_is_null_and_money_and_ids_are_text(orders):
    for order in orders:
        assert None not in order.values()
        assert all(isinstance(value, str) for value in order["payment"].values())
        assert order["id"].isdigit() and 18 <= len(order["id"]) <= 19
        assert order["create_time"] <= order["update_time"] <= EPOCH


def test_line_sums_hold(orders):
    for order in orders:
        payment, lines = order["payment"], order["line_items"]
        for line in lines:
            discounts = Decimal(line["seller_discount"]) + Decimal(line["platform_discount"])
            assert Decimal(line["sale_price"]) == Decimal(line["original_price"]) - discounts >= 0
            assert "quantity" not in line and line["currency"] == payment["currency"]
            assert line["gift_retail_price"] == (line["original_price"] if line["is_gift"] else "0")
        for name, part in (
            ("original_total_product_price", "original_price"),
            ("seller_discount", "seller_discount"),
            ("platform_discount", "platform_discount"),
            ("sub_total", "sale_price"),
        ):
            assert Decimal(payment[name]) == sum(Decimal(line[part]) for line in lines)


def test_totals_hold(worlds):
    for region, orders in worlds.items():
        for order in orders:
            payment = {name: Decimal(value) for name, value in order["payment"].items() if name != "currency"}
            discounts = payment["shipping_fee_seller_discount"] + payment["shipping_fee_platform_discount"]
            assert payment["shipping_fee"] == payment["original_shipping_fee"] - discounts >= 0
            expected = payment["sub_total"] + payment["shipping_fee"]
            if region == "VN":
                assert payment["product_tax"] == payment["sub_total"] // 11
            if region == "US":
                taxes = [Decimal(line["item_tax"][0]["tax_amount"]) for line in order["line_items"]]
                assert payment["product_tax"] == sum(taxes)
                expected += payment["tax"] + payment.get("retail_delivery_fee", 0)
            if region == "ID":
                expected += payment.get("buyer_service_fee", 0) + payment.get("handling_fee", 0)
            assert payment["total_amount"] == expected


def test_currencies_without_decimals_have_none(worlds):
    for region, decimals in (("VN", False), ("ID", False), ("US", True)):
        for order in worlds[region]:
            total = order["payment"]["total_amount"]
            assert ("." in total) is decimals
            assert not decimals or len(total.partition(".")[2]) == 2
    assert any("retail_delivery_fee" in order["payment"] for order in worlds["US"])


def test_line_and_parcel_numbers(orders):
    seen = set()
    for order in orders:
        numbers = [int(line["id"]) for line in order["line_items"]]
        assert numbers == [int(order["id"]) + CHILD_STEP * at for at in range(1, len(numbers) + 1)]
        seen.update(numbers)
        parcels = [line.get("package_id") for line in order["line_items"]]
        assert [package["id"] for package in order["packages"]] == [one for one in dict.fromkeys(parcels) if one]
        assert bool(order["packages"]) or order["status"] in ("UNPAID", "ON_HOLD", "CANCELLED")
        assert not order["packages"] or order["status"] not in ("UNPAID", "ON_HOLD")
    assert len(seen) == sum(len(order["line_items"]) for order in orders)


def test_parcels_are_split_and_shared(orders):
    assert any(len(order["packages"]) == 2 for order in orders)
    shared = Counter(package["id"] for order in orders for package in order["packages"])
    combined = [order for order in orders if any(shared[package["id"]] > 1 for package in order["packages"])]
    assert combined
    for order in combined:
        twins = [one for one in combined if one["packages"][0] == order["packages"][0]]
        assert len({one["user_id"] for one in twins}) == 1
    partly = [order for order in orders if order["status"] == "PARTIALLY_SHIPPING"]
    for order in partly:
        assert {line["display_status"] for line in order["line_items"]} == {"AWAITING_COLLECTION", "AWAITING_SHIPMENT"}


def test_times_come_with_their_status(orders):
    for order in orders:
        status = order["status"]
        never_paid = order["is_cod"] or status == "UNPAID" or order.get("cancel_reason") in UNPAID_REASONS
        assert ("paid_time" in order) is not never_paid
        assert ("rts_time" in order) is bool(order["tracking_number"]) or status == "PARTIALLY_SHIPPING"
        assert status not in TRACKED or order["tracking_number"]
        assert ("cancel_time" in order) is (status == "CANCELLED") is ("cancel_reason" in order)
        assert status != "COMPLETED" or order["delivery_time"] > order["collection_time"] > order["rts_time"]
        if status == "AWAITING_SHIPMENT" and not order["is_cod"]:
            released = order["paid_time"] + 3600
            assert order["rts_sla_time"] - released in (6 * 3600, 86_400, 2 * 86_400)


def test_most_orders_have_days_to_be_shipped_and_a_few_are_late(orders):
    left = [order["rts_sla_time"] - EPOCH for order in orders if order["status"] == "AWAITING_SHIPMENT"]
    assert 0 < sum(seconds < 0 for seconds in left) < sum(0 <= seconds < 86_400 for seconds in left) < len(left) / 2


def test_recipients_are_absent_blank_masked_or_plain(orders):
    for order in orders:
        recipient = order.get("recipient_address")
        if order["status"] == "UNPAID":
            assert recipient is None
        elif order["status"] == "ON_HOLD":
            assert recipient["name"] == recipient["phone_number"] == "" and "district_info" not in recipient
        elif order["status"] in PAST_UNPAID:
            assert ("*" in recipient["phone_number"]) is (order["shipping_type"] == "TIKTOK")
            assert ("*" in recipient["name"]) is (order["shipping_type"] == "TIKTOK")
            assert [one["address_level"] for one in recipient["district_info"]][:3] == ["L0", "L1", "L2"]


def test_the_us_has_no_cash_and_vietnam_has_its_letters(worlds):
    assert not any(order["is_cod"] for order in worlds["US"])
    cash = [order for order in worlds["VN"] if order["is_cod"]]
    assert cash and not any("paid_time" in order for order in cash)
    assert any("Áo thun cotton cổ tròn" in line["product_name"] for order in cash for line in order["line_items"])


def test_old_orders_have_lost_their_recipient():
    with start(port=0, orders=60, shops=1, now=EPOCH, days=200) as started:
        control(started.control_url, "POST", "/clock", {"mode": "frozen"})
        for order in Client(control(started.control_url, "GET", "/world").json).orders():
            if EPOCH - order["create_time"] > 90 * 86_400:
                assert not order.get("recipient_address", {}).get("name")


def test_the_newer_detail_version_has_more_fields(client):
    order_id = client.orders()[0]["id"]
    old = client.detail(order_id).json["data"]["orders"][0]
    new = client.detail(order_id, "202507").json["data"]["orders"][0]
    assert set(new) - set(old) == {"buyer_nickname", "is_exchange_order", "seller_note"}
    assert {name: new[name] for name in old} == old
