"""Bases of all admin pages, and the one place that wraps the untyped admin library.

Copied data is read-only here: an edit would be overwritten by the next sync or, worse, would not be.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

import orjson
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.decorators import display as unfold_display
from unfold.views import ChangeList

MethodT = TypeVar("MethodT", bound=Callable[..., Any])

COUNT_LIMIT = 10_000  # an exact count of a million rows costs more than the page itself


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts only the first keys: enough to page through, whatever the table's size."""

    template_name = "backoffice/pagination.html"

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most one more than the limit."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by().values("pk")[: COUNT_LIMIT + 1].count()
        return len(rows)

    @property
    def shown_count(self) -> str:
        """Write the count for people: "9,876", or "10,000+" where counting was ended."""
        return f"{self.count:,}" if self.count <= COUNT_LIMIT else f"{COUNT_LIMIT:,}+"


class CappedChangeList(ChangeList):  # type: ignore[misc]
    """A list without wide columns, and with one count: the capped one beside the page numbers."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Read what the list shows."""
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows.defer(*self.model_admin.list_defer)

    def get_results(self, request: HttpRequest) -> None:
        """Let the header have no count of its own to show."""
        super().get_results(request)
        self.full_result_count = self.result_count


class ScopedModelAdmin(UnfoldModelAdmin):  # type: ignore[misc]
    """Shows a person only what belongs to the shops that they were granted."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_defer: tuple[str, ...] = ()  # wide columns that no list shows
    list_per_page = 50
    list_max_show_all = 0
    list_filter_submit = True
    list_fullwidth = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Narrow every query of the page to the person's shops."""
        queryset: Any = super().get_queryset(request)
        scoped: QuerySet[Any] = queryset.visible_to(request.user)
        return scoped

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        """List with a capped count."""
        return CappedChangeList


class ReadOnlyModelAdmin(ScopedModelAdmin):
    """Pages to look at: nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes by hand."""
        return False


class ReadOnlyInline(UnfoldTabularInline):  # type: ignore[misc]
    """Rows of a child table, to look at."""

    extra = 0
    can_delete = False
    show_change_link = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes by hand."""
        return False


def display(
    *, description: str, ordering: str = "", label: dict[str, str] | None = None
) -> Callable[[MethodT], MethodT]:
    """Name a computed column; with `label`, show its (key, text) as a badge in the key's colour."""

    def decorate(method: MethodT) -> MethodT:
        kept_as = f"_shown_{method.__name__}"

        @wraps(method)
        def show(first: Any, *others: Any) -> Any:  # (page, row), or (row) where it is no method
            kept = vars(others[-1] if others else first)  # the library asks up to five times for what it shows once
            if kept_as not in kept:
                value = method(first, *others)
                kept[kept_as] = value if label is None else _badge(label.get(value[0], ""), value[1])
            return kept[kept_as]

        return cast("MethodT", unfold_display(show, description=description, ordering=ordering or None))

    return decorate


def _badge(colour: str, text: str) -> SafeString:
    return render_to_string("unfold/helpers/label.html", {"type": colour, "text": text})


def count_column(name: str, description: str) -> Callable[[Any], SafeString]:
    """Make a column for the number in a field, with thousands apart."""

    def show(row: Any) -> SafeString:
        return format_html('<span class="number">{}</span>', f"{getattr(row, name):,}")

    show.__name__ = f"show_{name}"
    return display(description=description, ordering=name)(show)


@display(description="Shop")
def show_shop(row: Any) -> SafeString:
    """Name the shop of a row; the list needs `list_select_related = ("shop",)`."""
    return one_line(row.shop.name)


def one_line(text: str) -> SafeString:
    """Keep a short text of a list from being broken, where the screen is wide enough."""
    return format_html('<span class="one-line">{}</span>', text)


def show_span(start: datetime, end: datetime) -> SafeString:
    """Show from when to when, to the second, in the present zone: it decides which orders a window holds."""
    start, end = timezone.localtime(start), timezone.localtime(end)
    last = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M:%S}"
    return one_line(f"{start:%Y-%m-%d %H:%M:%S} – {last} {end:%Z}")


def show_json(value: Any) -> SafeString:
    """Show JSON indented, escaped, in a box that scrolls."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # numbers beyond 64 bits, or deep nesting
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    return format_html('<pre class="json-box">{}</pre>', text)
