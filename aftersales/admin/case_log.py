"""How a row of a case's log reads: who did what and when, from which state to which, and what changed."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from aftersales.choices import ExchangeState, LogActionLabel, Reason, RefundState, ReturnState, StateLabel
from aftersales.models import CaseLog
from backoffice.common.money import format_money

NAMES: Mapping[str, str] = {
    "amount": "Amount", "quantity": "Quantity", "refund": "Refund", "goods": "Goods", "replacement": "Replacement",
    "raw_status": "Marketplace's status", "rule": "Rule", "reason": "Reason", "description": "Description",
    "images": "Photos",
}  # fmt: skip
WORDS: Mapping[str, Mapping[str, Any]] = {
    "refund": dict(RefundState.choices), "goods": dict(ReturnState.choices), "replacement": dict(ExchangeState.choices),
    "reason": dict(Reason.choices),
}  # fmt: skip
NOT_SHOWN = frozenset({"action"})  # the row's own word says it
COLOURS = {
    "APPROVE": "step", "AUTO_APPROVE": "step", "COMPLETE_REFUND": "step", "TIMEOUT_PROCESS": "overdue",
    "ESCALATE": "overdue", "FAIL_REFUND": "overdue", "ADD_REMARK": "staff",
}  # fmt: skip
TEXT_LENGTH = 200  # characters of a value


def describe_entry(row: CaseLog, currency: str) -> dict[str, Any]:
    """Return what the timeline shows of a row."""
    states = dict(StateLabel.choices)
    has_moved = bool(row.previous_state) and row.previous_state != row.state
    return {
        "kind": COLOURS.get(row.action, "plain"),
        "label": dict(LogActionLabel.choices).get(row.action, row.action),
        "at": row.at,
        "who": _name_operator(row),
        "from": states.get(row.previous_state, row.previous_state) if has_moved else "",
        "to": states.get(row.state, row.state) if has_moved or not row.previous_state else "",
        "text": row.text,
        "changes": list(_list_changes(row.context, currency)),
    }


def _name_operator(row: CaseLog) -> str:
    return row.operator_name or str(row.get_operator_kind_display())


def _list_changes(context: Any, currency: str) -> Iterator[tuple[str, str, str]]:
    """Yield (what, before, after); before is empty for what is only told."""
    if not isinstance(context, dict):
        return
    for name, value in context.items():
        if name in NOT_SHOWN:
            continue
        label = NAMES.get(name, name.replace("_", " ").capitalize())
        if isinstance(value, list) and len(value) == 2:
            yield label, _in_words(name, value[0], currency), _in_words(name, value[1], currency)
        elif isinstance(value, (str, int, float)) and value != "":
            yield label, "", _in_words(name, value, currency)


def _in_words(name: str, value: Any, currency: str) -> str:
    if value is None or value == "":
        return "–"
    if name == "amount":
        return _show_amount(value, currency)
    if isinstance(value, list):
        return f"{len(value)}"
    text = str(WORDS.get(name, {}).get(value, value))
    return text if len(text) <= TEXT_LENGTH else f"{text[:TEXT_LENGTH]}…"


def _show_amount(value: Any, currency: str) -> str:
    try:
        return format_money(Decimal(str(value)), currency)
    except ArithmeticError:
        return str(value)[:TEXT_LENGTH]
