"""The rows of sellers' answers: begun before the call, ended once; what a later reading says of one. No calls here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from aftersales.choices import AnswerState, ReturnStatus
from aftersales.models import OPEN_ANSWERS, Case, SellerAnswer, SyncedReturn, SyncedReturnLine
from aftersales.services.asking import SYSTEM, Inputs, NotAllowed, Operator, refuse
from aftersales.services.guards import TEXT_LENGTH
from aftersales.services.moving import move_case
from aftersales.states import ANSWERS, BY_PEOPLE, ON_ITS_WAY, Action, CaseState, plan_path
from backoffice.common import clock
from backoffice.common.errors import NotPossible
from shops.marketplaces.records import AnswerToReturn, Custody, Decision, ReturnKind

BUT_ANSWERS = tuple(action for action in BY_PEOPLE if action not in ANSWERS)
NOUNS = {Decision.APPROVE: "Approval", Decision.REJECT: "Rejection"}
# What a return says once an answer was taken. A dispute is how Shopee takes a rejection.
_TAKEN: dict[Decision, frozenset[str]] = {
    Decision.APPROVE: frozenset({ReturnStatus.APPROVED, ReturnStatus.COMPLETED}),
    Decision.REJECT: frozenset({ReturnStatus.REJECTED, ReturnStatus.DISPUTED}),
}
# What its case says then: cases know more of a marketplace's words than returns do.
_TAKEN_BY_STATE: dict[Decision, frozenset[CaseState]] = {
    Decision.APPROVE: ON_ITS_WAY | {CaseState.COMPLETED},
    Decision.REJECT: frozenset({CaseState.REJECTED, CaseState.CS_INTERVENTION}),
}
_NOT_TOLD = frozenset({CaseState.UNKNOWN, CaseState.PENDING_APPROVAL, CaseState.PENDING_MODIFICATION})


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an answer, and what came with it."""

    operator: Operator
    inputs: Inputs
    person: Any = None
    request_id: str = ""


def begin(case_id: int, decision: Decision, asked: Asked) -> SellerAnswer:
    """Commit that an answer is on its way, with its row in the log, before anything is sent; raises NotAllowed."""
    with transaction.atomic(durable=True):
        rows = Case.objects.select_related("shop", "synced_return")
        case = rows.select_for_update(of=("self",)).get(pk=case_id)
        action = Action(decision.value)
        if plan_path(action, case.case_state, case.case_type) is None or case.synced_return is None:
            raise refuse(case, action)
        _check_earlier(case, case.synced_return)
        answer = SellerAnswer.objects.create(
            case=case, decision=decision.value, raw_status=case.synced_return.raw_status,
            reason_code=asked.inputs.reason_code[:100], comment=asked.inputs.reason, images=list(asked.inputs.images),
            asked_by=asked.person, sent_at=clock.now(),
        )  # fmt: skip
        note_sending(answer, asked)
    return answer


def begin_again(answer: SellerAnswer, asked: Asked) -> SellerAnswer:
    """Commit that an answer in doubt is on its way once more.

    Raises NotAllowed where the marketplace waits for another answer by now, and NotPossible where somebody else sends
    this one.
    """
    with transaction.atomic(durable=True):
        _check_still_asked(answer)
        mine = SellerAnswer.objects.filter(pk=answer.pk, state=AnswerState.IN_DOUBT, sent_at=answer.sent_at)
        if not mine.update(state=AnswerState.SENDING, sent_at=clock.now(), read_at=None):
            raise NotPossible(f"Case {answer.case.number}: somebody else is sending it again.")
        note_sending(answer, asked)
    return SellerAnswer.objects.select_related("case__shop", "case__synced_return").get(pk=answer.pk)


def _check_still_asked(answer: SellerAnswer) -> None:
    raw_status = SyncedReturn.objects.values_list("raw_status", flat=True).get(case=answer.case_id)
    if raw_status != answer.raw_status:
        why = f"the answer was to “{answer.raw_status}”, and it is “{raw_status}” by now: answer in the seller centre."
        raise refuse(answer.case, Action(answer.decision), why, among=BUT_ANSWERS)


def note_sending(answer: SellerAnswer, asked: Asked) -> None:
    """Write into the case's log who sends what."""
    text = f"{NOUNS[Decision(answer.decision)]} sent to {answer.case.shop.get_marketplace_display()}."
    context = {
        **asked.inputs.context, "answer": answer.pk, "decision": answer.decision, "reason_code": answer.reason_code
    }  # fmt: skip
    inputs = Inputs(reason=f"{text} {answer.comment}".strip(), context=context)
    move_case(answer.case_id, Action.REMARK, asked.operator, inputs, request_id=asked.request_id)


