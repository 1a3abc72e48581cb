"""Bases of all admin pages, and the one place that wraps the untyped admin library.

Copied data is read-only here: an edit would be overwritten by the next sync or, worse, would not be.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import orjson
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.decorators import display as unfold_display

MethodT = TypeVar("MethodT", bound=Callable[..., Any])

COUNT_LIMIT = 10_000  # an exact count of a million rows costs more than the page itself


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts only the first keys: enough to page through, whatever the table's size."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most one more than the limit."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by().values("pk")[: COUNT_LIMIT + 1].count()
        return len(rows)


class ScopedModelAdmin(UnfoldModelAdmin):  # type: ignore[misc]
    """Shows a person only what belongs to the shops that they were granted."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Narrow every query of the page to the person's shops."""
        queryset: Any = super().get_queryset(request)
        scoped: QuerySet[Any] = queryset.visible_to(request.user)
        return scoped


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
    options = {"description": description, "ordering": ordering or None, "label": label}
    return cast("Callable[[MethodT], MethodT]", unfold_display(**options))


def show_json(value: Any) -> SafeString:
    """Show JSON indented, escaped, in a box that scrolls."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    return format_html('<pre class="max-h-96 overflow-auto text-xs whitespace-pre-wrap break-all">{}</pre>', text)


def field_names(model: type[Model], *, without: tuple[str, ...] = ()) -> list[str]:
    """Return the names of a model's own columns, for pages that show all of them."""
    return [field.name for field in model._meta.fields if field.name not in without]
