"""Finds out what became of answers whose replies were lost, or whose worker was killed: by reading, never by sending.

A reading that shows another status than the one that was answered ends an answer. While it shows the same one the
answer stays open, as the marketplace may still take it; after a day a person may send it again under its old key.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Q, Value

from aftersales.choices import AnswerState
from aftersales.models import OPEN_ANSWERS, Case, SellerAnswer
from aftersales.remote.answering import check_passed_on, deliver, open_shop
from aftersales.remote.answers import BUT_ANSWERS, Asked, begin_again, doubt, end_by_reading
from aftersales.remote.reading import NotRead, read_again
from aftersales.services.asking import NOTHING, Operator, refuse
from aftersales.states import Action
from backoffice.common import clock
from shops.marketplaces.rate_limit import Lane

KILLED_AFTER = timedelta(minutes=5)  # a reading harms nothing where the call is still being made
LONGEST_DELAY = timedelta(hours=6)
SEND_AGAIN_AFTER = timedelta(days=1)


@dataclass
class Settled:
    """What became of open answers: looked after, ended either way, still open, not read."""

    examined_count: int = 0
    accepted_count: int = 0
    refused_count: int = 0
    open_count: int = 0
    failed_count: int = 0


def settle_answers(limit: int = 100) -> Settled:
    """Read again what open answers are about, those that were looked after longest ago first.

    Each is looked after again once as much time has passed as had between its sending and the last look.
    """
    now = clock.now()
    answers = {answer.case_id: answer for answer in _list_due(now)[:limit]}
    mine = {case_id: answer for case_id, answer in answers.items() if _claim(answer, now)}
    doubt([answer.pk for answer in mine.values()], "Its reply never came: what sent it has ended.")
    reread = read_again(mine)
    counts = Settled(examined_count=len(mine), failed_count=len(reread.failed))
    for answer in mine.values():
        state = end_by_reading(answer.pk)
        counts.accepted_count += state == AnswerState.ACCEPTED
        counts.refused_count += state == AnswerState.REFUSED
        counts.open_count += state is None
    return counts


def send_again(answer_id: int, operator: Operator, *, person: Any = None, request_id: str = "") -> Case:
    """Send an answer in doubt once more under its old key, where the marketplace has shown no sign of it for a day.

    Raises NotAllowed, NotRead, and NotPossible where somebody else does the same. The case is read before: what has
    moved on since is not answered again.
    """
    answer = SellerAnswer.objects.select_related("case__shop").get(pk=answer_id)
    case, action = answer.case, Action(answer.decision)
    may_be_sent_at = answer.sent_at + SEND_AGAIN_AFTER
    if answer.state != AnswerState.IN_DOUBT or clock.now() < may_be_sent_at:
        why = "only an answer in doubt can be sent again, a day after it was sent"
        raise refuse(case, action, f"{why} ({may_be_sent_at:%Y-%m-%d %H:%M} UTC).", among=BUT_ANSWERS)
    check_passed_on(case, action)
    failed = read_again([case.pk], lane=Lane.INTERACTIVE).failed
    if failed:
        raise NotRead(f"Case {case.number}: it cannot be read, so nothing was sent. {failed[case.pk]}")
    if end_by_reading(answer.pk) is not None:
        return Case.objects.get(pk=case.pk)
    asked = Asked(operator, NOTHING, person, request_id)
    connection = open_shop(case, action)
    return deliver(begin_again(answer, asked), connection, asked, first_sent_at=answer.sent_at)


def _list_due(now: datetime) -> Any:
    since_read = ExpressionWrapper(Value(now) - F("read_at"), output_field=DurationField())
    before = ExpressionWrapper(F("read_at") - F("sent_at"), output_field=DurationField())
    waited = Q(read_at=None) | Q(read_at__lte=now - LONGEST_DELAY) | Q(since_read__gte=F("before"))
    is_lost = Q(state=AnswerState.IN_DOUBT) | Q(sent_at__lte=now - KILLED_AFTER)
    rows = SellerAnswer.objects.filter(state__in=OPEN_ANSWERS).annotate(since_read=since_read, before=before)
    return rows.filter(waited & is_lost).order_by(F("read_at").asc(nulls_first=True), "pk")


def _claim(answer: SellerAnswer, now: datetime) -> bool:
    """Take an answer to look after it: of two who do so at once, one."""
    rows = SellerAnswer.objects.filter(pk=answer.pk, state__in=OPEN_ANSWERS, read_at=answer.read_at)
    return bool(rows.update(read_at=now))
