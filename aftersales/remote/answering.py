"""Passes a seller's answer on to the marketplace: written down, sent once, and then read what has become of it."""

from datetime import datetime
from typing import Any

import structlog

from aftersales.choices import AnswerState
from aftersales.models import Case, SellerAnswer, SyncedReturn
from aftersales.queries.policies import load_policy
from aftersales.remote.answers import (
    BUT_ANSWERS,
    NOUNS,
    Asked,
    begin,
    doubt,
    end,
    end_by_reading,
    make_record,
    take_back,
)
from aftersales.remote.reading import open_for_calls, read_again
from aftersales.services.asking import NOTHING, Inputs, NotAllowed, Operator, Unacceptable, refuse
from aftersales.services.guards import check_given, clean
from aftersales.services.moving import move_case
from aftersales.states import ANSWERS, MOVES, Action, CaseOrigin, OperatorKind, plan_path
from backoffice.common.errors import BackofficeError
from shops.connections import Postponed, ShopConnection
from shops.marketplaces.errors import MarketplaceError
from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Decision, RejectReason
from shops.marketplaces.retry import is_in_doubt

log = structlog.get_logger(__name__)


class InDoubt(NotAllowed):
    """The marketplace's reply was lost, and reading the case again has not told whether it has taken the answer."""

    code = "answer_in_doubt"


def act(
    case_id: int,
    action: Action,
    operator: Operator,
    inputs: Inputs = NOTHING,
    *,
    person: Any = None,
    request_id: str = "",
) -> Case:
    """Take an action on any case; raises NotAllowed, Unacceptable, and Case.DoesNotExist.

    Approving and rejecting a marketplace's case is a call to the marketplace, whose word then moves the case: no
    transaction may be open. Whoever calls has checked the permission and the shop.
    """
    case = Case.objects.select_related("shop").get(pk=case_id)
    if case.origin == CaseOrigin.INTERNAL or action not in ANSWERS:
        return move_case(case_id, action, operator, inputs, request_id=request_id)
    asked = Asked(operator, clean(inputs), person, request_id)
    _check(case, action, asked)
    connection = open_shop(case, action)
    decision = Decision(action.value)
    _check_reason_code(connection, case, decision, asked.inputs)
    return deliver(begin(case_id, decision, asked), connection, asked)


def list_reject_reasons(case_id: int) -> tuple[RejectReason, ...]:
    """Ask the marketplace which reasons a rejection of its case may give; none where it has no such list."""
    case = Case.objects.select_related("shop").get(pk=case_id)
    if case.synced_return_id is None:
        return ()
    connection = open_shop(case, Action.REJECT)
    try:
        return _fetch_reasons(connection, case)
    except (MarketplaceError, BackofficeError) as error:
        raise NotAllowed(f"Case {case.number}: its marketplace did not tell the reasons: {error}") from error


def open_shop(case: Case, action: Action) -> ShopConnection:
    """Open a case's shop for a call; raises NotAllowed."""
    try:
        return open_for_calls(case.shop, Lane.INTERACTIVE)
    except (MarketplaceError, BackofficeError) as error:
        raise refuse(case, action, f"nothing was sent. {error}") from error


def deliver(
    answer: SellerAnswer, connection: ShopConnection, asked: Asked, *, first_sent_at: datetime | None = None
) -> Case:
    """Send an answer that stands as being sent, and end it; raises NotAllowed where it was refused, else InDoubt.

    A call that may have been executed is not repeated: what became of it is read. `first_sent_at` is given with an
    answer in doubt that is sent again.
    """
    case, action = answer.case, Action(answer.decision)
    record = make_record(answer, case, getattr(asked.person, "email", ""))
    connection.announce("returns; answer")
    try:
        connection.call(lambda connector: connector.send_answer(record), once=True)
    except Postponed as error:
        if first_sent_at is None:
            end(answer, AnswerState.REFUSED, f"It was not sent: {error}")
        else:
            take_back(answer, first_sent_at, f"It was not sent again: {error}")
        raise refuse(case, action, f"nothing was sent. {error}") from error
    except MarketplaceError as error:
        if is_in_doubt(error):
            return _look_after(answer, error)
        end(answer, AnswerState.REFUSED, f"{error} {error.advice}".strip())
        read_quietly(case)
        case = Case.objects.select_related("shop").get(pk=case.pk)
        marketplace = case.shop.get_marketplace_display()
        raise refuse(case, action, f"{marketplace} did not take it: {error} {error.advice}".strip()) from error
    end(answer, AnswerState.ACCEPTED)
    read_quietly(case)
    return Case.objects.get(pk=case.pk)


def read_quietly(case: Case) -> None:
    """Read a case again; where that fails the next sync brings what it says."""
    for case_id, why in read_again([case.pk], lane=Lane.INTERACTIVE).failed.items():
        log.warning("answer_not_read", case_id=case_id, error=why)


def _look_after(answer: SellerAnswer, error: MarketplaceError) -> Case:
    doubt([answer.pk], str(error))
    log.warning("answer_in_doubt", case_id=answer.case_id, answer_id=answer.pk, error=str(error))
    read_quietly(answer.case)
    if end_by_reading(answer.pk) == AnswerState.ACCEPTED:
        return Case.objects.get(pk=answer.case_id)
    noun = NOUNS[Decision(answer.decision)].lower()
    raise InDoubt(
        f"Case {answer.case.number}: the {noun} was sent, but {answer.case.shop.get_marketplace_display()}'s reply was "
        f"lost ({error}). It is read again by itself until it is known whether it was taken."
    ) from error


def _check(case: Case, action: Action, asked: Asked) -> None:
    move, inputs = MOVES[action], asked.inputs
    if asked.operator.kind not in move.actors | {OperatorKind.SYSTEM}:
        raise refuse(case, action, f"“{move.title}” is not for {asked.operator.name} to do.")
    if plan_path(action, case.case_state, case.case_type) is None:
        raise refuse(case, action)
    check_given(case, action, inputs)
    check_passed_on(case, action)


def check_passed_on(case: Case, action: Action) -> None:
    """Refuse an answer where its shop does not let answers be sent; raises NotAllowed."""
    if not load_policy(case.shop_id).calls_marketplace:
        raise refuse(
            case, action, "answers of this shop are not passed on to the marketplace. That is switched on in the "
            "shop's after-sales settings (“Answer marketplaces”); else answer in the seller centre.",
            among=BUT_ANSWERS,
        )  # fmt: skip


def _check_reason_code(connection: ShopConnection, case: Case, decision: Decision, inputs: Inputs) -> None:
    traits = connection.connector.answers
    if decision != Decision.REJECT or decision not in traits.decisions:
        return
    if not traits.needs_reason_code or inputs.reason_code:
        return
    try:
        reasons = _fetch_reasons(connection, case)
    except (MarketplaceError, BackofficeError) as error:
        raise refuse(case, Action.REJECT, f"nothing was sent. {error}") from error
    if not reasons:
        raise refuse(
            case, Action.REJECT, "its marketplace takes no reason for it from here: reject in the seller centre."
        )
    known = "; ".join(f"{one.code}: {one.text.rstrip('.')}" for one in reasons)
    raise Unacceptable("reason_code", f"The marketplace wants one of its own reasons: {known}.")


def _fetch_reasons(connection: ShopConnection, case: Case) -> tuple[RejectReason, ...]:
    told = SyncedReturn.objects.only("external_id").get(case=case)
    line_ids = list(told.lines.order_by("pk").values_list("external_id", flat=True))
    return connection.call(lambda connector: connector.fetch_reject_reasons(told.external_id, line_ids))
