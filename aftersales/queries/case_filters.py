"""What a list of cases can be narrowed by, and in which order it is read: always one that an index has."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet

from aftersales.choices import CaseOriginLabel, CaseTypeLabel, Due, Reason, StageLabel, StateLabel
from aftersales.models import Case, Exchange, ReturnParcel
from aftersales.states import STAGES, TERMINAL, CaseState, Stage
from backoffice.common import clock
from backoffice.common.filters import DAY, AnyChoiceFilter, AnyRowFilter
from orders.queries.search import find_beginnings, find_equals
from orders.queries.synced_filters import LABELS, ScopedFilterSet, make_moment_filter
from shops.choices import Marketplace
from shops.queries import list_shops_to_choose

NEWEST_FIRST = ("-created_at", "-id")
# What is narrowed by a time is read by that time: else cases of last year would be looked for among all newer ones.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "due": ("due_at", "id"),
    "completed_from": ("-completed_at", "-id"),
    "completed_to": ("-completed_at", "-id"),
    "audited_from": ("-audited_at", "-id"),
    "audited_to": ("-audited_at", "-id"),
}


def order_of_list(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in which order a list that is narrowed so is read: most urgent first where the time left counts."""
    return next((order for name, order in ORDERS.items() if filters.get(name)), NEWEST_FIRST)


def narrow_by_due(cases: QuerySet[Case], choice: str) -> QuerySet[Case]:
    """Keep the open cases that stand so against their time, ours or the marketplace's, whichever is earlier."""
    now = clock.now()
    on_a_clock = cases.exclude(state__in=TERMINAL).exclude(state=CaseState.REJECTED)
    if choice == Due.OVERDUE:
        return on_a_clock.filter(due_at__lt=now)
    if choice == Due.DUE_24H:
        return on_a_clock.filter(due_at__gte=now, due_at__lt=now + DAY)
    return on_a_clock.filter(due_at__gte=now + DAY)


def ways_to_cases(cases: QuerySet[Case], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of the case's number, or by a whole order number or tracking number."""
    yield find_beginnings(cases, "number", text)
    yield find_equals(cases, "order_external_id", text)
    for kind in (ReturnParcel, Exchange):
        yield find_equals(kind.objects.filter(case__in=cases), "tracking_number", text, "case_id")
    yield find_equals(cases, "synced_return__tracking_number", text)


class CaseFilterSet(ScopedFilterSet):
    """The filters of a list of cases by name."""

    labels = {
        **LABELS, "type": "Type", "reason": "Reason", "state": "State", "stage": "Stage", "origin": "Origin",
        "due": "Time left", "number": "Case number", "created_from": "Created from", "created_to": "Created to",
        "audited_from": "Reviewed from", "audited_to": "Reviewed to", "completed_from": "Ended from",
        "completed_to": "Ended to",
    }  # fmt: skip
    ways = ways_to_cases

    q = django_filters.CharFilter(
        method="by_text", label="Beginning of a case number, or a whole order or tracking number"
    )
    state = AnyChoiceFilter(choices=StateLabel.choices, label="State; may be given several times")
    stage = AnyChoiceFilter(method="by_stage", choices=StageLabel.choices, label="Stage; may be given several times")
    type = AnyChoiceFilter(choices=CaseTypeLabel.choices, label="Type; may be given several times")
    reason = AnyChoiceFilter(choices=Reason.choices, label="Reason; may be given several times")
    origin = django_filters.ChoiceFilter(choices=CaseOriginLabel.choices, label="Where it began")
    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop id; may be given several times")
    marketplace = django_filters.ChoiceFilter(
        field_name="shop__marketplace", choices=Marketplace.choices, label="Marketplace"
    )
    due = django_filters.ChoiceFilter(method="by_due", choices=Due.choices, label="How it stands against its time")
    number = django_filters.CharFilter(label="Case number, exactly")
    order_external_id = django_filters.CharFilter(label="Number of its order, exactly")
    created_from = make_moment_filter("created_at", "gte", "Created at or after")
    created_to = make_moment_filter("created_at", "lt", "Created before; a day is included", is_end=True)
    audited_from = make_moment_filter("audited_at", "gte", "Reviewed at or after")
    audited_to = make_moment_filter("audited_at", "lt", "Reviewed before; a day is included", is_end=True)
    completed_from = make_moment_filter("completed_at", "gte", "Ended at or after")
    completed_to = make_moment_filter("completed_at", "lt", "Ended before; a day is included", is_end=True)
    updated_since = make_moment_filter("updated_at", "gte", "Changed here at or after")

    class Meta:
        model = Case
        fields: list[str] = []

    def by_stage(self, cases: QuerySet[Case], _: str, chosen: list[str]) -> QuerySet[Case]:
        """Narrow by the part of its way that a case is on, which its state tells."""
        stages = {Stage(one) for one in chosen}
        return (
            cases.filter(state__in=[state for state, stage in STAGES.items() if stage in stages]) if stages else cases
        )

    def by_due(self, cases: QuerySet[Case], _: str, choice: str) -> QuerySet[Case]:
        """Narrow by the time that is left."""
        return narrow_by_due(cases, choice)
