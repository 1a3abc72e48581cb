"""Order payloads into records: nothing lost, nothing guessed, nothing raised."""

import copy
import dataclasses
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shops.marketplaces.records import (
    OrderRecord,
    OrderStatus,
    PackageRecord,
    Recipient,
    RecipientClarity,
    UnreadableRecord,
)
from shops.marketplaces.tiktok.mapping import order_fields
from shops.marketplaces.tiktok.mapping.orders import map_order
from tests.shops.marketplaces import payloads

FILES = ("order_search_vn", "order_detail_us_202507", "order_detail_vn_202309", "order_detail_vn_cancelled_old_no_pii")
SAMPLES = [order for name in FILES for order in payloads.load(f"tiktok/{name}")["data"]["orders"]]


def mapped(payload: Any) -> OrderRecord:
    record = map_order(payload)
    assert isinstance(record, OrderRecord)
    return record


def order(**changes: Any) -> dict[str, Any]:
    """A masked Vietnamese order with three lines in one package; a change to None removes the key."""
    payload = copy.deepcopy(SAMPLES[0]) | changes
    return {key: value for key, value in payload.items() if value is not None}


def utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def leaves(value: Any) -> set[Any]:
    """Everything that is told inside a value; amounts and times in a form that does not depend on who tells it."""
    if isinstance(value, dict | list | tuple):
        return {leaf for item in (value.values() if isinstance(value, dict) else value) for leaf in leaves(item)}
    if isinstance(value, datetime):
        return {Decimal(int(value.timestamp()))}
    return {Decimal(value)} if re.fullmatch(r"\d+(\.\d+)?", str(value)) else {value}


@pytest.mark.parametrize("payload", SAMPLES, ids=lambda payload: payload["id"])
def test_no_value_of_a_sample_is_lost(payload: dict[str, Any]) -> None:
    record = mapped(payload)
    assert leaves(payload) - leaves(dataclasses.asdict(dataclasses.replace(record, payload={}))) <= {""}
    assert record.problems == ()


def test_maps_a_whole_order() -> None:
    record = mapped(SAMPLES[0])
    assert (record.status, record.raw_status) == (OrderStatus.AWAITING_SHIPMENT, "AWAITING_SHIPMENT")
    assert (record.source_created_at, record.source_updated_at) == (utc(1785571200), utc(1785571630))
    assert (record.currency, record.total_amount, record.subtotal_amount) == ("VND", Decimal(440000), Decimal(440000))
    assert (record.original_product_amount, record.original_shipping_amount) == (Decimal(516000), Decimal(30000))
    assert (record.seller_discount_amount, record.platform_discount_amount) == (Decimal(60000), Decimal(16000))
    assert (record.shipping_amount, record.tax_amount) == (Decimal(0), Decimal(40000))
    assert record.other_amounts["shipping_fee_platform_discount"] == "30000"
    assert (record.is_cod, record.payment_method) == (True, "Cash on delivery")
    assert (record.buyer_external_id, record.buyer_message) == ("7494000000000000001", "Giao giờ hành chính giúp mình")
    assert (record.carrier_name, record.warehouse_external_id) == ("J&T Express", "7272000000000000726")
    assert record.paid_at == utc(1785571260)
    assert record.attributes["shipping_type"] == "TIKTOK"
    assert record.payload is SAMPLES[0]


def test_limits_are_those_after_which_a_seller_is_late() -> None:
    record = mapped(SAMPLES[2])
    assert record.ship_by_at == utc(1785715199)  # rts_sla_time
    assert record.collect_by_at == utc(1785801599)  # tts_sla_time
    assert record.deliver_by_at == utc(1787270399)  # delivery_due_time
    assert record.attributes["shipping_due_time"] == 1785888000
    assert (record.shipped_at, record.collected_at) == (utc(1785560400), utc(1785600000))


def test_a_cancelled_order_says_by_whom_and_why() -> None:
    record = mapped(SAMPLES[1])
    assert (record.status, record.cancelled_by) == (OrderStatus.CANCELLED, "BUYER")
    assert (record.cancel_reason, record.cancelled_at) == ("Không còn nhu cầu mua", utc(1783090000))


