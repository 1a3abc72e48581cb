"""Whether an action may be taken with what was given: who acts, what is missing, what earlier claims have left."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from decimal import Decimal

from aftersales.amounts import has_own_digits, line_total, share_of
from aftersales.models import DESCRIPTION_LENGTH, MOST_AMENDMENTS, Case, CaseLine
from aftersales.queries.offering import is_money_on_its_way
from aftersales.services.asking import NOTHING, Inputs, Operator, Unacceptable
from aftersales.services.bundles import Bundle, refuse_bundle
from aftersales.services.claims import NOTHING_CLAIMED
from aftersales.services.evidence import check_images
from aftersales.states import ANSWERS, MOVES, NOT_CLAIMING, WITH_MONEY, Action, CaseOrigin, CaseState
from backoffice.common.money import format_money

TEXT_LENGTH = 2_000  # characters of a reason
APPROVALS = frozenset({Action.APPROVE, Action.AUTO_APPROVE, Action.TIMEOUT_APPROVE, Action.RESOLVE_APPROVE})
SPENDING = APPROVALS | {Action.START_REFUND}
TAKING_AGAIN = frozenset({Action.AMEND, Action.ESCALATE})  # of a rejected case: its lines may be another's by now
GIVING_UP = frozenset({Action.RESOLVE_REJECT, Action.RESOLVE_CANCEL})
WITH_AMOUNT = (Action.CHANGE_AMOUNT, Action.SUBMIT)
# What may be given beside what an action needs, in the order of a form.
EXTRAS: Mapping[Action, tuple[str, ...]] = {
    Action.CONFIRM_RECEIPT: ("is_inspected",),
    Action.PARTIAL_RECEIPT: ("is_inspected",),
    Action.REJECT_RECEIPT: ("images",),
    Action.START_REFUND: ("method",),
    Action.REFUND_SUCCEEDED: ("transaction", "method", "provider_response"),
    Action.REFUND_FAILED: ("provider_response",),
    Action.SUBMIT: ("amount", "description", "images"),
}
WITH_ANSWERS = ("reason_code", "images")
ON_MARKETPLACE_CASES = (Action.REMARK, Action.TIMEOUT_ALERT, Action.SYNC)


def clean(inputs: Inputs) -> Inputs:
    """Take from texts what cannot be stored or seen."""
    return replace(
        inputs,
        reason=_clean(inputs.reason),
        description=_clean(inputs.description),
        method=_clean(inputs.method),
        transaction=_clean(inputs.transaction),
    )


def check(bundle: Bundle, action: Action, inputs: Inputs, operator: Operator) -> None:
    """Refuse what does not fit; the state itself is known to fit."""
    case = bundle.case
    if operator.kind not in MOVES[action].actors:
        raise refuse_bundle(bundle, action, f"“{MOVES[action].title}” is not for {operator.name} to do.")
    if (case.origin == CaseOrigin.MARKETPLACE) != (action == Action.SYNC) and action not in ON_MARKETPLACE_CASES:
        raise refuse_bundle(bundle, action, "the marketplace decides on it; an answer is sent there.")
    check_given(case, action, inputs)
    if action in WITH_AMOUNT and inputs.amount is not None:
        _check_amount(case, inputs.amount, find_most(case, bundle.lines))
    if action in APPROVALS and case.type in WITH_MONEY and case.amount is None:
        raise refuse_bundle(bundle, action, "its amount is not known. Change the amount first.")
    if action in GIVING_UP and is_money_on_its_way(bundle):
        raise refuse_bundle(bundle, action, "its refund was sent already.")
    if action == Action.AMEND and case.modification_count >= MOST_AMENDMENTS:
        raise refuse_bundle(
            bundle, action, f"it was amended {case.modification_count} times, which is as often as it can be."
        )
    if needs_room(case, action):
        _check_room(bundle, action)


def check_given(case: Case, action: Action, inputs: Inputs) -> None:
    """Refuse what is missing or too long; raises Unacceptable."""
    needs = MOVES[action].needs
    for name in needs:
        if getattr(inputs, name) in (None, ""):
            raise Unacceptable(name, f"“{MOVES[action].title}” needs this.")
    if len(inputs.reason) > TEXT_LENGTH:
        raise Unacceptable("reason", f"At most {TEXT_LENGTH:,} characters; these are {len(inputs.reason):,}.")
    if len(inputs.description) > DESCRIPTION_LENGTH:
        raise Unacceptable("description", f"At most {DESCRIPTION_LENGTH} characters.")
    check_images(inputs.images)


def check_used(case: Case, action: Action, inputs: Inputs) -> None:
    """Refuse what is given in vain: who approves with an amount means to pay that much, and it would be all.

    For doors where anything can be given with any action; forms have the fields of theirs alone.
    """
    is_answer = case.origin == CaseOrigin.MARKETPLACE and action in ANSWERS
    used = {"reason", *MOVES[action].needs, *EXTRAS.get(action, ()), *(WITH_ANSWERS if is_answer else ())}
    for name in (one.name for one in fields(inputs) if one.name not in used):
        if getattr(inputs, name) != getattr(NOTHING, name):
            raise Unacceptable(name, f"“{MOVES[action].title}” makes nothing of this. Leave it out.")


def find_most(case: Case, lines: Iterable[CaseLine]) -> Decimal | None:
    """Return the most that a case may ask for: of what was asked for at first, the share of the pieces it is about now.

    Fewer may have been accepted of those that came back. None where nothing was asked for.
    """
    shares = [
        share_of(line.requested_amount, line.quantity, line.requested_quantity, case.currency)
        for line in lines
        if line.requested_amount is not None
    ]
    return sum(shares, Decimal(0)) if shares else None


def _check_amount(case: Case, amount: Decimal, most: Decimal | None) -> None:
    if not has_own_digits(amount, case.currency):
        raise Unacceptable("amount", f"{amount} is not an amount of {case.currency}: it has too many decimals.")
    if most is None or not 0 <= amount <= most:
        raise Unacceptable(
            "amount", f"Between 0 and what was asked for these pieces, {format_money(most, case.currency)}."
        )


def needs_room(case: Case, action: Action) -> bool:
    """Whether it matters what other cases claim: before money goes out, and where a rejected case claims once more."""
    takes_again = case.state == CaseState.REJECTED and action in TAKING_AGAIN
    return case.origin == CaseOrigin.INTERNAL and (takes_again or action in SPENDING)


def _check_room(bundle: Bundle, action: Action) -> None:
    """Others may have claimed its lines: since it was rejected, or at a marketplace, which asks nobody here."""
    case = bundle.case
    is_counted = case.state not in NOT_CLAIMING
    for line in bundle.lines:
        claimed = bundle.claims.get((line.order_id or 0, line.order_line_external_id), NOTHING_CLAIMED)
        if action in TAKING_AGAIN and claimed.active_count:
            raise refuse_bundle(bundle, action, "another case of the same order line is open.")
        if line.ordered_quantity is None:
            continue
        quantity = claimed.quantity + (0 if is_counted else line.quantity)
        amount = claimed.amount + (0 if is_counted else line.amount or 0)
        paid = line.unit_price and line_total(line.unit_price, line.ordered_quantity, case.currency)
        if quantity > line.ordered_quantity or (paid and amount > paid):
            raise refuse_bundle(
                bundle, action, "all cases of its order line claim more pieces or money than the line has."
            )
    if case.type in WITH_MONEY and case.amount and bundle.left_amount < (0 if is_counted else case.amount):
        raise refuse_bundle(bundle, action, "all cases of its order claim more money than was paid for the order.")


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()
