"""Cases and cancellations: kind, request, money and goods apart, and every unit."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import Custody, MoneyState, ReturnKind, ReturnRecord, ReturnStatus, UnreadableRecord
from shops.marketplaces.temu.mapping.returns import map_return
from tests.shops.marketplaces.temu.samples import result


def case(at: int = 0, **fields: Any) -> dict[str, Any]:
    return {"case": {**result("aftersales_parent_list")["data"][at], **fields}}


def mapped(payload: object, *, is_minor: bool = True) -> ReturnRecord:
    record = map_return(payload, is_minor=is_minor)
    assert isinstance(record, ReturnRecord)
    return record


def test_times_of_the_list_are_seconds_but_the_time_limit_is_milliseconds() -> None:
    record = mapped(case())
    assert record.source_created_at == datetime(2025, 12, 29, 9, 20, tzinfo=UTC)
    assert record.source_updated_at == datetime(2025, 12, 29, 9, 28, 20, tzinfo=UTC)
    assert record.respond_by_at == datetime(2026, 1, 3, 0, 26, 40, tzinfo=UTC)
    assert mapped(case(operateExpireTimeMs=1767400000)).problems == (
        "case.operateExpireTimeMs is '1767400000' instead of a time in milliseconds.",
    )


def test_a_case_names_its_order_and_what_may_be_done() -> None:
    record = mapped(case(availableOperateList=[1, 4]))
    assert record.external_id == "PO-211-00000000000000005-D01"
    assert record.order_external_id == "PO-211-00000000000000005"
    assert record.requested_action == "1,4"
    assert record.attributes["afterSalesStatusGroup"] == 2


@pytest.mark.parametrize(
    ("number", "status", "money", "custody"),
    [
        (1, ReturnStatus.REQUESTED, MoneyState.PENDING, Custody.UNKNOWN),
        (2, ReturnStatus.APPROVED, MoneyState.PENDING, Custody.ON_THE_WAY),
        (3, ReturnStatus.APPROVED, MoneyState.PENDING, Custody.SELLER),
        (4, ReturnStatus.APPROVED, MoneyState.PENDING, Custody.UNKNOWN),
        (5, ReturnStatus.COMPLETED, MoneyState.REFUNDED, Custody.UNKNOWN),
        (6, ReturnStatus.WITHDRAWN, MoneyState.NONE, Custody.UNKNOWN),
        (7, ReturnStatus.REJECTED, MoneyState.REFUSED, Custody.UNKNOWN),
        (8, ReturnStatus.APPROVED, MoneyState.PENDING, Custody.BUYER),
        (9, ReturnStatus.APPROVED, MoneyState.PENDING, Custody.UNKNOWN),
        (10, ReturnStatus.REQUESTED, MoneyState.PENDING, Custody.BUYER),
        (11, ReturnStatus.DISPUTED, MoneyState.PENDING, Custody.UNKNOWN),
        (12, ReturnStatus.UNKNOWN, MoneyState.UNKNOWN, Custody.UNKNOWN),
    ],
)
def test_status_says_of_request_money_and_goods_only_what_it_says(
    number: int, status: ReturnStatus, money: MoneyState, custody: Custody
) -> None:
    record = mapped(case(parentAfterSalesStatus=number))
    assert (record.status, record.money_state, record.custody) == (status, money, custody)
    assert (record.raw_status, record.problems) == (str(number), ())
    refund_only = mapped(case(parentAfterSalesStatus=number, afterSalesType=1))
    assert (refund_only.kind, refund_only.custody) == (ReturnKind.REFUND, Custody.UNKNOWN)


def test_a_detail_brings_lines_reasons_and_minor_amounts() -> None:
    record = mapped({**case(), "detail": result("aftersales_detail")})
    assert (record.kind, record.raw_kind) == (ReturnKind.RETURN_REFUND, "2")
    assert (record.refund_amount, record.currency) == (Decimal("12.43"), "USD")
    assert (record.reason_code, record.reason_text) == ("34", "No longer needed")
    assert record.buyer_message == "sample comment"
    (line,) = record.lines
    assert (line.external_id, line.order_line_external_id) == ("211-00000000000000051-D01", "211-00000000000000051")
    assert (line.sku_external_id, line.product_external_id) == ("17600000000002", "601100000000002")
    assert (line.seller_sku, line.quantity, line.refund_amount) == ("BOX-6-GR", 1, Decimal("12.43"))
    assert line.raw_status == "10"


def test_the_unit_of_amounts_can_be_switched() -> None:
    detail = result("aftersales_detail")
    detail["refundSummary"]["buyerTotalRefund"]["amount"] = "12.43"
    assert mapped({**case(), "detail": detail}, is_minor=False).refund_amount == Decimal("12.43")
    assert mapped({**case(), "detail": detail}).refund_amount is None


def test_the_parcel_of_the_buyer() -> None:
    record = mapped({**case(), "logistics": result("aftersales_return_logistics")})
    assert (record.tracking_number, record.carrier_name) == ("RET0000000051", "Sample Carrier")


def test_a_cancellation_has_no_time_of_change_and_its_creation_in_milliseconds() -> None:
    record = mapped({"cancellation": result("cancel_list")["data"][0]})
    assert record.external_id == "PO-211-00000000000000006-D01"
    assert record.order_external_id == "PO-211-00000000000000006"
    assert (record.kind, record.status) == (ReturnKind.CANCEL, ReturnStatus.COMPLETED)
    assert (record.money_state, record.custody) == (MoneyState.REFUNDED, Custody.NOT_SENT)
    assert record.source_created_at == datetime(2025, 12, 24, 18, 30, tzinfo=UTC)
    assert record.source_updated_at is None
    (line,) = record.lines
    assert (line.order_line_external_id, line.product_external_id) == ("211-00000000000000061", "601100000000001")
    assert (line.quantity, line.seller_sku, line.refund_amount) == (1, "LAMP-W", None)
    assert record.problems == ()


def test_a_cancellation_without_its_lines_names_no_order() -> None:
    row = {**result("cancel_list")["data"][0], "afterSalesInfoList": []}
    record = mapped({"cancellation": row})
    assert (record.order_external_id, record.problems) == ("", ("The cancellation is of 0 orders instead of one.",))


@pytest.mark.parametrize("broken", [None, 7, {}, {"cancellation": {}}, {"case": {"parentAfterSalesSn": "x" * 70}}])
def test_what_has_no_number_is_no_return(broken: object) -> None:
    assert isinstance(map_return(broken), UnreadableRecord)