def make_record(answer: SellerAnswer, case: Case, email: str) -> AnswerToReturn:
    """Write an answer as connectors take it, from the return as it was read last."""
    told: SyncedReturn | None = case.synced_return
    assert told is not None
    lines = SyncedReturnLine.objects.filter(synced_return=told).order_by("pk")
    return AnswerToReturn(
        external_id=told.external_id, decision=Decision(answer.decision), idempotency_key=str(answer.idempotency_key),
        order_external_id=told.order_external_id, kind=ReturnKind(told.kind), raw_status=told.raw_status,
        requested_action=told.requested_action, custody=Custody(told.custody),
        line_ids=tuple(lines.values_list("external_id", flat=True)), reason_code=answer.reason_code,
        comment=answer.comment, images=tuple(answer.images), email=email,
    )  # fmt: skip


def end(answer: SellerAnswer, state: AnswerState, message: str = "") -> bool:
    """End an open answer, with a row in the case's log; False where somebody else has ended it."""
    with transaction.atomic():
        changed = SellerAnswer.objects.filter(pk=answer.pk, state__in=OPEN_ANSWERS).update(
            state=state, message=message, settled_at=clock.now()
        )
        if changed:
            noun = NOUNS[Decision(answer.decision)].lower()
            marketplace = answer.case.shop.get_marketplace_display()
            verb = "has taken" if state == AnswerState.ACCEPTED else "did not take"
            text = f"{marketplace} {verb} the {noun}. {message}".strip()
            context = {"answer": answer.pk, "answer_state": state.value}
            move_case(answer.case_id, Action.REMARK, SYSTEM, Inputs(reason=text[:TEXT_LENGTH], context=context))
    return bool(changed)


def take_back(answer: SellerAnswer, sent_at: datetime, message: str) -> None:
    """Leave in doubt, as since it was sent first, what could not be sent again: it may have been taken then."""
    with transaction.atomic():
        sending = SellerAnswer.objects.filter(pk=answer.pk, state=AnswerState.SENDING)
        if sending.update(state=AnswerState.IN_DOUBT, sent_at=sent_at, message=message):
            inputs = Inputs(reason=message[:TEXT_LENGTH], context={"answer": answer.pk})
            move_case(answer.case_id, Action.REMARK, SYSTEM, inputs)


def doubt(answers: Collection[int], message: str) -> int:
    """Note that replies are lost; only of what is still on its way."""
    sending = SellerAnswer.objects.filter(pk__in=answers, state=AnswerState.SENDING)
    return sending.update(state=AnswerState.IN_DOUBT, message=message)


def end_by_reading(answer_id: int) -> AnswerState | None:
    """End an open answer where what was read since tells how it went; None while nothing does."""
    answer = SellerAnswer.objects.select_related("case__shop", "case__synced_return").get(pk=answer_id)
    told = answer.case.synced_return
    if told is None or answer.state not in OPEN_ANSWERS:
        return AnswerState(answer.state) if answer.state not in OPEN_ANSWERS else None
    state = judge(Decision(answer.decision), answer.raw_status, told, answer.case.case_state)
    if state is not None:
        end(answer, state, f"Read there: {told.raw_status}.")
    return state


def judge(decision: Decision, raw_status: str, told: SyncedReturn, state: CaseState) -> AnswerState | None:
    """Tell from a return and its case whether an answer, sent while it stood at `raw_status`, was taken.

    None while that is open.
    """
    if told.raw_status == raw_status or told.status == ReturnStatus.REQUESTED:
        return None
    if told.status == ReturnStatus.UNKNOWN:
        if state in _NOT_TOLD:
            return None
        is_taken = state in _TAKEN_BY_STATE[decision]
    else:
        # Of a cancellation that was rejected, TikTok Shop says the same as of one that was withdrawn.
        is_refused_cancellation = told.kind == ReturnKind.CANCEL and told.status == ReturnStatus.WITHDRAWN
        is_taken = told.status in _TAKEN[decision] or (decision == Decision.REJECT and is_refused_cancellation)
    return AnswerState.ACCEPTED if is_taken else AnswerState.REFUSED


def _check_earlier(case: Case, told: SyncedReturn) -> None:
    """Refuse a second answer to the same step: while the end of the first is open, or while only its effect is."""
    open_one = case.answers.filter(state__in=OPEN_ANSWERS).first()
    if open_one is not None:
        raise _still_open(case, open_one)
    taken = case.answers.filter(state=AnswerState.ACCEPTED, raw_status=told.raw_status).order_by("-sent_at").first()
    # One that was sent after the marketplace's last change that is known here: the reading is older than the answer.
    if taken is not None and (told.source_updated_at is None or told.source_updated_at <= taken.sent_at):
        marketplace = case.shop.get_marketplace_display()
        why = f"{marketplace} has taken an answer to this; what it says since has not been read yet. Read it again."
        raise refuse(case, Action(taken.decision), why, among=BUT_ANSWERS)


def _still_open(case: Case, answer: SellerAnswer) -> NotAllowed:
    noun = NOUNS[Decision(answer.decision)].lower()
    since = f"{answer.sent_at:%Y-%m-%d %H:%M} UTC"
    refusal = refuse(
        case, Action(answer.decision),
        f"whether {case.shop.get_marketplace_display()} has taken the {noun} sent at {since} is not known yet. "
        "It is read again by itself until that is known.", among=BUT_ANSWERS,
    )  # fmt: skip
    refusal.code = "answer_in_doubt"
    return refusal