def test_one_line_for_each_unit() -> None:
    lines = mapped(SAMPLES[0]).lines
    assert [line.quantity for line in lines] == [1, 1, 1]
    assert [line.external_id for line in lines] == [item["id"] for item in SAMPLES[0]["line_items"]]
    first = lines[0]
    assert (first.sku_external_id, first.product_external_id) == ("1729000000000000201", "1729000000000000101")
    assert (first.seller_sku, first.product_name, first.sku_name) == ("AT-DEN-M", "Áo thun cotton cổ tròn", "Đen, M")
    assert (first.original_price, first.price, first.currency) == (Decimal(172000), Decimal(146667), "VND")
    assert (first.seller_discount_amount, first.platform_discount_amount) == (Decimal(20000), Decimal(5333))
    assert (first.raw_status, first.is_gift, first.tax_amount) == ("AWAITING_SHIPMENT", False, None)
    assert first.attributes == {"sku_type": "NORMAL", "gift_retail_price": "0"}


def test_taxes_of_a_line_are_added_up_and_kept() -> None:
    line = mapped(SAMPLES[2]).lines[0]
    assert line.tax_amount == Decimal("3.13")
    assert line.attributes["item_tax"][0]["tax_type"] == "SALES_TAX"


def test_a_package_knows_its_lines_carrier_and_tracking_number() -> None:
    payload = order()
    payload["line_items"][1] |= {"package_id": "77", "tracking_number": "T7", "package_status": "PROCESSING"}
    payload["packages"].append({"id": "88"})
    first, empty, split = mapped(payload).packages or ()
    ids = [item["id"] for item in payload["line_items"]]
    assert first.contents == ({"line": ids[0], "quantity": 1}, {"line": ids[2], "quantity": 1})
    assert (first.carrier_name, first.carrier_external_id) == ("J&T Express", "6841743441349706241")
    assert (first.raw_status, first.tracking_number) == ("TO_FULFILL", "")
    assert (split.external_id, split.tracking_number, split.raw_status) == ("77", "T7", "PROCESSING")
    assert empty == PackageRecord("88")


def test_an_order_that_does_not_speak_of_packages_leaves_them_alone() -> None:
    payload = order(packages=None)
    for item in payload["line_items"]:
        del item["package_id"]
    record = mapped(payload)
    assert record.packages is None
    assert record.lines[0].attributes["package_status"] == "TO_FULFILL"
    assert mapped(payload | {"packages": []}).packages == ()


@pytest.mark.parametrize(
    ("changes", "clarity"),
    [
        ({}, RecipientClarity.MASKED),
        ({"name": "Nguyễn Văn A", "phone_number": "0901234512", "full_address": "1 Lê Lợi"}, RecipientClarity.MASKED),
        (
            {"name": "Nguyễn Văn A", "phone_number": "0901234512", "full_address": "1 Lê Lợi"}
            | {"address_detail": "1 Lê Lợi", "address_line1": ""},
            RecipientClarity.CLEAR,
        ),
    ],
)
def test_an_asterisk_anywhere_means_masked(changes: dict[str, str], clarity: RecipientClarity) -> None:
    payload = order()
    payload["recipient_address"] |= changes
    assert mapped(payload).recipient.clarity is clarity


def test_a_blank_or_missing_recipient_is_absent() -> None:
    assert mapped(SAMPLES[1]).recipient == Recipient()
    assert mapped(order(recipient_address=None)).recipient == Recipient()
    assert mapped(order(recipient_address={"name": "  ", "region_code": "VN"})).recipient.clarity == 0


def test_parts_of_the_address_without_a_field_are_kept() -> None:
    recipient = mapped(SAMPLES[2]).recipient
    assert (recipient.name, recipient.region_code, recipient.postal_code) == ("Sample Person", "US", "00000")
    assert recipient.details["delivery_preferences"] == {"drop_off_location": "Front Door"}
    assert recipient.details["district_info"][1]["iso_code"] == "CA"


