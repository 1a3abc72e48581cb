"""Articles, parcels and returns into records: what goes where, in which unit, and what is a problem."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import (
    Custody,
    MoneyState,
    ProductRecord,
    ProductStatus,
    ReturnKind,
    ReturnRecord,
    ReturnStatus,
    ShipmentRecord,
    ShipmentStatus,
    UnreadableRecord,
)
from shops.marketplaces.shopee.mapping import products, returns, shipments
from tests.shops.marketplaces.shopee.samples import parcel, response


def utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def product(payload: dict[str, Any]) -> ProductRecord:
    record = products.map_product(payload)
    assert isinstance(record, ProductRecord)
    return record


def shipment(payload: dict[str, Any]) -> ShipmentRecord:
    record = shipments.map_shipment(payload)
    assert isinstance(record, ShipmentRecord)
    return record


def case(detail: dict[str, Any] | None = None, **changes: Any) -> ReturnRecord:
    payload: dict[str, Any] = {"return": response("return_list")["return"][0] | changes}
    record = returns.map_return(payload if detail is None else payload | {"detail": detail})
    assert isinstance(record, ReturnRecord)
    return record


def test_an_article_with_variants_has_their_prices_and_stock() -> None:
    record = product({"item": response("item_base_info")["item_list"][0], "models": response("model_list")})
    assert (record.status, record.raw_status) == (ProductStatus.ACTIVE, "NORMAL")
    assert (record.source_created_at, record.source_updated_at) == (utc(1690000000), utc(1705200000))
    assert (record.title, record.category_external_id) == ("Demo ceramic mug 350ml", "100637")
    assert (record.brand_name, record.image_url) == ("NoBrand", "https://cf.example.test/file/sg-111-abc")
    blue, red = record.skus
    assert (blue.external_id, blue.seller_sku, blue.name) == ("158000000001", "MUG-350-BLU", "Blue")
    assert (blue.price, blue.original_price, blue.currency) == (Decimal("19.9"), Decimal("25.9"), "SGD")
    assert (blue.stock_count, red.stock_count, red.name) == (25, 15, "Red")
    assert blue.raw_status == "MODEL_NORMAL"
    assert record.problems == ()


def test_an_article_without_variants_is_its_own_only_one() -> None:
    record = product({"item": response("item_base_info")["item_list"][1]})
    (sku,) = record.skus
    assert (sku.external_id, sku.seller_sku, sku.price) == ("28000000002", "LAMP-01", Decimal("49.9"))
    assert (sku.stock_count, sku.currency) == (40, "SGD")


@pytest.mark.parametrize(("word", "status"), products.STATUSES.items())
def test_every_state_of_an_article_is_known(word: str, status: ProductStatus) -> None:
    item = response("item_base_info")["item_list"][1] | {"item_status": word}
    assert product({"item": item}).status is status


def test_an_article_whose_variants_were_not_read_is_not_whole() -> None:
    record = product({"item": response("item_base_info")["item_list"][0]})
    assert (record.skus, record.problems) == ((), ("models.model is null instead of a list.",))


def test_an_option_that_does_not_exist_is_a_problem_and_no_name() -> None:
    models = response("model_list")
    models["model"][0]["tier_index"] = [7]
    record = product({"item": response("item_base_info")["item_list"][0], "models": models})
    assert record.skus[0].name == ""
    assert record.problems == ("models.model[0].tier_index is '7', which is no option.",)


def test_a_parcel_has_its_number_events_and_contents() -> None:
    record = shipment(parcel())
    assert (record.external_id, record.tracking_number) == ("OFG170000000000001", "SPXSG000000000001")
    assert (record.status, record.raw_status) == (ShipmentStatus.DELIVERED, "LOGISTICS_DELIVERY_DONE")
    assert record.order_external_ids == ("240115AB3CD4EF",)
    assert record.contents == ({"order": "240115AB3CD4EF", "line": "28000000001", "quantity": 2},)
    assert (record.carrier_name, record.carrier_external_id) == ("SPX Express", "18080")
    assert (record.source_updated_at, record.shipped_at) == (utc(1705850000), utc(1705400000))
    assert record.delivered_at == utc(1705700000)
    told = [(event.happened_at, event.text, event.raw_status) for event in record.events or ()]
    assert told == [
        (utc(1705400000), "Parcel picked up", "PICKED_UP"),
        (utc(1705700000), "Parcel delivered", "DELIVERED"),
    ]
    assert record.problems == ()


def test_events_keep_their_ids_and_come_once() -> None:
    payload = parcel()
    payload["tracking"]["tracking_info"] *= 2
    again = shipment(payload).events
    assert again == shipment(parcel()).events
    assert len({event.external_id for event in again or ()}) == 2


def test_a_parcel_that_was_not_asked_for_its_events_leaves_them_alone() -> None:
    record = shipment({key: value for key, value in parcel().items() if key in ("order", "package")})
    assert (record.events, record.tracking_number, record.problems) == (None, "", ())


def test_an_event_without_a_time_is_left_out_and_said() -> None:
    payload = parcel()
    payload["tracking"]["tracking_info"][0]["update_time"] = 0
    record = shipment(payload)
    assert len(record.events or ()) == 1
    assert "tracking.tracking_info[0].update_time is missing." in record.problems


@pytest.mark.parametrize(("word", "status"), shipments.STATUSES.items())
def test_every_state_of_a_parcel_is_known(word: str, status: ShipmentStatus) -> None:
    payload = parcel()
    payload["package"]["logistics_status"] = word
    assert shipment(payload).status is status


def test_a_return_tells_request_money_and_goods_apart() -> None:
    record = case(response("return_detail"))
    assert (record.external_id, record.order_external_id) == ("2401220AB1CD2EF", "240118PQ7RS8TU")
    assert (record.kind, record.raw_kind) == (ReturnKind.RETURN_REFUND, "0")
    assert (record.status, record.raw_status) == (ReturnStatus.APPROVED, "ACCEPTED")
    assert (record.money_state, record.refund_amount, record.currency) == (MoneyState.PENDING, Decimal("49.9"), "SGD")
    assert (record.custody, record.raw_logistics_status) == (Custody.ON_THE_WAY, "LOGISTICS_PICKUP_DONE")
    assert (record.tracking_number, record.carrier_name) == ("RSG000000001", "SPX Express")
    assert (record.reason_code, record.buyer_message) == ("FUNCTIONAL_DMG", "does not switch on")
    assert (record.respond_by_at, record.source_updated_at) == (utc(1706052800), utc(1705890000))
    (line,) = record.lines
    assert (line.external_id, line.product_external_id) == ("28000000002:0", "28000000002")
    assert (line.sku_external_id, line.quantity, line.refund_amount) == ("28000000002", 1, Decimal("49.9"))
    assert (line.seller_sku, line.attributes["item_price"]) == ("LAMP-01", 49.9)
    assert record.problems == ()


@pytest.mark.parametrize(
    ("status", "checked_by", "until"),
    [
        ("REQUESTED", 1706657600, 1706052800),
        ("PROCESSING", 1706657600, 1706657600),
        ("PROCESSING", 0, 1706052800),
    ],
)
def test_goods_that_come_back_have_a_time_of_their_own_to_be_checked_in(
    status: str, checked_by: int, until: int
) -> None:
    payload = response("return_detail")
    told = case({**payload, "status": status, "return_seller_due_date": checked_by})
    assert told.respond_by_at == utc(until)
    assert told.attributes["return_seller_due_date"] == checked_by
    assert told.problems == ()


def test_the_list_alone_does_not_say_where_the_goods_are() -> None:
    record = case()
    assert (record.custody, record.lines[0].refund_amount, record.problems) == (Custody.UNKNOWN, None, ())


@pytest.mark.parametrize(
    ("detail", "changes", "custody"),
    [
        ({"reverse_logistics_status": "LOGISTICS_REQUEST_CREATED"}, {}, Custody.BUYER),
        ({"reverse_logistics_status": "LOGISTICS_DELIVERY_DONE"}, {}, Custody.SELLER),
        ({"reverse_logistic_status": "LOGISTICS_DELIVERY_DONE"}, {}, Custody.SELLER),
        ({"logistics_status": "LOGISTICS_DELIVERY_DONE"}, {}, Custody.SELLER),
        (
            {"reverse_logistics_status": "LOGISTICS_DELIVERY_DONE"},
            {"validation_type": "warehouse_validation"},
            Custody.WAREHOUSE,
        ),
        ({}, {"is_arrived_at_warehouse": True}, Custody.WAREHOUSE),
        ({"reverse_logistics_status": "LOGISTICS_NEW"}, {}, Custody.UNKNOWN),
        ({}, {"return_solution": 1}, Custody.BUYER),
        ({}, {"return_solution": 1, "reason": "NOT_RECEIPT"}, Custody.UNKNOWN),
        ({}, {"return_solution": 1, "return_refund_request_type": 1}, Custody.UNKNOWN),
        ({"reverse_logistics_status": "LOGISTICS_PICKUP_DONE"}, {"return_solution": 9}, Custody.UNKNOWN),
    ],
)
def test_who_has_the_goods(detail: dict[str, Any], changes: dict[str, Any], custody: Custody) -> None:
    assert case(detail, **changes).custody is custody


@pytest.mark.parametrize("word", returns.STATUSES)
def test_every_state_of_a_return_says_what_became_of_the_money(word: str) -> None:
    record = case(status=word)
    assert (record.status, record.money_state) == (returns.STATUSES[word], returns.MONEY[word])
    assert (record.money_state is MoneyState.REFUNDED) == (word == "REFUND_PAID")


def test_an_unknown_state_says_nothing_of_the_money() -> None:
    record = case(status="NEW")
    assert (record.status, record.money_state, record.raw_status) == (ReturnStatus.UNKNOWN, MoneyState.UNKNOWN, "NEW")


def test_what_shopee_waits_for_stands_in_the_row_or_one_level_below() -> None:
    assert case(negotiation_status="PENDING_RESPOND").requested_action == "PENDING_RESPOND"
    detail = {"negotiation": {"negotiation_status": "PENDING_RESPOND"}}
    assert case(detail, negotiation_status=None).requested_action == "PENDING_RESPOND"
    assert case(negotiation_status="ONGOING").requested_action == ""


@pytest.mark.parametrize("mapping", [products.map_product, shipments.map_shipment, returns.map_return])
@pytest.mark.parametrize("payload", [None, [], {}, {"item": 7}, {"package": []}, {"return": {}, "detail": None}])
def test_what_has_no_id_is_kept_with_the_reason(mapping: Any, payload: Any) -> None:
    record = mapping(payload)
    assert isinstance(record, UnreadableRecord)
    assert record.payload is payload
    assert record.error.endswith(".")
