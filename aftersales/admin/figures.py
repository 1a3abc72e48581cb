"""The page of figures: how many cases are open and how urgent, how they were decided, how long they took, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format

from aftersales.choices import Reason, RefundState, StateLabel
from aftersales.queries.figures import CASES_WITH_PRODUCTS, DAYS, Figures, list_days, read_figures
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.filters import SuggestedRows
from backoffice.common.admin.times import describe_span
from backoffice.common.counting import show_count
from shops.models import Shop

USUAL_DAYS = 30
DAYS_IN_A_COLUMN = 7  # of the longest range: ninety pairs of bars are none on a phone
PERMISSION = "aftersales.view_case"


@dataclass(frozen=True)
class Tile:
    """One number on top, and the list behind it."""

    title: str
    number: str
    note: str = ""
    address: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Bar:
    """One line of a table of bars; `percent` is of the longest."""

    label: str
    count: str
    percent: int
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """Some days of the chart: how many cases were made and ended in them, and how high that is in percent."""

    label: str
    name: str
    made: int
    ended: int
    made_percent: float
    ended_percent: float


class FiguresForm(forms.Form):
    """Which days of which shops. What makes no sense counts as not chosen."""

    days = forms.TypedChoiceField(coerce=int, choices=[(str(days), f"{days} days") for days in DAYS])
    shop = forms.ModelMultipleChoiceField(
        label="Shop", queryset=Shop.objects.none(), required=False, widget=SuggestedRows("admin:shops_shop_suggestions")
    )

    def __init__(self, request: HttpRequest) -> None:
        given = request.GET.copy()
        if given.get("days") not in {str(days) for days in DAYS}:
            given["days"] = str(USUAL_DAYS)
        super().__init__(given)
        shops: Any = self.fields["shop"]
        shops.queryset = Shop.objects.visible_to(request.user)

    def read(self) -> tuple[int, list[int]]:
        """Return how many days, and the ids of the shops, none for all."""
        self.is_valid()
        return self.cleaned_data["days"], [shop.pk for shop in self.cleaned_data.get("shop", ())]


def figures_view(request: HttpRequest) -> HttpResponse:
    """Show the figures to those who may see cases, of their own shops."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = FiguresForm(request)
    days, shop_ids = form.read()
    figures = read_figures(request.user, days, shop_ids)
    query = [("shop", str(shop_id)) for shop_id in shop_ids]
    since = ("created_from", figures.first_day.isoformat())
    context = {
        **admin.site.each_context(request),
        "title": "After-sales figures",
        "form": form,
        "media": form.media,
        "ranges": [(str(one), f"?{urlencode([('days', one), *query])}", one == days) for one in DAYS],
        "chosen_days": days,
        "now_tiles": _list_now(request, figures, query),
        "range_tiles": _list_range(request, figures, query),
        "states": make_bars(
            [(label, figures.open_by_state[state], _list_cases([("state", state), *query]), "")
             for state, label in StateLabel.choices if figures.open_by_state[state]]
        ),
        "reasons": make_bars(
            [(str(Reason(reason).label), count, _list_cases([("reason", reason), since, *query]), "")
             for reason, count in figures.reasons.most_common()]
        ),
        "products": make_bars(
            [(one.name, one.pieces, "", one.sku) for one in figures.products]
        ),
        "columns": make_columns(figures),
        "made_count": f"{figures.made.total():,}",
        "ended_count": f"{figures.ended.total():,}",
        "most_of_a_day": f"{max((*figures.made.values(), *figures.ended.values()), default=0):,}",
        "is_cut": figures.made.total() > CASES_WITH_PRODUCTS,
        "most_cases": f"{CASES_WITH_PRODUCTS:,}",
    }  # fmt: skip
    return TemplateResponse(request, "aftersales/figures.html", context)


def _list_cases(query: Sequence[tuple[str, str]]) -> str:
    return f"{reverse('admin:aftersales_case_changelist')}?{urlencode(query)}"


def _list_now(request: HttpRequest, figures: Figures, query: list[tuple[str, str]]) -> list[Tile]:
    """List what stands now, whatever the days."""
    overdue, due_soon = figures.overdue, figures.due_soon
    return [
        Tile("Open", f"{figures.open_by_state.total():,}", "cases now", _list_cases(query)),
        Tile("Overdue", show_count(overdue), "their time ran out", _list_cases([("due", "overdue"), *query]),
             "danger" if overdue else "success"),
        Tile("Due soon", show_count(due_soon), "within 24 hours", _list_cases([("due", "due_24h"), *query]),
             "warning" if due_soon else "success"),
    ]  # fmt: skip


def _list_range(request: HttpRequest, figures: Figures, query: list[tuple[str, str]]) -> list[Tile]:
    """List what the days brought."""
    handling = figures.mean_handling
    failed = [("state", RefundState.FAILED.value), ("made_from", figures.first_day.isoformat()), *query]
    refunds = find_page(request, "aftersales.view_refund", "admin:aftersales_refund_changelist")
    open_ones = figures.unanswered_refunds
    unanswered = f"{show_count(open_ones)} not answered" if open_ones else "all others answered"
    return [
        Tile("Approval rate", show_share(figures.approval_rate), f"of {figures.approved + figures.rejected:,} decided"),
        Tile("Mean handling time", describe_span(handling) if handling else "–", "from request to end"),
        Tile("Ended by time-out", show_share(figures.timeout_share), f"of {figures.ended.total():,} ended"),
        Tile("Failed refunds", show_count(figures.failed_refunds), unanswered,
             f"{refunds}?{urlencode(failed)}" if refunds else "", "danger" if figures.failed_refunds else "success"),
    ]  # fmt: skip


def show_share(share: float | None) -> str:
    """Write a share in percent; no digit where it says enough, and never 100 % for what is less."""
    if share is None:
        return "–"
    shown = min(round(share * 100, 1), 99.9) if share < 1 else 100.0
    return f"{shown:.0f} %" if shown == round(shown) else f"{shown:.1f} %"


def make_bars(lines: Sequence[tuple[str, int, str, str]]) -> list[Bar]:
    """Make a table of bars from labels, counts, addresses and notes."""
    longest = max((count for _, count, _, _ in lines), default=0)
    return [
        Bar(label, f"{count:,}", max(1, count * 100 // longest) if count else 0, address, note)
        for label, count, address, note in lines
    ]


def make_columns(figures: Figures) -> list[Column]:
    """Make the chart: a column for each day, or for each week where there are many."""
    days = list_days(figures)
    size = DAYS_IN_A_COLUMN if len(days) > max(DAYS[:-1]) else 1
    # The last column is whole: weeks are counted back from today.
    groups = [days[max(0, end - size) : end] for end in range(len(days), 0, -size)][::-1]
    counts = [(sum(figures.made[day] for day in group), sum(figures.ended[day] for day in group)) for group in groups]
    highest = max((max(pair) for pair in counts), default=0) or 1
    return [
        Column(
            date_format(group[0], "j M"), _name_days(group), made, ended,
            round(made * 100 / highest, 2), round(ended * 100 / highest, 2),
        )
        for group, (made, ended) in zip(groups, counts, strict=True)
    ]  # fmt: skip


def _name_days(days: list[date]) -> str:
    first, last = date_format(days[0], "D j M"), date_format(days[-1], "D j M")
    return first if len(days) == 1 else f"{first} – {last}"
