"""How the words of a case look: its state, its amount, and the time that is left with what rules it."""

from datetime import datetime
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.choices import Custody
from aftersales.deadlines import Ruling, find_ruling
from aftersales.models import Case
from aftersales.states import ACTIVE, CaseOrigin, CaseState
from aftersales.vocabulary import awaits_seller
from backoffice.common.admin import badge
from backoffice.common.admin.times import show_countdown, show_moment
from backoffice.common.money import format_money

STATE_COLOURS = {
    "PENDING_APPROVAL": "warning", "APPROVED": "info", "PENDING_MODIFICATION": "info", "PENDING_RETURN": "info",
    "PENDING_RECEIVE": "warning", "PENDING_REFUND": "warning", "PENDING_EXCHANGE": "warning",
    "CS_INTERVENTION": "danger", "COMPLETED": "success", "UNKNOWN": "danger",
}  # fmt: skip
REFUND_COLOURS = {"PENDING": "warning", "PROCESSING": "info", "SUCCESS": "success", "FAILED": "danger", "CANCELLED": ""}
GOODS_COLOURS = {
    "PENDING": "warning", "SHIPPED": "info", "IN_TRANSIT": "info", "RECEIVED": "success", "INSPECTED": "success",
    "REJECTED": "danger", "CANCELLED": "",
}  # fmt: skip
EXCHANGE_COLOURS = {
    "PENDING": "warning", "APPROVED": "warning", "REJECTED": "danger", "RETURN_SHIPPED": "info",
    "RETURN_RECEIVED": "warning", "EXCHANGE_SHIPPED": "info", "COMPLETED": "success", "CANCELLED": "",
}  # fmt: skip
ANSWER_COLOURS = {"sending": "info", "in_doubt": "danger", "accepted": "success", "refused": "warning"}
RULING_WORDS = {Ruling.OURS: "our countdown", Ruling.MARKETPLACE: "marketplace"}
RAW_LENGTH = 40  # characters of a marketplace's own word in a badge


class Rule(NamedTuple):
    """Which of the two deadlines rules."""

    name: str
    ends_at: datetime


def find_rule(case: Case) -> Rule | None:
    """Return the deadline that comes first, ours or the marketplace's; None where nothing runs out."""
    if case.case_state not in ACTIVE:
        return None
    ruling = find_ruling(case.auto_process_time, case.marketplace_deadline_at)
    return Rule(RULING_WORDS[ruling], case.due_at) if ruling and case.due_at else None


def waits_for_parcel(case: Case) -> bool:
    """Whether a marketplace's time runs, and nothing can be done here until the parcel has come."""
    if case.origin != CaseOrigin.MARKETPLACE or case.synced_return is None:
        return False
    custody = case.synced_return.custody
    return custody == Custody.ON_THE_WAY and not awaits_seller(case.shop.marketplace, case.state, custody)


def show_time_left(case: Case) -> SafeString | str:
    """Count down to when the case's time runs out, and say what rules."""
    rule = find_rule(case)
    if rule is None:
        return "–"
    if waits_for_parcel(case):
        shown = format_html('<span title="{}">parcel on its way</span>', show_moment(rule.ends_at))
    else:
        shown = show_countdown(rule.ends_at)
    handled = ", reported" if case.timed_out_at else ""
    return format_html('<div>{}<div class="row-faint">{}{}</div></div>', shown, rule.name, handled)


def show_state(case: Case) -> SafeString:
    """Show the state as a badge; the marketplace's own word, as a warning, where we have none."""
    if case.state == CaseState.UNKNOWN and case.raw_status:
        return badge("danger", f"Unknown: {case.raw_status[:RAW_LENGTH]}")
    return badge(STATE_COLOURS.get(case.state, ""), str(case.get_state_display()))


def show_type(case: Case) -> str:
    """Name what is asked for."""
    return str(case.get_type_display())


def show_reason(case: Case) -> str:
    """Name the reason; the marketplace's own words where we have none."""
    if case.reason != "unknown":
        return str(case.get_reason_display())
    return case.raw_reason_text or case.raw_reason_code or "–"


def show_amounts(case: Case) -> SafeString:
    """Show the amount as it is now, and below it what was asked for, where that was changed."""
    now = format_html('<div class="number">{}</div>', case.shown_amount)
    if not case.is_amount_modified:
        return now
    asked = format_money(case.requested_amount, case.currency)
    return format_html('{}<div class="row-faint number"><s>{}</s> asked</div>', now, asked)
