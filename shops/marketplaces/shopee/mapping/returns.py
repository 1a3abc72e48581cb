"""Turns what Shopee says of a return into a ReturnRecord. Pure, and it never raises, whatever the payload holds.

The payload is {"return": the list's row, "detail": the detail}, one of them or both; the detail says more and comes
later, so it goes before the row. Times are Unix seconds, amounts major units of the return's currency; a line's
refund is for its whole quantity.
"""

from collections.abc import Mapping
from datetime import datetime

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded
from shops.marketplaces.records import (
    Custody,
    MoneyState,
    ReturnKind,
    ReturnLineRecord,
    ReturnRecord,
    ReturnStatus,
    UnreadableRecord,
)
from shops.marketplaces.shopee.mapping.ids import told_apart, unreadable, variant_id

STATUSES: Mapping[str, ReturnStatus] = {
    "REQUESTED": ReturnStatus.REQUESTED,
    "PROCESSING": ReturnStatus.APPROVED,  # the goods are awaited
    "JUDGING": ReturnStatus.DISPUTED,
    "SELLER_DISPUTE": ReturnStatus.DISPUTED,
    "ACCEPTED": ReturnStatus.APPROVED,
    "REFUND_PAID": ReturnStatus.COMPLETED,
    "CLOSED": ReturnStatus.WITHDRAWN,  # ended without money; whether refused or given up is not told
    "CANCELLED": ReturnStatus.WITHDRAWN,
}
MONEY: Mapping[str, MoneyState] = {
    "REQUESTED": MoneyState.PENDING,
    "PROCESSING": MoneyState.PENDING,
    "JUDGING": MoneyState.PENDING,
    "SELLER_DISPUTE": MoneyState.PENDING,
    "ACCEPTED": MoneyState.PENDING,  # granted; that it was paid is told by the next word alone
    "REFUND_PAID": MoneyState.REFUNDED,
    "CLOSED": MoneyState.NONE,
    "CANCELLED": MoneyState.NONE,
}
KINDS: Mapping[str, ReturnKind] = {"0": ReturnKind.RETURN_REFUND, "1": ReturnKind.REFUND}  # return_solution
# By the state of the way back, where the goods are to come back.
CUSTODY: Mapping[str, Custody] = {
    "LOGISTICS_NOT_START": Custody.BUYER,
    "LOGISTICS_READY": Custody.BUYER,
    "LOGISTICS_PENDING_ARRANGE": Custody.BUYER,
    "LOGISTICS_REQUEST_CREATED": Custody.BUYER,
    "LOGISTICS_PICKUP_RETRY": Custody.BUYER,
    "LOGISTICS_PICKUP_FAILED": Custody.BUYER,
    "LOGISTICS_REQUEST_CANCELED": Custody.BUYER,
    "LOGISTICS_PICKUP_DONE": Custody.ON_THE_WAY,
    "LOGISTICS_DELIVERY_DONE": Custody.SELLER,
}
_LOGISTICS_KEYS = ("reverse_logistics_status", "reverse_logistic_status", "logistics_status")  # two spellings, then old
_CARRIER_KEYS = ("reverse_logistics_channel_name", "reverse_logistic_channel_name")
_PENDING_RESPOND = "PENDING_RESPOND"
_AWAITS_GOODS = "PROCESSING"
_PLACED = frozenset(
    {
        "return_sn",
        "order_sn",
        "return_solution",
        "status",
        "currency",
        "refund_amount",
        "tracking_number",
        "reason",
        "text_reason",
        "due_date",
        "create_time",
        "update_time",
        "item",
        *_LOGISTICS_KEYS,
        *_CARRIER_KEYS,
    }
)
_LINE_PLACED = frozenset({"item_id", "model_id", "name", "amount", "refund_amount", "variation_sku"})


