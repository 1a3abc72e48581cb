"""Turns Temu's after-sales cases and cancellations into ReturnRecords. Pure, and it never raises.

A payload is `{"case": a row of the case list}`, with `detail` and `logistics` beside it where those calls were made, or
`{"cancellation": a row of the cancellation list}`. Units, by field: `createAt` and `updateAt` are seconds,
`operateExpireTimeMs`, `createAtMillis` and `lastUpdateAtMillis` milliseconds. Amounts stand in the detail; their unit
is not documented, and taken to be the minor one, as in orders. [?]
"""

from datetime import datetime
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, identified
from shops.marketplaces.records import (
    Custody,
    Payload,
    ReturnKind,
    ReturnLineRecord,
    ReturnRecord,
    UnreadableRecord,
)
from shops.marketplaces.temu.mapping.money import Money
from shops.marketplaces.temu.mapping.orders import seller_sku
from shops.marketplaces.temu.mapping.statuses import AFTERSALES_KINDS, CASE_STATES, UNKNOWN_CASE

RAW_CANCELLATION = "cancel"  # the cancellation list has no kind; this is its name in the type

_CASE_PLACED = frozenset(
    {
        "parentAfterSalesSn",
        "parentOrderSn",
        "afterSalesType",
        "parentAfterSalesStatus",
        "createAt",
        "updateAt",
        "operateExpireTimeMs",
        "availableOperateList",
    }
)
_CANCELLATION_PLACED = frozenset({"parentAfterSalesSn", "parentAfterSalesStatus", "afterSalesInfoList"})
_LINE_PLACED = frozenset(
    {
        "afterSalesSn",
        "orderSn",
        "parentOrderSn",
        "applyAfterSalesGoodsNumber",
        "applyGoodsNumber",
        "applyRefundAmount",
        "afterSalesStatus",
        "afterSalesGoodsInfo",
        "goodsId",
        "skuId",
        "productList",
        "createAtMillis",
    }
)


def map_return(payload: object, *, is_minor: bool = True) -> ReturnRecord | UnreadableRecord:
    """Map one case or cancellation. `is_minor` says that its amounts are in minor units."""
    if type(payload) is dict and "cancellation" in payload:
        return _map_cancellation(payload)
    return _map_case(payload, Money(is_minor=is_minor))


def _map_case(payload: object, money: Money) -> ReturnRecord | UnreadableRecord:
    whole = Fields(payload)
    case, detail = whole.part("case"), whole.part("detail")
    external_id = case.identifier("parentAfterSalesSn", required=True)
    if not external_id or type(payload) is not dict:
        return UnreadableRecord(payload, whole.problems[0])
    raw_kind = case.identifier("afterSalesType", required=True)
    raw_status = case.identifier("parentAfterSalesStatus", required=True)
    kind = AFTERSALES_KINDS.get(raw_kind, ReturnKind.UNKNOWN)
    state = CASE_STATES.get(raw_status, UNKNOWN_CASE)
    applied = list(detail.parts("afterSalesList"))
    summary = detail.part("refundSummary")
    refund_amount = money.amount(summary, "buyerTotalRefund")
    numbered = identified(applied, "afterSalesSn", "line")
    lines = tuple([_line(number, child, child.part("afterSalesGoodsInfo"), money) for number, child in numbered])
    return ReturnRecord(
        external_id=external_id,
        payload=payload,
        order_external_id=case.identifier("parentOrderSn", required=True),
        kind=kind,
        raw_kind=raw_kind,
        status=state.status,
        raw_status=raw_status,
        money_state=state.money,
        currency=money.currency,
        refund_amount=refund_amount,
        custody=state.custody if kind is ReturnKind.RETURN_REFUND else Custody.UNKNOWN,
        **_logistics(whole.part("logistics")),
        **_reason(applied),
        requested_action=",".join(_operations(case)),
        respond_by_at=case.milliseconds("operateExpireTimeMs"),
        source_created_at=case.seconds("createAt"),
        source_updated_at=case.seconds("updateAt", required=True),
        attributes={**case.unplaced(_CASE_PLACED), **({"refundSummary": summary.source} if summary.source else {})},
        lines=lines,
        problems=bounded(whole.problems),
    )


