"""Gathers what the page of a case shows; the template only lays it out."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.admin.case_acting import may_act
from aftersales.admin.case_forms import ActForm, wants_reason_code
from aftersales.admin.case_log import describe_entry
from aftersales.admin.case_stages import list_steps
from aftersales.admin.case_tracks import build_tracks
from aftersales.admin.case_words import ANSWER_COLOURS, find_rule, show_amounts, show_reason, show_state, show_time_left
from aftersales.choices import AnswerState
from aftersales.models import Case, CaseLine, SellerAnswer
from aftersales.queries.actions import PossibleAction
from aftersales.queries.cases import LINES_AT_MOST, LOG_AT_MOST, WholeCase, list_states_passed, load_case
from aftersales.queries.offering import list_offered
from aftersales.queries.policies import load_policy
from aftersales.states import ANSWERS, MOVES, WITH_MONEY, Action, CaseOrigin, CaseState, CaseType
from backoffice.common.admin import badge
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.times import show_distance, show_moment
from backoffice.common.money import format_money
from backoffice.common.plurals import say_count
from orders.admin.synced import Fact
from orders.choices import OrderStatus

MAIN = (Action.APPROVE, Action.CONFIRM_RECEIPT, Action.START_REFUND, Action.SHIP_REPLACEMENT, Action.FILL_SHIPMENT)
DANGEROUS = frozenset(
    {Action.REJECT, Action.REJECT_RECEIPT, Action.CANCEL, Action.RESOLVE_REJECT, Action.RESOLVE_CANCEL}
)
SNAPSHOT_TIMES = (("paid_at", "Paid"), ("shipped_at", "Shipped"), ("delivered_at", "Delivered"))


def build_page(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Return what the template shows."""
    whole = load_case(case)
    return {
        "facts": list_facts(request, case),
        "steps": list_steps(case.case_type, case.case_state, list_states_passed(whole.log)),
        "acts": [_offer(whole, action) for action in _sort(list_offered(whole, request.user))],
        "acts_note": _explain_no_answers(request, whole),
        "lines": [_show_line(line, case.currency) for line in whole.lines],
        "more_lines": len(whole.lines) >= LINES_AT_MOST,
        **build_tracks(request, whole),
        "answers": [_show_answer(one) for one in whole.answers],
        "images": list(_list_images(case.images)),
        "snapshot": list(_read_snapshot(case.snapshot)),
        "timeline": [describe_entry(row, case.currency) for row in whole.log],
        "more_log": len(whole.log) >= LOG_AT_MOST,
    }


def list_facts(request: HttpRequest, case: Case) -> list[Fact]:
    """Return what people look for first: how far it is, until when, how much."""
    raw_reason = (
        " ".join(filter(None, (case.raw_reason_code, case.raw_reason_text))) if case.reason != "unknown" else ""
    )
    reviewer = case.audited_by.get_username() if case.audited_by else ""
    facts = [
        Fact("State", show_state(case), case.raw_status if case.state != CaseState.UNKNOWN else ""),
        Fact("Time left", show_time_left(case) if find_rule(case) else ""),
        Fact("Our countdown ends", _moment(case.auto_process_time)),
        Fact("Marketplace's deadline", _moment(case.marketplace_deadline_at)),
        Fact("Type", str(case.get_type_display())),
        Fact("Reason", show_reason(case), raw_reason),
        Fact("Amount", format_html("<b>{}</b>", show_amounts(case))),
        Fact("Order", _link_order(request, case)),
        Fact("Shop", _link_shop(request, case), str(case.get_origin_display())),
        Fact("Created", show_distance(case.created_at)),
        Fact("In this state", show_distance(case.state_entered_at)),
        Fact("Reviewed", _moment(case.audited_at), reviewer),
        Fact("Ended", _moment(case.completed_at)),
        Fact("Time ran out", _moment(case.timed_out_at)),
        Fact(
            "Sweep failed",
            say_count(case.sweep_failed_count, "time") if case.sweep_failed_count else "",
            case.sweep_error,
        ),
    ]
    return [fact for fact in facts if fact.value]