def map_return(payload: object) -> ReturnRecord | UnreadableRecord:
    """Map one return."""
    found = values.fields(payload)
    source = {**values.fields(found.get("return")), **values.fields(found.get("detail"))}
    external_id = values.identifier(source.get("return_sn"))
    if type(payload) is not dict or external_id is None:
        return unreadable(payload, "return_sn", source)
    case = Fields(source)
    for name in ("return", "detail"):
        Fields(payload.get(name), f"{name}.", case.problems)  # complains where it is no object
    raw_kind = case.identifier("return_solution", required=True)
    raw_status = case.identifier("status", required=True)
    logistics = next((word for key in _LOGISTICS_KEYS if (word := case.identifier(key))), "")
    kind = KINDS.get(raw_kind, ReturnKind.UNKNOWN)
    return ReturnRecord(
        external_id=external_id,
        payload=payload,
        order_external_id=case.identifier("order_sn", required=True),
        kind=kind,
        raw_kind=raw_kind,
        status=STATUSES.get(raw_status, ReturnStatus.UNKNOWN),
        raw_status=raw_status,
        money_state=MONEY.get(raw_status, MoneyState.UNKNOWN),
        currency=case.currency("currency", required=True),
        refund_amount=case.amount("refund_amount", required=True),
        custody=_custody_of(case, kind, logistics),
        raw_logistics_status=logistics,
        tracking_number=case.text("tracking_number"),
        carrier_name=next((name for key in _CARRIER_KEYS if (name := case.text(key))), ""),
        reason_code=case.identifier("reason"),
        buyer_message=case.text("text_reason"),
        requested_action=_requested_action(case),
        respond_by_at=_deadline_of(case, raw_status),
        source_created_at=case.seconds("create_time", required=True),
        source_updated_at=case.seconds("update_time", required=True),
        attributes=case.unplaced(_PLACED),
        lines=_read_lines(case),
        problems=bounded(case.problems),
    )


def _deadline_of(case: Fields, raw_status: str) -> datetime | None:
    """Read until when the seller has to act: to answer; or to check the goods, once these are awaited.

    The time to answer stays told after that, and has mostly passed by then.
    """
    checked_by = case.seconds("return_seller_due_date")
    answered_by = case.seconds("due_date")
    return (checked_by or answered_by) if raw_status == _AWAITS_GOODS else answered_by


def _custody_of(case: Fields, kind: ReturnKind, logistics: str) -> Custody:
    """Say who has the goods, as far as the way back tells it.

    With a refund alone they stay with the buyer, unless the buyer says never to have had them or they are on the way.
    """
    request = case.number("return_refund_request_type")  # 0 normal, 1 in transit, 2 on the spot
    at_warehouse = case.flag("is_arrived_at_warehouse")
    checked_by = case.text("validation_type")
    if at_warehouse:
        return Custody.WAREHOUSE
    if kind is ReturnKind.REFUND:
        had_them = request == 0 and case.source.get("reason") != "NOT_RECEIPT"
        return Custody.BUYER if had_them else Custody.UNKNOWN
    if kind is not ReturnKind.RETURN_REFUND:
        return Custody.UNKNOWN
    has_them = CUSTODY.get(logistics, Custody.UNKNOWN)
    is_checked_there = has_them is Custody.SELLER and checked_by == "warehouse_validation"
    return Custody.WAREHOUSE if is_checked_there else has_them


def _requested_action(case: Fields) -> str:
    """Name what Shopee waits for from the seller; the list has the word at the top, the detail one level below."""
    told = case.text("negotiation_status") or case.part("negotiation").text("negotiation_status")
    return told if told == _PENDING_RESPOND else ""


def _read_lines(case: Fields) -> tuple[ReturnLineRecord, ...]:
    """Read the lines. They have no id and do not name the order's line: article and variant do, told apart."""
    rows = list(case.parts("item", required=True))
    named = [(row.identifier("item_id", required=True), row.identifier("model_id")) for row in rows]
    ids = told_apart([f"{item}:{model or 0}" if item else "" for item, model in named])
    lines = []
    for row, external_id, (item_id, model_id) in zip(rows, ids, named, strict=True):
        if not item_id or len(external_id) > values.IDENTIFIER_LENGTH:
            row.problems.append(f"{row.place}item_id gives no id: the line is left out.")
            continue
        quantity = row.count("amount", required=True)
        lines.append(
            ReturnLineRecord(
                external_id=external_id,
                sku_external_id=variant_id(item_id, model_id),
                product_external_id=item_id,
                seller_sku=row.text("variation_sku") or row.text("item_sku"),
                product_name=row.text("name"),
                quantity=1 if quantity is None else quantity,
                refund_amount=row.amount("refund_amount"),
                attributes=row.unplaced(_LINE_PLACED),
            )
        )
    return tuple(lines)