def _map_cancellation(payload: Payload) -> ReturnRecord | UnreadableRecord:
    """Map a cancellation before shipping: the goods never left. Temu does not tell when it changed."""
    whole = Fields(payload)
    row = whole.part("cancellation")
    external_id = row.identifier("parentAfterSalesSn", required=True)
    if not external_id:
        return UnreadableRecord(payload, whole.problems[0])
    raw_status = row.identifier("parentAfterSalesStatus", required=True)
    state = CASE_STATES.get(raw_status, UNKNOWN_CASE)
    applied = list(row.parts("afterSalesInfoList", required=True))
    created = [moment for child in applied if (moment := child.milliseconds("createAtMillis"))]
    orders = {order for child in applied if (order := child.identifier("parentOrderSn"))}
    if len(orders) != 1:
        whole.problems.append(f"The cancellation is of {len(orders)} orders instead of one.")
    numbered = identified(applied, "afterSalesSn", "line")
    lines = tuple([_line(number, child, child, Money()) for number, child in numbered])
    return ReturnRecord(
        external_id=external_id,
        payload=payload,
        order_external_id=orders.pop() if len(orders) == 1 else "",
        kind=ReturnKind.CANCEL,
        raw_kind=RAW_CANCELLATION,
        status=state.status,
        raw_status=raw_status,
        money_state=state.money,
        custody=Custody.NOT_SENT,
        source_created_at=_first(created),
        attributes=row.unplaced(_CANCELLATION_PLACED),
        lines=lines,
        problems=bounded(whole.problems),
    )


def _line(external_id: str, child: Fields, goods: Fields, money: Money) -> ReturnLineRecord:
    pieces = "applyAfterSalesGoodsNumber" if "applyAfterSalesGoodsNumber" in child.source else "applyGoodsNumber"
    quantity = child.count(pieces, required=True)
    return ReturnLineRecord(
        external_id=external_id,
        order_line_external_id=child.identifier("orderSn"),
        sku_external_id=goods.identifier("skuId"),
        product_external_id=goods.identifier("goodsId"),
        seller_sku=seller_sku(goods),
        quantity=quantity or 0,
        refund_amount=money.amount(child, "applyRefundAmount"),
        raw_status=child.identifier("afterSalesStatus"),
        attributes=child.unplaced(_LINE_PLACED),
    )


def _reason(applied: list[Fields]) -> dict[str, Any]:
    """Read why: the reason of the first line, and what the buyer wrote beside each."""
    if not applied:
        return {}
    comments = [text for child in applied if (text := child.text("buyerComment"))]
    return {
        "reason_code": applied[0].identifier("afterSalesReasonCode"),
        "reason_text": applied[0].text("afterSalesReasonDesc"),
        "buyer_message": values.text("\n".join(dict.fromkeys(comments))) or "",
    }


def _logistics(logistics: Fields) -> dict[str, Any]:
    """Read the first parcel that the buyer sent back. A case with several of them has been seen nowhere."""
    parcels = list(logistics.parts("logisticsInfoList"))
    if not parcels:
        return {}
    return {"tracking_number": parcels[0].text("trackingNumber"), "carrier_name": parcels[0].text("carrierName")}


def _operations(case: Fields) -> list[str]:
    """List the numbers of what the seller may do now; their meanings are not documented."""
    read = []
    for value in case.rows("availableOperateList"):
        operation = values.identifier(value)
        if operation is None:
            case.complain(f"{case.place}availableOperateList", value, "numbers")
        else:
            read.append(operation)
    return read


def _first(moments: list[datetime]) -> datetime | None:
    return min(moments) if moments else None
