"""Order details into records: what goes where, in which unit, and what is a problem."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import OrderRecord, OrderStatus, RecipientClarity, UnreadableRecord
from shops.marketplaces.shopee.mapping.order_fields import STATUSES
from shops.marketplaces.shopee.mapping.orders import map_order
from tests.shops.marketplaces.shopee.samples import response


def order(**changes: Any) -> dict[str, Any]:
    """A completed order of two mugs in one package; a change to None removes the key."""
    found: dict[str, Any] = response("order_detail")["order_list"][0] | changes
    return {key: value for key, value in found.items() if value is not None}


def mapped(payload: dict[str, Any]) -> OrderRecord:
    record = map_order(payload)
    assert isinstance(record, OrderRecord)
    return record


def utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_maps_a_whole_order() -> None:
    payload = order()
    record = mapped(payload)
    assert (record.external_id, record.payload) == ("240115AB3CD4EF", payload)
    assert (record.status, record.raw_status) == (OrderStatus.COMPLETED, "COMPLETED")
    assert (record.source_created_at, record.source_updated_at) == (utc(1705300000), utc(1705850000))
    assert (record.currency, record.total_amount) == ("SGD", Decimal("39.79"))
    assert (record.subtotal_amount, record.shipping_amount, record.tax_amount) == (None, None, None)
    assert (record.is_cod, record.buyer_external_id) == (False, "900000001")
    assert (record.payment_method, record.carrier_name) == ("Credit Card/Debit Card", "SPX Express")
    assert (record.paid_at, record.collected_at) == (utc(1705300200), utc(1705400000))
    assert record.ship_by_at == utc(1705480000)
    assert record.attributes["fulfillment_flag"] == "fulfilled_by_local_seller"
    assert record.problems == ()


def test_prices_are_per_unit_and_in_major_units() -> None:
    (line,) = mapped(order()).lines
    assert (line.quantity, line.original_price, line.price) == (2, Decimal("25.9"), Decimal("19.9"))
    assert (line.currency, line.external_id) == ("SGD", "28000000001")
    assert (line.product_external_id, line.sku_external_id) == ("28000000001", "158000000001")
    assert (line.seller_sku, line.product_name, line.sku_name) == ("MUG-350-BLU", "Demo ceramic mug 350ml", "Blue")
    assert line.image_url == "https://cf.example.test/file/sg-111-abc_tn"
    assert line.attributes["promotion_type"] == "product_promotion"


def test_fees_of_zero_are_not_known_yet() -> None:
    assert mapped(order()).other_amounts == {"estimated_shipping_fee": "1.99", "actual_shipping_fee": "3.49"}
    assert mapped(order(actual_shipping_fee=0)).other_amounts == {"estimated_shipping_fee": "1.99"}


def test_before_the_payment_neither_total_nor_time_is_told() -> None:
    record = mapped(order(order_status="UNPAID", total_amount=None, pay_time=None, pickup_done_time=0))
    assert (record.total_amount, record.paid_at, record.collected_at, record.problems) == (None, None, None, ())


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
def test_every_documented_status_is_known(word: str, status: OrderStatus) -> None:
    record = mapped(order(order_status=word))
    assert (record.status, record.raw_status, record.problems) == (status, word, ())


def test_a_new_status_stays_as_it_is() -> None:
    record = mapped(order(order_status="ON_THE_MOON"))
    assert (record.status, record.raw_status, record.problems) == (OrderStatus.UNKNOWN, "ON_THE_MOON", ())


def test_an_article_without_variations_is_its_own_variant() -> None:
    (line,) = mapped(response("order_detail")["order_list"][1]).lines
    assert (line.product_external_id, line.sku_external_id) == ("28000000002", "28000000002")
    assert line.seller_sku == "LAMP-01"


def test_lines_without_an_id_of_their_own_are_told_apart() -> None:
    payload = order()
    first = payload["item_list"][0] | {"line_item_id": None}
    second = first | {"model_discounted_price": 0}
    third = first | {"model_id": 7}
    payload["item_list"] = [first, second, third]
    assert [line.external_id for line in mapped(payload).lines] == [
        "28000000001:158000000001",
        "28000000001:158000000001:2",
        "28000000001:7",
    ]


def test_a_package_names_its_lines_and_how_many_of_each() -> None:
    (package,) = mapped(order()).packages or ()
    assert (package.external_id, package.raw_status) == ("OFG170000000000001", "LOGISTICS_DELIVERY_DONE")
    assert (package.carrier_name, package.carrier_external_id) == ("SPX Express", "18080")
    assert package.contents == ({"line": "28000000001", "quantity": 2},)


def test_lines_that_look_alike_go_into_packages_in_their_order() -> None:
    payload = order()
    first = payload["item_list"][0]
    payload["item_list"] = [first, first | {"line_item_id": 5}]
    content = payload["package_list"][0]["item_list"][0] | {"model_quantity": 1}
    parcel = payload["package_list"][0]
    payload["package_list"] = [
        parcel | {"item_list": [content, content]},
        parcel | {"package_number": "OFG2", "item_list": [content]},
    ]
    one, two = mapped(payload).packages or ()
    assert [content["line"] for content in one.contents] == ["28000000001", "5"]
    assert [content["line"] for content in two.contents] == ["5"]


def test_an_order_that_does_not_speak_of_packages_leaves_them_alone() -> None:
    assert mapped(order(package_list=None)).packages is None
    assert mapped(order(package_list=[])).packages == ()


@pytest.mark.parametrize(
    ("address", "clarity"),
    [
        ({"name": "****", "phone": "****", "full_address": "****", "region": "SG"}, RecipientClarity.MASKED),
        ({"name": "Demo", "phone": "******99"}, RecipientClarity.MASKED),
        ({"name": "Demo Buyer", "phone": "6500000000"}, RecipientClarity.CLEAR),
        ({"name": "", "phone": "", "region": "SG"}, RecipientClarity.ABSENT),
        (None, RecipientClarity.ABSENT),
    ],
)
def test_asterisks_hide_a_person(address: dict[str, str] | None, clarity: RecipientClarity) -> None:
    assert mapped(order(recipient_address=address)).recipient.clarity is clarity


def test_the_address_keeps_its_parts() -> None:
    address = {"name": "A", "region": "VN", "zipcode": "70000", "full_address": "1 Demo St", "city": "D", "town": ""}
    recipient = mapped(order(recipient_address=address)).recipient
    assert (recipient.region_code, recipient.postal_code, recipient.full_address) == ("VN", "70000", "1 Demo St")
    assert recipient.details == {"city": "D"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"order_status": None}, "order_status is missing."),
        ({"update_time": None}, "update_time is missing."),
        ({"create_time": "yesterday"}, "create_time is 'yesterday' instead of a time in seconds."),
        ({"update_time": 1705850000000}, "update_time is '1705850000000' instead of a time in seconds."),
        ({"currency": "dollars"}, "currency is 'dollars' instead of a currency code."),
        ({"total_amount": "39,79"}, "total_amount is '39,79' instead of an amount."),
        ({"item_list": []}, "item_list has no lines."),
        ({"item_list": None}, "item_list is null instead of a list."),
        ({"recipient_address": ["x"]}, "recipient_address is a list instead of an object."),
        ({"package_list": "x"}, "package_list is 'x' instead of a list."),
    ],
)
def test_what_cannot_be_read_is_a_problem_in_words(changes: dict[str, Any], problem: str) -> None:
    assert problem in mapped(order(**changes)).problems


def test_a_package_content_that_is_no_line_is_a_problem() -> None:
    payload = order()
    payload["package_list"][0]["item_list"][0]["model_id"] = 9
    record = mapped(payload)
    assert record.problems == ("package_list[0].item_list[0].item_id and model_id name no line of the order.",)
    assert record.packages is not None
    assert record.packages[0].contents == ()


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ([], "The record is a list instead of an object."),
        ({}, "order_sn is missing."),
        ({"order_sn": "7" * 65}, f"order_sn is {'7' * 40 + '...'!r} instead of an id."),
    ],
)
def test_without_a_number_it_is_no_order(payload: Any, error: str) -> None:
    assert map_order(payload) == UnreadableRecord(payload, error)
