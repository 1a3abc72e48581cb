"""Makes one record of an answer impossible, in several ways that take turns."""

from collections.abc import Sequence
from typing import Any, Literal

from shops.sandbox.faults import Fault

# Field to break and what stands there instead; None leaves the field out.
_BREAKAGES: tuple[tuple[str, object], ...] = (
    ("id", None),
    ("amount", "abc"),
    ("update_time", "yesterday"),
    ("children", "none"),
    ("status", "BEING_PONDERED"),
)
# What those fields are called in each kind of record.
_NAMES: dict[str, dict[str, str]] = {
    "order": {
        "id": "order_sn", "amount": "total_amount", "update_time": "update_time", "children": "item_list",
        "status": "order_status",
    },
    "item": {"id": "item_id", "amount": "price_info", "update_time": "update_time", "status": "item_status"},
    "model": {"id": "model_id", "amount": "price_info", "status": "model_status"},
    "return": {
        "id": "return_sn", "amount": "refund_amount", "update_time": "update_time", "children": "item",
        "status": "status",
    },
    "escrow": {"id": "order_sn", "amount": "payout_amount", "update_time": "escrow_release_time"},
    "income": {"id": "order_sn", "children": "order_income"},
    "wallet row": {"amount": "amount", "update_time": "create_time", "status": "transaction_type"},
    "tracking event": {"update_time": "update_time", "status": "logistics_status"},
}  # fmt: skip
Kind = Literal["order", "item", "model", "return", "escrow", "income", "wallet row", "tracking event"]


def spoil(kind: Kind, records: Sequence[dict[str, Any]], fault: Fault | None) -> None:
    """Break one record of an answer, if that is the fault that struck."""
    if fault is None or fault.kind != "impossible_record" or not records:
        return
    names, record = _NAMES[kind], records[fault.choose(len(records))]
    possible = [(names[what], value) for what, value in _BREAKAGES if names.get(what) in record]
    field, value = possible[(fault.rule.seed + fault.rule.number + fault.number) % len(possible)]
    fault.note(f"{kind} {next(iter(record.values()))}: {field} is {'missing' if value is None else value!r}")
    if value is None:
        del record[field]
    else:
        record[field] = value
