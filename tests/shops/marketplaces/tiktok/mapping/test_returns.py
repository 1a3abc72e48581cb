"""Returns and cancellations into records: the request, the money and the goods are told apart."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import Custody, MoneyState, Payload, ReturnKind, ReturnRecord, ReturnStatus
from shops.marketplaces.tiktok.mapping.return_states import CANCELLATION_STATUSES, RETURN_STATUSES
from shops.marketplaces.tiktok.mapping.returns import map_return
from tests.shops.marketplaces.tiktok import samples


def mapped(payload: Payload) -> ReturnRecord:
    record = map_return(payload)
    assert isinstance(record, ReturnRecord)
    return record


def sent_back(number: int = 0, **changes: Any) -> Payload:
    row: Payload = samples.answer("returns_search")["return_orders"][number]
    return row | changes


def cancellation(number: int = 0, **changes: Any) -> Payload:
    row: Payload = samples.answer("cancellations_search")["cancellations"][number]
    return row | changes


def test_maps_a_whole_return() -> None:
    record = mapped(sent_back())
    assert (record.external_id, record.order_external_id) == ("4041000000000000001", "584000000000000001")
    assert (record.kind, record.raw_kind) == (ReturnKind.RETURN_REFUND, "RETURN_AND_REFUND")
    assert (record.status, record.raw_status) == (ReturnStatus.REQUESTED, "RETURN_OR_REFUND_REQUEST_PENDING")
    assert (record.money_state, record.custody) == (MoneyState.PENDING, Custody.BUYER)
    assert (record.currency, record.refund_amount) == ("VND", Decimal(146667))
    assert record.reason_code == "ecom_order_delivered_refund_and_return_reason_damaged"
    assert (record.reason_text, record.opened_by) == ("Package or product is damaged", "buyer")
    assert record.requested_action == "SELLER_RESPOND_RETURN"
    assert record.respond_by_at == datetime.fromtimestamp(1786176000, UTC)
    assert record.source_updated_at == datetime.fromtimestamp(1786003200, UTC)
    assert record.attributes["refund_amount"]["refund_tax"] == "13333"
    (line,) = record.lines
    assert (line.external_id, line.order_line_external_id) == ("4041000000000065537", "584000000000065537")
    assert (line.sku_external_id, line.seller_sku, line.quantity) == ("1729000000000000201", "AT-DEN-M", 1)
    assert (line.refund_amount, line.product_name) == (Decimal(146667), "Áo thun cotton cổ tròn")
    assert record.problems == ()


def test_a_return_that_came_back_has_its_parcel() -> None:
    record = mapped(sent_back(1))
    assert (record.tracking_number, record.carrier_name) == ("854000000001", "J&T Express")
    assert (record.status, record.money_state) == (ReturnStatus.COMPLETED, MoneyState.REFUNDED)
    assert record.custody is Custody.UNKNOWN  # a quick refund: the money came before the goods
    assert mapped(sent_back(1, is_quick_refund=False)).custody is Custody.SELLER
    assert mapped(sent_back(1, is_quick_refund="perhaps")).custody is Custody.UNKNOWN
    assert len(record.lines) == 2


def test_a_withdrawn_refund_moves_nothing() -> None:
    record = mapped(sent_back(2))
    assert (record.kind, record.status) == (ReturnKind.REFUND, ReturnStatus.WITHDRAWN)
    assert (record.money_state, record.custody) == (MoneyState.NONE, Custody.UNKNOWN)
    assert record.opened_by == "marketplace"
    assert record.attributes["pre_return_id"] == "4040900000000000009"


def test_maps_a_whole_cancellation() -> None:
    record = mapped(cancellation())
    assert (record.external_id, record.order_external_id) == ("4042000000000000001", "584000000000000003")
    assert (record.kind, record.raw_kind, record.custody) == (ReturnKind.CANCEL, "BUYER_CANCEL", Custody.NOT_SENT)
    assert (record.status, record.money_state) == (ReturnStatus.COMPLETED, MoneyState.REFUNDED)
    assert record.refund_amount == Decimal(202000)
    assert record.lines[0].external_id == "4042000000000065537"
    assert record.attributes["should_replenish_stock"] is True
    assert record.problems == ()


def test_a_cancellation_without_an_amount_says_nothing_about_money() -> None:
    record = mapped(cancellation(1))
    assert (record.status, record.money_state, record.refund_amount) == (
        ReturnStatus.REQUESTED,
        MoneyState.UNKNOWN,
        None,
    )
    assert record.requested_action == "SELLER_RESPOND_CANCEL"


@pytest.mark.parametrize(
    ("changes", "status", "money", "goods"),
    [
        ({"return_status": "AWAITING_BUYER_SHIP"}, "approved", "pending", "buyer"),
        ({"return_status": "BUYER_SHIPPED_ITEM"}, "approved", "pending", "on_the_way"),
        ({"return_status": "REJECT_RECEIVE_PACKAGE"}, "rejected", "pending", "seller"),
        ({"return_status": "REFUND_OR_RETURN_REQUEST_REJECT"}, "rejected", "refused", "unknown"),
        ({"return_status": "RETURN_OR_REFUND_REQUEST_SUCCESS"}, "approved", "pending", "unknown"),
        ({"arbitration_status": "IN_PROGRESS"}, "disputed", "pending", "buyer"),
        ({"arbitration_status": "CLOSED"}, "requested", "pending", "buyer"),
        ({"return_type": "EXCHANGE", "return_status": "EXCHANGE_REQUEST_COMPLETE"}, "completed", "none", "unknown"),
        ({"return_type": "NEW_KIND", "return_status": "NEW_STATE"}, "unknown", "unknown", "unknown"),
        ({"return_type": "REFUND", "can_buyer_keep_item": True}, "requested", "pending", "buyer"),
        ({"refund_amount": {"refund_total": "0", "currency": "VND"}}, "requested", "none", "buyer"),
    ],
)
def test_request_money_and_goods_are_told_apart(changes: Payload, status: str, money: str, goods: str) -> None:
    record = mapped(sent_back(**changes))
    assert (record.status, record.money_state, record.custody) == (status, money, goods)
    assert record.problems == ()


def test_of_several_steps_the_one_that_runs_out_first_counts() -> None:
    steps = [{"action": "A", "deadline": 1786176000}, {"action": "B", "deadline": 1786170000}, {"action": "C"}]
    record = mapped(sent_back(seller_next_action_response=steps))
    assert record.requested_action == "B"
    assert record.respond_by_at == datetime.fromtimestamp(1786170000, UTC)


@pytest.mark.parametrize(("word", "status"), RETURN_STATUSES.items())
def test_knows_every_status_of_a_return(word: str, status: ReturnStatus) -> None:
    assert mapped(sent_back(return_status=word)).status is status


@pytest.mark.parametrize(("word", "status"), CANCELLATION_STATUSES.items())
def test_knows_every_status_of_a_cancellation(word: str, status: ReturnStatus) -> None:
    assert mapped(cancellation(cancel_status=word)).status is status
