"""How after-sales does: what is open now, and what was made and ended in the last days. Each question is one query.

What is open is found by state, the rest by when it was made or ended: an index gives either, so that the size of the
table does not matter, only how much the days hold.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from aftersales.choices import Due, RefundState
from aftersales.models import Case, CaseLine, Refund
from aftersales.queries.case_filters import narrow_by_due
from aftersales.states import ACTIVE, ON_ITS_WAY, CaseState, CaseType
from backoffice.common import clock
from backoffice.common.counting import COUNT_LIMIT, count_up_to
from backoffice.common.filters import DAY, midnight
from backoffice.common.models import Viewer

DAYS = (7, 30, 90)  # that one may look back
PRODUCTS_AT_MOST = 10
CASES_WITH_PRODUCTS = 20_000  # the newest of the days, whose lines are counted: a quarter of a second


@dataclass(frozen=True)
class Product:
    """One product that was asked back."""

    name: str
    sku: str
    pieces: int
    case_count: int


@dataclass
class Figures:
    """What the page shows. `made` and `ended` are by day, every day of the range with a number."""

    first_day: date
    last_day: date
    open_by_state: Counter[str] = field(default_factory=Counter)
    overdue: int = 0
    due_soon: int = 0
    made: Counter[date] = field(default_factory=Counter)
    ended: Counter[date] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    approved: int = 0
    rejected: int = 0
    ended_by_timeout: int = 0
    handling: timedelta = timedelta()  # of all ended ones together
    failed_refunds: int = 0
    unanswered_refunds: int = 0
    products: list[Product] = field(default_factory=list)

    @property
    def approval_rate(self) -> float | None:
        """The share of approved ones among those that were decided; None where none was."""
        decided = self.approved + self.rejected
        return self.approved / decided if decided else None

    @property
    def mean_handling(self) -> timedelta | None:
        """How long a case took from its beginning to its end; None where none ended."""
        return self.handling / self.ended.total() if self.ended.total() else None

    @property
    def timeout_share(self) -> float | None:
        """The share of ended ones whose last countdown had run out; None where none ended."""
        return self.ended_by_timeout / self.ended.total() if self.ended.total() else None


def read_figures(viewer: Viewer, days: int, shop_ids: Collection[int] = ()) -> Figures:
    """Read the figures of the last days, today included, for the shops that a person may see, or some of them."""
    today = timezone.localdate(clock.now())
    figures = Figures(today - timedelta(days=days - 1), today)
    cases, refunds = Case.objects.visible_to(viewer), Refund.objects.visible_to(viewer)
    if shop_ids:
        cases, refunds = cases.filter(shop__in=shop_ids), refunds.filter(shop__in=shop_ids)
    _add_open(figures, cases)
    _add_made(figures, cases)
    _add_ended(figures, cases)
    made = refunds.filter(created_at__gte=midnight(figures.first_day))
    figures.failed_refunds = count_up_to(COUNT_LIMIT, made.filter(state=RefundState.FAILED))
    figures.unanswered_refunds = count_up_to(COUNT_LIMIT, made.filter(state=RefundState.PROCESSING))
    figures.products = _list_products(cases.filter(created_at__gte=midnight(figures.first_day)))
    return figures


def count_due(cases: QuerySet[Case], choice: str) -> int:
    """Count the open cases that stand so against their time, up to the limit."""
    return count_up_to(COUNT_LIMIT, narrow_by_due(cases, choice))


def count_open(cases: QuerySet[Case]) -> Counter[str]:
    """Count the open cases by state."""
    rows: Any = cases.filter(state__in=sorted(ACTIVE)).order_by().values_list("state").annotate(Count("pk"))
    return Counter(dict(rows))


def _add_open(figures: Figures, cases: QuerySet[Case]) -> None:
    figures.open_by_state = count_open(cases)
    figures.overdue, figures.due_soon = count_due(cases, Due.OVERDUE), count_due(cases, Due.DUE_24H)


def _add_made(figures: Figures, cases: QuerySet[Case]) -> None:
    """Add what was made in the days, and how it was decided, in one pass over it."""
    made = cases.filter(created_at__gte=midnight(figures.first_day)).order_by()
    groups = made.annotate(day=TruncDate("created_at"), was_rejected=Q(rejection_count__gt=0))
    counted = groups.values_list("day", "reason", "state", "was_rejected").annotate(Count("pk"))
    for day, reason, state, was_rejected, count in counted:
        figures.made[day] += count
        figures.reasons[reason] += count
        match judge_review(state, was_rejected=was_rejected):
            case True:
                figures.approved += count
            case False:
                figures.rejected += count


def judge_review(state: str, *, was_rejected: bool) -> bool | None:
    """Tell whether a case was approved, by what became of it: what is undecided, or was closed unseen, counts as none.

    A rejection that was followed by an approval is an approval.
    """
    if state in ON_ITS_WAY or state == CaseState.COMPLETED:
        return True
    if state == CaseState.REJECTED or (state == CaseState.CANCELLED and was_rejected):
        return False
    return None


def _add_ended(figures: Figures, cases: QuerySet[Case]) -> None:
    ended = cases.filter(completed_at__gte=midnight(figures.first_day)).order_by()
    groups = ended.annotate(day=TruncDate("completed_at")).values("day")
    counted = groups.annotate(
        count=Count("pk"),
        handling=Sum(F("completed_at") - F("created_at")),
        by_timeout=Count("pk", filter=Q(timed_out_at__isnull=False)),
    ).values_list("day", "count", "handling", "by_timeout")
    for day, count, handling, by_timeout in counted:
        figures.ended[day] += count
        figures.handling += handling
        figures.ended_by_timeout += by_timeout


def _list_products(cases: QuerySet[Case]) -> list[Product]:
    """List the products of which most pieces were asked back, among the newest cases."""
    asked_back = cases.exclude(type=CaseType.CANCEL).order_by("-created_at", "-id")
    lines = CaseLine.objects.filter(case__in=asked_back.values("pk")[:CASES_WITH_PRODUCTS]).order_by()
    groups = lines.values("case__shop_id", "product_external_id", "seller_sku").annotate(
        name=Max("product_name"),
        sku=Max("sku_external_id"),
        pieces=Sum("quantity"),
        case_count=Count("case", distinct=True),
    )
    most = groups.order_by("-pieces", "-case_count", "seller_sku", "product_external_id")[:PRODUCTS_AT_MOST]
    return [
        Product(
            one["name"] or one["product_external_id"], one["seller_sku"] or one["sku"], one["pieces"], one["case_count"]
        )
        for one in most
    ]


def list_days(figures: Figures) -> list[date]:
    """List every day of the range, the first first."""
    return [figures.first_day + DAY * number for number in range((figures.last_day - figures.first_day).days + 1)]
