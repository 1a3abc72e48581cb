"""The one function that moves cases: no other code assigns a state.

It locks the cases, checks the table of moves and the guards, and writes state, countdown, records and log rows in one
transaction, set by set: a person's click is a list of one, the sweep's batch a list of a hundred.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from aftersales.deadlines import compute_deadline
from aftersales.models import MOST_AMENDMENTS, Case, CaseLine
from aftersales.queries.policies import load_policies
from aftersales.services import children
from aftersales.services.asking import NOTHING, SYSTEM, Ask, Inputs, NotAllowed, Operator, Unacceptable
from aftersales.services.bundles import Bundle, lock_bundles, read_claims, refuse_bundle, write_bundles
from aftersales.services.claims import lock_orders
from aftersales.services.entries import make_entry
from aftersales.services.guards import APPROVALS, check, clean, needs_room
from aftersales.services.order_facts import take_over
from aftersales.states import (
    ACTIVE,
    COUNTDOWN,
    MOVES,
    TERMINAL,
    TIMEOUTS,
    Action,
    CaseOrigin,
    CaseState,
    Follows,
    LogAction,
    OperatorKind,
    plan_path,
)
from backoffice.common import clock
from backoffice.common.money import write_amount
from backoffice.common.plurals import say_count
from backoffice.common.updating import insert_rows

MOST_REJECTIONS = 3
REVIEWS = APPROVALS | {Action.REJECT, Action.RESOLVE_REJECT}
REJECTIONS = frozenset({Action.REJECT, Action.REJECT_RECEIPT})
RECEIPTS = frozenset({Action.CONFIRM_RECEIPT, Action.PARTIAL_RECEIPT, Action.TIMEOUT_RECEIVE})
OWN_STEPS = {CaseState.COMPLETED: LogAction.COMPLETE, CaseState.CS_INTERVENTION: LogAction.ESCALATE}


@dataclass
class Moved:
    """What became of a batch: the cases that moved, and why others did not, by id."""

    cases: list[Case] = field(default_factory=list)
    refused: dict[int, NotAllowed | Unacceptable] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """A new case, not stored yet, with its lines; the state it begins in, and since when it is in it."""

    case: Case
    lines: Sequence[CaseLine]
    state: CaseState
    entered_at: datetime


def move_case(
    case_id: int, action: Action, operator: Operator, inputs: Inputs = NOTHING, *, request_id: str = ""
) -> Case:
    """Move one case. Raises NotAllowed or Unacceptable, and Case.DoesNotExist; then nothing was changed."""
    moved = move_cases({case_id: Ask(action, inputs)}, operator, request_id=request_id)
    for error in moved.refused.values():
        raise error
    if not moved.cases:
        raise Case.DoesNotExist(f"There is no case {case_id}.")
    return moved.cases[0]


def move_cases(
    asks: Mapping[int, Ask],
    operator: Operator,
    *,
    request_id: str = "",
    skip_locked: bool = False,
    if_due_at: datetime | None = None,
) -> Moved:
    """Move cases, all in one transaction; one that is refused is left as it is and harms no other.

    With `skip_locked` those that somebody else moves at this moment are left out. With `if_due_at` a case is left out
    unless its time had run out then and nobody has handled that yet: what the sweep chose may have moved since.
    """
    moved = Moved()
    with transaction.atomic():
        bundles = lock_bundles(asks, skip_locked=skip_locked)
        if if_due_at is not None:
            bundles = [bundle for bundle in bundles if is_due(bundle.case, if_due_at)]
        _lock_claims(bundles, asks)
        now = clock.now()  # once the locks are held: else a log tells what came later as the earlier
        for bundle in bundles:
            try:
                _move(bundle, asks[bundle.case.pk], operator, request_id, now)
            except (NotAllowed, Unacceptable) as error:
                moved.refused[bundle.case.pk] = error
        done = [bundle for bundle in bundles if bundle.case.pk not in moved.refused]
        take_over(done)
        write_bundles(done, now)
    moved.cases = [bundle.case for bundle in done]
    return moved


def start_cases(starts: Sequence[Start], operator: Operator, *, request_id: str = "") -> None:
    """Store new cases with their lines and the first row of their logs, in the caller's transaction.

    Raises IntegrityError where another active case that was made here holds one of the lines.
    """
    now = clock.now()
    policies = load_policies({start.case.shop_id for start in starts})
    bundles = []
    for start in starts:
        bundle = Bundle(start.case, policies[start.case.shop_id], list(start.lines))
        start.case.created_at = start.case.created_at or now
        start.case.updated_at = now
        _enter(bundle, start.state, start.entered_at)
        _hold_lines(bundle)
        bundles.append(bundle)
    insert_rows([bundle.case for bundle in bundles])
    for bundle in bundles:
        for line in bundle.lines:
            line.case = bundle.case
        bundle.log.append(
            make_entry(bundle.case, LogAction.CREATE, operator, previous="", at=now, request_id=request_id)
        )
    insert_rows([line for bundle in bundles for line in bundle.lines])
    insert_rows([row for bundle in bundles for row in bundle.log])


def is_due(case: Case, at: datetime) -> bool:
    """Whether a case's time had run out and that was not handled yet."""
    is_over = case.due_at is not None and case.due_at <= at
    return is_over and case.case_state in COUNTDOWN and case.timed_out_at is None


