"""What a list of returns can be narrowed by, and in which order it is read."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet

from aftersales.choices import AnswerBy, Custody, MoneyState, ReturnKind, ReturnStatus
from aftersales.models import SyncedReturn
from backoffice.common import clock
from backoffice.common.filters import DAY, AnyChoiceFilter
from orders.queries.search import find_beginnings, find_equals
from orders.queries.synced_filters import LABELS, NEWEST_FIRST, SyncedFilterSet, make_unknown_filter


def order_of_list(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in which order a list that is narrowed so is read: most urgent first where the time to answer counts."""
    return ("respond_by_at", "-id") if filters.get("answer_by") else NEWEST_FIRST


def narrow_by_answer_by(returns: QuerySet[SyncedReturn], choice: str) -> QuerySet[SyncedReturn]:
    """Keep the requests that wait for an answer and stand so against the time for it."""
    now = clock.now()
    to_answer = returns.filter(status=ReturnStatus.REQUESTED)
    if choice == AnswerBy.OVERDUE:
        return to_answer.filter(respond_by_at__lt=now)
    if choice == AnswerBy.DUE_24H:
        return to_answer.filter(respond_by_at__gte=now, respond_by_at__lt=now + DAY)
    return to_answer.filter(respond_by_at__gte=now + DAY)


def ways_to_returns(returns: QuerySet[SyncedReturn], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of the return's number, or by a whole order number."""
    yield find_beginnings(returns, "external_id", text)
    yield find_equals(returns, "order_external_id", text)


class ReturnFilterSet(SyncedFilterSet):
    """The filters of a list of returns by name."""

    labels = {
        **LABELS, "external_id": "Return number", "kind": "Kind", "money_state": "Money", "custody": "Goods",
        "answer_by": "Answer by", "unknown": "Unknown status",
    }  # fmt: skip
    ways = ways_to_returns

    q = django_filters.CharFilter(method="by_text", label="Beginning of a return number, or a whole order number")
    kind = AnyChoiceFilter(choices=ReturnKind.choices, label="Kind; may be given several times")
    status = AnyChoiceFilter(choices=ReturnStatus.choices, label="Status; may be given several times")
    unknown = make_unknown_filter("status")
    money_state = AnyChoiceFilter(choices=MoneyState.choices, label="What became of the money; several times")
    custody = AnyChoiceFilter(choices=Custody.choices, label="Who has the goods; may be given several times")
    answer_by = django_filters.ChoiceFilter(
        method="by_answer_by", choices=AnswerBy.choices, label="Time to answer a request"
    )
    order_external_id = django_filters.CharFilter(label="Number of its order, exactly")

    class Meta:
        model = SyncedReturn
        fields: list[str] = []

    def by_answer_by(self, returns: QuerySet[SyncedReturn], _: str, choice: str) -> QuerySet[SyncedReturn]:
        """Narrow by the time to answer."""
        return narrow_by_answer_by(returns, choice)