@pytest.mark.parametrize(("word", "status"), order_fields.STATUSES.items())
def test_knows_every_status(word: str, status: OrderStatus) -> None:
    assert mapped(order(status=word)).status is status


def test_an_unknown_status_is_valid_and_keeps_its_word() -> None:
    record = mapped(order(status="TELEPORTING"))
    assert (record.status, record.raw_status, record.problems) == (OrderStatus.UNKNOWN, "TELEPORTING", ())


def test_a_wish_to_cancel_is_no_status() -> None:
    record = mapped(order(is_buyer_request_cancel=True, request_cancel_time=1785571300))
    assert record.status is OrderStatus.AWAITING_SHIPMENT
    assert record.attributes["is_buyer_request_cancel"] is True
    assert record.cancel_requested_at == utc(1785571300)


def test_new_keys_are_kept_and_new_payment_keys_are_not_taken_for_amounts() -> None:
    payload = order(new_key={"a": 1})
    payload["payment"]["payment_auth_code"] = "123456"
    record = mapped(payload)
    assert record.attributes["new_key"] == {"a": 1}
    assert record.attributes["payment"] == {"payment_auth_code": "123456"}


@pytest.mark.parametrize("key", ["status", "create_time", "update_time", "line_items"])
@pytest.mark.parametrize("value", [None, "", [], {}, 1.5, "\0"])
def test_a_required_value_that_cannot_be_read_is_one_problem(key: str, value: Any) -> None:
    problems = mapped(order(**{key: value})).problems
    assert len(problems) == 1
    assert problems[0].startswith(key)


@pytest.mark.parametrize("key", ["currency", "total_amount"])
@pytest.mark.parametrize("value", ["", None, [], "1,5", "-"])
def test_a_required_part_of_the_payment_that_cannot_be_read_is_one_problem(key: str, value: Any) -> None:
    payload = order()
    payload["payment"][key] = value
    problems = mapped(payload).problems
    assert len(problems) == 1
    assert problems[0].startswith(f"payment.{key} is ")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("paid_time", 1785571260000, "paid_time is '1785571260000' instead of a time in Unix seconds."),
        ("buyer_message", ["x"], "buyer_message is a list instead of a text."),
        ("warehouse_id", "9" * 65, f"warehouse_id is '{'9' * 40}...' instead of an id."),
        ("is_cod", "perhaps", "is_cod is 'perhaps' instead of true or false."),
        ("recipient_address", "x", "recipient_address is 'x' instead of an object."),
        ("packages", {"id": 1}, "packages is an object instead of a list."),
        ("packages", [{}], "packages[0].id is missing or cannot be read: the package is left out."),
        ("payment", 7, "payment.currency is missing."),
    ],
)
def test_a_value_that_is_there_but_cannot_be_read_is_a_problem(key: str, value: Any, problem: str) -> None:
    assert problem in mapped(order(**{key: value})).problems


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"id": ""}, "line_items[1].id is missing or cannot be read: the line is left out."),
        (
            {"id": "584000000000065537"},
            "line_items[1].id 584000000000065537 appears twice: the second line is left out.",
        ),
        ({"sale_price": "-"}, "line_items[1].sale_price is '-' instead of an amount."),
        ({"package_id": {}}, "line_items[1].package_id is an object instead of an id."),
        ({"item_tax": [{"tax_amount": "x"}]}, "line_items[1].item_tax cannot be read as a list of amounts."),
    ],
)
def test_a_bad_line_is_a_problem_and_the_others_stay(changes: dict[str, Any], problem: str) -> None:
    payload = order()
    payload["line_items"][1] |= changes
    record = mapped(payload)
    assert record.problems == (problem,)
    assert len(record.lines) == (2 if "left out" in problem else 3)


def test_a_time_of_zero_has_not_come() -> None:
    record = mapped(order(paid_time=0, cancel_time="0", delivery_time=""))
    assert (record.paid_at, record.problems) == (None, ("cancel_time is '0' instead of a time in Unix seconds.",))


def test_many_problems_are_told_in_short() -> None:
    problems = mapped(order(line_items=[{}] * 1000)).problems
    assert len(problems) == 21
    assert problems[-1] == "And 980 more."