def _lock_claims(bundles: Sequence[Bundle], asks: Mapping[int, Ask]) -> None:
    """Read what all cases claim of the lines of those that claim once more or spend; nobody claims more meanwhile."""
    spending = [bundle for bundle in bundles if needs_room(bundle.case, asks[bundle.case.pk].action)]
    order_ids = {bundle.case.order_id for bundle in spending if bundle.case.order_id}
    if order_ids:
        lock_orders(order_ids)
        read_claims(spending, order_ids)


def _move(bundle: Bundle, ask: Ask, operator: Operator, request_id: str, now: datetime) -> None:
    case, action, inputs = bundle.case, ask.action, clean(ask.inputs)
    path = plan_way(bundle, action, inputs)
    check(bundle, action, inputs, operator)
    before, previous = _read_facts(bundle), case.state
    children.prepare(bundle, action, inputs, now)
    _stamp(case, action, inputs, operator, now)
    entered_at = (inputs.told_at or now) if action == Action.SYNC else now
    if MOVES[action].target is Follows.SAME or path == (case.case_state,):
        path = (case.case_state,)
    else:
        _enter(bundle, path[0], entered_at, now)
    changes = {name: [old, new] for (name, old), new in zip(before.items(), _read_facts(bundle).values(), strict=True)
               if old != new}  # fmt: skip
    context = {"action": action.value, **changes, **inputs.context}
    bundle.log.append(
        make_entry(
            case, MOVES[action].log, operator, previous=previous, at=now, text=inputs.reason, context=context,
            request_id=request_id,
        )
    )  # fmt: skip
    for log, actor, text in _list_besides(bundle, action, inputs, operator):
        bundle.log.append(make_entry(case, log, actor, previous=case.state, at=now, text=text, request_id=request_id))
    for state in path[1:]:
        _go_on(bundle, state, request_id, now)
    if action in REJECTIONS and _is_hopeless(case):
        case.escalated_from = case.state
        rejected, amended = say_count(case.rejection_count, "time"), say_count(case.modification_count, "time")
        text = f"Rejected {rejected}, amended {amended}."
        _go_on(bundle, CaseState.CS_INTERVENTION, request_id, now, text)
    _hold_lines(bundle)


def _list_besides(
    bundle: Bundle, action: Action, inputs: Inputs, operator: Operator
) -> Iterator[tuple[LogAction, Operator, str]]:
    """Yield what an action did besides, as the log is searched by these words, and what it says of that.

    Of a receipt: goods checked, a refund asked for. Of a refund that failed: that it was the last time.
    """
    if action in RECEIPTS and inputs.is_inspected:
        yield LogAction.INSPECT_RETURN, operator, ""
    if _is_refund_new(bundle):
        yield LogAction.REQUEST_REFUND, SYSTEM, ""
    if action == Action.REFUND_FAILED and bundle.refund is not None and bundle.refund.has_failed_for_good:
        count = bundle.refund.retry_count
        yield LogAction.ADD_REMARK, SYSTEM, f"The refund has failed {count} times. This is final: escalate the case."


