"""What the lists beside that of cases can be narrowed by: refunds, goods, exchanges, the log, answers, sweeps."""

from collections.abc import Iterable
from typing import Any, ClassVar

import django_filters
from django.db.models import F, QuerySet

from aftersales.choices import (
    AnswerState,
    ExchangeState,
    LogActionLabel,
    OperatorLabel,
    RefundState,
    ReturnState,
    StateLabel,
)
from aftersales.models import CaseLog, Exchange, Refund, ReturnParcel, SellerAnswer, SweepRun
from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter, MomentFilter, TruthFilter
from orders.queries.search import Ways, find_beginnings, find_equals
from orders.queries.synced_filters import LABELS, ScopedFilterSet
from shops.queries import list_shops_to_choose

NEWEST_FIRST = ("-created_at", "-id")


def _ways_to_records(rows: QuerySet[Any], text: str) -> Iterable[Iterable[int]]:
    yield find_beginnings(rows, "number", text)
    yield find_beginnings(rows, "case__number", text)


def _ways_to_goods(rows: QuerySet[Any], text: str) -> Iterable[Iterable[int]]:
    yield from _ways_to_records(rows, text)
    yield find_equals(rows.exclude(tracking_number=""), "tracking_number", text)


def _ways_by_case(rows: QuerySet[Any], text: str) -> Iterable[Iterable[int]]:
    yield find_beginnings(rows, "case__number", text)


class RecordFilterSet(ScopedFilterSet):
    """The filters of everything that a case brings about."""

    labels: ClassVar = {**LABELS, "state": "State", "made_from": "Made from", "made_to": "Made to"}
    ways: ClassVar[Ways] = _ways_to_records

    q = django_filters.CharFilter(method="by_text", label="Beginning of a number, its own or the case's")
    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop")
    made_from = MomentFilter(field_name="created_at", lookup_expr="gte", label="Made at or after")
    made_to = MomentFilter(
        field_name="created_at", lookup_expr="lt", label="Made before; a day is included", is_end=True
    )


class RefundFilterSet(RecordFilterSet):
    """The filters of refunds."""

    state = AnyChoiceFilter(choices=RefundState.choices, label="State")

    class Meta:
        model = Refund
        fields: list[str] = []


class GoodsFilterSet(RecordFilterSet):
    """The filters of everything that travels."""

    ways = _ways_to_goods

    q = django_filters.CharFilter(
        method="by_text", label="Beginning of a number, its own or the case's, or a whole tracking number"
    )


class ParcelFilterSet(GoodsFilterSet):
    """The filters of goods that come back."""

    state = AnyChoiceFilter(choices=ReturnState.choices, label="State")

    class Meta:
        model = ReturnParcel
        fields: list[str] = []


class ExchangeFilterSet(GoodsFilterSet):
    """The filters of goods that go out once more."""

    state = AnyChoiceFilter(choices=ExchangeState.choices, label="State")

    class Meta:
        model = Exchange
        fields: list[str] = []


class LogFilterSet(ScopedFilterSet):
    """The filters of the case log."""

    labels: ClassVar = {
        **LABELS, "action": "Action", "operator_kind": "By", "state": "State after it", "made_from": "Done from",
        "made_to": "Done to", "case": "Case",
    }  # fmt: skip
    ways: ClassVar[Ways] = _ways_by_case

    q = django_filters.CharFilter(method="by_text", label="Beginning of a case number")
    shop = AnyRowFilter(field_name="case__shop", queryset=list_shops_to_choose, label="Shop")
    case = django_filters.NumberFilter(field_name="case_id", label="Id of the case")
    action = AnyChoiceFilter(choices=LogActionLabel.choices, label="Action")
    operator_kind = AnyChoiceFilter(choices=OperatorLabel.choices, label="By")
    state = AnyChoiceFilter(choices=StateLabel.choices, label="State after it")
    made_from = MomentFilter(field_name="at", lookup_expr="gte", label="Done at or after")
    made_to = MomentFilter(field_name="at", lookup_expr="lt", label="Done before; a day is included", is_end=True)

    class Meta:
        model = CaseLog
        fields: list[str] = []


class AnswerFilterSet(ScopedFilterSet):
    """The filters of answers to marketplaces."""

    labels: ClassVar = {**LABELS, "state": "State", "made_from": "Sent from", "made_to": "Sent to"}
    ways: ClassVar[Ways] = _ways_by_case

    q = django_filters.CharFilter(method="by_text", label="Beginning of a case number")
    shop = AnyRowFilter(field_name="case__shop", queryset=list_shops_to_choose, label="Shop")
    state = AnyChoiceFilter(choices=AnswerState.choices, label="State")
    made_from = MomentFilter(field_name="sent_at", lookup_expr="gte", label="Sent at or after")
    made_to = MomentFilter(field_name="sent_at", lookup_expr="lt", label="Sent before; a day is included", is_end=True)

    class Meta:
        model = SellerAnswer
        fields: list[str] = []


class SweepFilterSet(ScopedFilterSet):
    """The filters of sweeps."""

    labels: ClassVar = {
        **LABELS, "failures": "Failures", "handled": "Handled", "made_from": "Started from", "made_to": "Started to",
    }  # fmt: skip

    failures = TruthFilter(method="by_failures", label="Whether a case failed in it")
    handled = TruthFilter(method="by_handled", label="Whether it handled a case")
    made_from = MomentFilter(field_name="started_at", lookup_expr="gte", label="Started at or after")
    made_to = MomentFilter(
        field_name="started_at", lookup_expr="lt", label="Started before; a day is included", is_end=True
    )

    class Meta:
        model = SweepRun
        fields: list[str] = []

    def by_failures(self, sweeps: QuerySet[SweepRun], _: str, has_failures: bool) -> QuerySet[SweepRun]:
        """Narrow to sweeps in which a case failed, or to those in which none did."""
        return sweeps.filter(failed_count__gt=0) if has_failures else sweeps.filter(failed_count=0)

    def by_handled(self, sweeps: QuerySet[SweepRun], _: str, has_handled: bool) -> QuerySet[SweepRun]:
        """Narrow to sweeps that moved a case, or to those that found none to move."""
        moved = sweeps.annotate(
            moved=F("approved_count") + F("cancelled_count") + F("received_count") + F("escalated_count")
        )
        return moved.filter(moved__gt=0) if has_handled else moved.filter(moved=0)