@pytest.mark.parametrize("payload", [None, [], "x", 7, {}, {"id": None}, {"id": {}}, {"id": "x" * 65}, {"id": True}])
def test_without_an_id_there_is_no_record(payload: Any) -> None:
    record = map_order(payload)
    assert isinstance(record, UnreadableRecord)
    assert record.payload is payload
    assert record.error.endswith(".")


def test_deep_garbage_does_not_raise() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    for key in SAMPLES[0]:
        map_order(order() | {key: deep})


GARBAGE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["0", "*", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a payload with every key or index in it."""
    if not isinstance(value, dict | list):
        return []
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    return [(value, key) for key, _ in inner] + [place for _, item in inner for place in places(item)]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_samples_never_raise_and_stay_storable(data: st.DataObject) -> None:
    payload = copy.deepcopy(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 6))):
        container, key = data.draw(st.sampled_from(places(payload)))
        container[key] = data.draw(GARBAGE)
    record = map_order(payload)
    if isinstance(record, OrderRecord):
        assert 0 < len(record.external_id) <= 64
        assert all("\0" not in text and text.encode() for text in record.problems)
        for line in record.lines:
            assert line.price is None or abs(line.price) < 10**14


PLACES = {
    "raw_status": "status",
    "buyer_external_id": "user_id",
    "buyer_email": "buyer_email",
    "buyer_message": "buyer_message",
    "seller_note": "seller_note",
    "payment_method": "payment_method_name",
    "carrier_name": "shipping_provider",
    "tracking_number": "tracking_number",
    "warehouse_external_id": "warehouse_id",
    "cancel_reason": "cancel_reason",
    "cancelled_by": "cancellation_initiator",
}
TIMES = {
    "source_created_at": "create_time",
    "source_updated_at": "update_time",
    "paid_at": "paid_time",
    "shipped_at": "rts_time",
    "collected_at": "collection_time",
    "delivered_at": "delivery_time",
    "cancelled_at": "cancel_time",
    "cancel_requested_at": "request_cancel_time",
    "ship_by_at": "rts_sla_time",
    "collect_by_at": "tts_sla_time",
    "deliver_by_at": "delivery_due_time",
}


def test_every_key_ends_in_its_own_field() -> None:
    # Records are built by position; a key in the wrong row of a table would end in a neighbour's field.
    texts = {key: f"the {key}" for key in PLACES.values()}
    times = {key: 1785571200 + place for place, key in enumerate(TIMES.values())}
    record = mapped(order(**texts, **times))
    assert {name: getattr(record, name) for name in PLACES} == {name: f"the {key}" for name, key in PLACES.items()}
    assert {name: getattr(record, name) for name in TIMES} == {name: utc(times[key]) for name, key in TIMES.items()}


def test_every_key_of_line_package_and_recipient_ends_in_its_own_field() -> None:
    payload = order()
    for key in ("sku_id", "product_id", "seller_sku", "product_name", "sku_name", "sku_image", "display_status"):
        payload["line_items"][0][key] = key
    for key in ("package_status", "tracking_number", "shipping_provider_name", "shipping_provider_id"):
        payload["line_items"][0][key] = key
    for key in ("name", "phone_number", "region_code", "postal_code", "full_address"):
        payload["recipient_address"][key] = key
    record = mapped(payload)
    line, package, recipient = record.lines[0], (record.packages or ())[0], record.recipient
    assert (line.sku_external_id, line.product_external_id, line.seller_sku) == ("sku_id", "product_id", "seller_sku")
    assert (line.product_name, line.sku_name, line.image_url) == ("product_name", "sku_name", "sku_image")
    assert line.raw_status == "display_status"
    assert (package.raw_status, package.tracking_number) == ("package_status", "tracking_number")
    assert (package.carrier_name, package.carrier_external_id) == ("shipping_provider_name", "shipping_provider_id")
    assert (recipient.name, recipient.phone, recipient.region_code) == ("name", "phone_number", "region_code")
    assert (recipient.postal_code, recipient.full_address) == ("postal_code", "full_address")