def _is_refund_new(bundle: Bundle) -> bool:
    return bundle.refund is not None and bundle.refund.pk is None


def _is_hopeless(case: Case) -> bool:
    """Whether another round between buyer and merchant leads nowhere, so that customer service has to look."""
    return case.rejection_count >= MOST_REJECTIONS or case.modification_count >= MOST_AMENDMENTS


def plan_way(bundle: Bundle, action: Action, inputs: Inputs) -> tuple[CaseState, ...]:
    """Return the states that a case passes, the last of which it stays in; raises NotAllowed."""
    case = bundle.case
    if action == Action.SYNC and inputs.told is not None:
        return (inputs.told,)
    remembered = CaseState(case.escalated_from) if case.escalated_from else None
    if MOVES[action].target is Follows.ROUTED:
        remembered = children.find_place(bundle) or remembered
    path = plan_path(action, case.case_state, case.case_type, remembered)
    if path is None:
        raise refuse_bundle(bundle, action)
    return path


def _stamp(case: Case, action: Action, inputs: Inputs, operator: Operator, now: datetime) -> None:
    """Write what an action says of the case beside its state."""
    case.sweep_failed_count, case.sweep_not_before, case.sweep_error = 0, None, ""
    if action in REVIEWS:
        case.audited_at = now
        case.audited_by_id = operator.id if operator.kind == OperatorKind.ADMIN else None
    if action in REJECTIONS:
        case.rejection_count += 1
    if action == Action.AMEND:
        case.modification_count += 1
    if action in (Action.ESCALATE, Action.TIMEOUT_ESCALATE):
        case.escalated_from = case.state
    elif case.state == CaseState.CS_INTERVENTION and MOVES[action].log == LogAction.RESOLVE:
        case.escalated_from = ""
    if action in TIMEOUTS:
        case.timed_out_at = now
    if action == Action.SUBMIT:
        case.description = inputs.description or case.description
        case.images = list(inputs.images) or case.images


def _enter(bundle: Bundle, state: CaseState, entered_at: datetime, now: datetime | None = None) -> None:
    """Put a case into a state: its countdown begins, and what comes with the state is made."""
    case = bundle.case
    case.state = state.value
    case.state_entered_at = entered_at
    case.auto_process_time = compute_deadline(state, entered_at, bundle.policy)
    if state in COUNTDOWN:
        case.timed_out_at = None
    case.completed_at = entered_at if state in TERMINAL else None
    if now is not None:
        children.enter(bundle, state, now)


def _go_on(bundle: Bundle, state: CaseState, request_id: str, now: datetime, text: str = "") -> None:
    """Enter another state in the same move: the product's own step, with a row of its own that names what it did."""
    previous = bundle.case.state
    _enter(bundle, state, now, now)
    log = LogAction.REQUEST_REFUND if _is_refund_new(bundle) else OWN_STEPS.get(state, LogAction.STATE_CHANGE)
    bundle.log.append(make_entry(bundle.case, log, SYSTEM, previous=previous, at=now, text=text, request_id=request_id))


def _hold_lines(bundle: Bundle) -> None:
    is_held = bundle.case.origin == CaseOrigin.INTERNAL and bundle.case.case_state in ACTIVE
    for line in bundle.lines:
        line.holds_line = is_held and line.order_id is not None


def _read_facts(bundle: Bundle) -> dict[str, object]:
    """Return what a log row tells the old and the new value of, as JSON can hold it."""
    case = bundle.case
    return {
        "amount": write_amount(case.amount, case.currency) if case.amount is not None else None,
        "quantity": sum(line.quantity for line in bundle.lines),
        "refund": bundle.refunds[-1].state if bundle.refunds else None,
        "goods": bundle.parcels[-1].state if bundle.parcels else None,
        "replacement": bundle.exchanges[-1].state if bundle.exchanges else None,
    }
