"""Which cases the sweep handles next, page by page in the order of their deadlines."""

from datetime import datetime

from django.db.models import Q, QuerySet

from aftersales.models import Case
from aftersales.states import COUNTDOWN, CaseOrigin

Key = tuple[datetime, int]  # a case's deadline and id: what was read lies before it, whatever became of it


def select_overdue(at: datetime) -> QuerySet[Case]:
    """Select the cases whose time had run out then and was not handled yet, also those that are passed over for now."""
    return Case.objects.filter(state__in=COUNTDOWN, timed_out_at=None, due_at__lte=at)


def select_due(at: datetime, *, shop_id: int | None = None, origin: CaseOrigin | None = None) -> QuerySet[Case]:
    """Select the cases that a sweep which began then handles, in its order."""
    due = select_overdue(at).filter(Q(sweep_not_before=None) | Q(sweep_not_before__lte=at))
    if shop_id is not None:
        due = due.filter(shop=shop_id)
    if origin is not None:
        due = due.filter(origin=origin)
    return due.order_by("due_at", "pk")


def list_page(due: QuerySet[Case], after: Key | None, count: int) -> list[Case]:
    """List the next cases by key. Pages by offset would pass over as many cases as were handled."""
    if after is not None:
        due_at, pk = after
        due = due.filter(Q(due_at__gt=due_at) | Q(pk__gt=pk), due_at__gte=due_at)
    return list(due.only(*READ)[:count])


def key_of(case: Case) -> Key:
    """Return where a case stands in the order."""
    assert case.due_at is not None, "only cases with a deadline are found"
    return case.due_at, case.pk


READ = ("shop_id", "number", "origin", "type", "state", "due_at", "sweep_failed_count")
