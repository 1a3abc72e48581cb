"""What an impossible record can be, for each kind of record; which comes first is seeded, then they take turns."""

from collections.abc import Callable
from typing import Any

from shops.sandbox.faults import Fault

Record = dict[str, Any]
Breakage = Callable[[Record], None]


def _without(field: str) -> Breakage:
    def change(record: Record) -> None:
        del record[field]

    return change


def _with(value: Any, *fields: str) -> Breakage:
    """Set a field, of the first line where the fields name lines before it."""

    def change(record: Record) -> None:
        place = record
        for field in fields[:-1]:
            inner = place[field]
            place = inner[0] if isinstance(inner, list) else inner
        place[fields[-1]] = value

    return change


_EVENTS = ("package_detail_info_list", "logistic_detail_info_list")
BREAKAGES: dict[str, tuple[tuple[str, Breakage], ...]] = {
    "orders": (
        ("no id", _without("order_id")),
        ("price is no number", _with("abc", "price")),
        ("updated_at is a word", _with("yesterday", "updated_at")),
        ("statuses is text", _with("none", "statuses")),
        ("unknown status", _with(["being_pondered"], "statuses")),
    ),
    "lines": (
        ("no order id", _without("order_id")),
        ("order_items is text", _with("none", "order_items")),
        ("paid_price is no number", _with("abc", "order_items", "paid_price")),
        ("unknown status of a line", _with("being_pondered", "order_items", "status")),
    ),
    "products": (
        ("no id", _without("item_id")),
        ("updated_time is a word", _with("yesterday", "updated_time")),
        ("skus is text", _with("none", "skus")),
        ("unknown status", _with("BeingPondered", "status")),
    ),
    "reverse_orders": (
        ("no id", _without("reverse_order_id")),
        ("refund_amount is no number", _with("abc", "reverse_order_lines", "refund_amount")),
        ("reverse_order_lines is text", _with("none", "reverse_order_lines")),
        ("unknown status", _with("BEING_PONDERED", "reverse_order_lines", "reverse_status")),
    ),
    "transactions": (
        ("no transaction_number", _without("transaction_number")),
        ("amount is no number", _with("abc", "amount")),
        ("transaction_date is a word", _with("yesterday", "transaction_date")),
    ),
    "traces": (
        ("event_time is a word", _with("yesterday", *_EVENTS, "event_time")),
    ),
}  # fmt: skip


def break_one(kind: str, records: list[Record], fault: Fault | None) -> None:
    """Make one record impossible, if that is the fault that struck."""
    if fault is None or fault.kind != "impossible_record" or not records:
        return
    choices = BREAKAGES[kind]
    record = records[fault.choose(len(records))]
    text, change = choices[(fault.rule.seed + fault.rule.number + fault.number) % len(choices)]
    name = record.get("order_id") or record.get("item_id") or record.get("reverse_order_id") or kind
    fault.note(f"{name}: {text}")
    change(record)