def _offer(whole: WholeCase, action: Action) -> dict[str, Any]:
    return {
        "key": action.value,
        "title": MOVES[action].title,
        "is_main": action in MAIN,
        "is_dangerous": action in DANGEROUS,
        "note": _say_consequence(whole, action),
        "form": ActForm(whole, action),
        # The marketplace's own reasons are asked for on a page of their own: no page of a case waits for a call.
        "is_page": wants_reason_code(whole.case, action),
        "address": reverse("admin:aftersales_case_act", args=[whole.case.pk, action.value]),
    }


def _say_consequence(whole: WholeCase, action: Action) -> str:
    case = whole.case
    if case.origin == CaseOrigin.MARKETPLACE and action in ANSWERS:
        return f"This is sent to {case.shop.get_marketplace_display()} and cannot be taken back here."
    if action in (Action.APPROVE, Action.RESOLVE_APPROVE) and case.amount and case.type in WITH_MONEY:
        when = " once the goods are here" if case.type == CaseType.RETURN_REFUND else ""
        return f"{case.shown_amount} are to go back to the buyer{when}."
    if action == Action.REFUND_SUCCEEDED and whole.refund is not None:
        return f"Say so only when {whole.refund.shown_amount} have been paid: the case ends with it."
    return ""


def _sort(offered: Iterable[PossibleAction]) -> list[Action]:
    """Put what carries the case on first, and what ends it last; the remark is the very last."""
    actions = [one.move.action for one in offered]
    return sorted(actions, key=lambda one: (one == Action.REMARK, one in DANGEROUS, one not in MAIN))


def _explain_no_answers(request: HttpRequest, whole: WholeCase) -> str:
    case = whole.case
    if case.origin != CaseOrigin.MARKETPLACE:
        return ""
    name = case.shop.get_marketplace_display()
    if whole.open_answer is not None:
        return f"An answer is on its way to {name}. No other can be sent before its end is known."
    if case.state == CaseState.PENDING_APPROVAL and not load_policy(case.shop_id).calls_marketplace:
        is_asked = may_act(request.user, Action.APPROVE) or may_act(request.user, Action.REJECT)
        return (
            f"{name} decides on this case. Answers are sent from here once the after-sales settings of the shop say so."
            if is_asked
            else f"{name} decides on this case."
        )
    return f"{name} decides on this case: its state follows what {name} says."


def _show_line(line: CaseLine, currency: str) -> dict[str, Any]:
    is_fewer = line.quantity != line.requested_quantity
    is_less = line.amount != line.requested_amount
    return {
        "line": line,
        "asked_quantity": line.requested_quantity if is_fewer else None,
        "price": format_money(line.unit_price, currency),
        "amount": format_money(line.amount, currency),
        "asked_amount": format_money(line.requested_amount, currency) if is_less else "",
    }


def _show_answer(answer: SellerAnswer) -> dict[str, Any]:
    return {
        "answer": answer,
        "state": badge(ANSWER_COLOURS.get(answer.state, ""), str(answer.get_state_display())),
        "is_in_doubt": answer.state == AnswerState.IN_DOUBT,
        "who": answer.asked_by.get_username() if answer.asked_by else "by rule",
    }


def _list_images(images: Any) -> Iterator[str]:
    """Yield the addresses that a browser may follow: they come from outside."""
    for one in images if isinstance(images, list) else ():
        if isinstance(one, str) and urlsplit(one).scheme in ("http", "https"):
            yield one


def _read_snapshot(snapshot: Any) -> Iterator[tuple[str, str]]:
    facts = snapshot if isinstance(snapshot, dict) else {}
    if facts.get("status"):
        yield "Status", str(dict(OrderStatus.choices).get(facts["status"], facts["status"]))
    for name, label in SNAPSHOT_TIMES:
        at = parse_datetime(facts[name]) if isinstance(facts.get(name), str) else None
        if at is not None:
            yield label, show_moment(at)


def _moment(at: Any) -> str:
    return show_moment(at) if at else ""


def _link_order(request: HttpRequest, case: Case) -> SafeString | str:
    known = case.order_id is not None
    return _link(find_page(request, "orders.view_order", "admin:orders_order_change", case.order_id) if known else "",
                 case.order_external_id)  # fmt: skip


def _link_shop(request: HttpRequest, case: Case) -> SafeString | str:
    address = find_page(request, "shops.view_shop", "admin:shops_shop_change", case.shop_id)
    return _link(address, case.shop.name or case.shop.external_id)


def _link(address: str, text: str) -> SafeString | str:
    return format_html('<a class="text-link" href="{}">{}</a>', address, text) if address else text
