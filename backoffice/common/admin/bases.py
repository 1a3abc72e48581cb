"""Bases of all admin pages.

Copied data is read-only here: an edit would be overwritten by the next sync or, worse, would not be.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.views import ChangeList

from backoffice.common.admin.export_button import ExportButtonMixin
from backoffice.common.admin.paging import CappedChangeList, CappedPaginator
from backoffice.common.admin.row_actions import RowActionsMixin
from backoffice.common.admin.saved_views import SavedViewsMixin
from backoffice.common.admin.strictness import StrictListMixin


class ScopedModelAdmin(RowActionsMixin, ExportButtonMixin, SavedViewsMixin, StrictListMixin, UnfoldModelAdmin):  # type: ignore[misc]
    """Shows a person only what belongs to the shops that they were granted."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_defer: tuple[str, ...] = ()  # wide columns that no list shows
    list_per_page = 50
    list_max_show_all = 0
    list_filter_submit = True
    list_fullwidth = True
    has_own_rows = True  # see backoffice/templatetags/rows.py

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Narrow every query of the page to the person's shops."""
        queryset: Any = super().get_queryset(request)
        scoped: QuerySet[Any] = queryset.visible_to(request.user)
        return scoped

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        """List with a capped count."""
        return CappedChangeList

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Give the rows of one page of the list what is read for all of them at once; by itself nothing."""


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
