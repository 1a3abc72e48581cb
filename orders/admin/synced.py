"""What the pages of all synced rows share: orders, products, parcels, returns and money.

A list that is narrowed by a FilterSet, and a page with the facts, what belongs to the row, and every payload kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, badge, display, one_line, show_json
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.admin.panels import render_panels
from backoffice.common.admin.run_links import name_runs
from backoffice.common.admin.times import show_distance
from orders.admin.history import compare_view
from orders.admin.paging import ShopPaginator
from orders.queries.newest import shown_shop_ids
from orders.queries.payloads import list_payload_history
from orders.queries.search import LEAST_CHARACTERS, search_rows
from orders.queries.synced_filters import SyncedFilterSet, order_of_list


@dataclass(frozen=True)
class Fact:
    """One fact on top of a page; `faint` is said below it in small."""

    name: str
    value: SafeString | str
    faint: SafeString | str = ""


class SyncedAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Rows as a marketplace last described them, the newest change first."""

    filterset_class: type[SyncedFilterSet]
    # In which order a list that is narrowed so is read: always one that an index has.
    order_of_list: ClassVar[Callable[[Mapping[str, Any]], tuple[str, ...]]] = order_of_list
    change_form_outer_before_template: str | None = "synced/page.html"
    list_select_related: Any = ("shop",)
    list_defer: tuple[str, ...] = ("attributes", "validation_errors", "payload_hash")
    search_fields: Sequence[str] = ("external_id",)  # what is searched is said by the FilterSet
    sortable_by: Any = ("show_changed",)  # by what an index gives; anything else would sort a million rows
    changed_label = "Changed"

    class Media:
        css = {"screen": ("backoffice/synced.css",)}

    @property
    def search_help_text(self) -> str:
        """Say what can be searched."""
        return str(self.filterset_class.base_filters["q"].label)

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Read in an order that fits the filters."""
        return type(self).order_of_list(request.GET)

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> ShopPaginator:
        """Tell the pages which shops the list shows."""
        paginator = ShopPaginator(*arguments, **options)
        paginator.shop_ids = shown_shop_ids(request.user, request.GET.getlist("shop"))
        return paginator

    def get_search_hint(self, text: str) -> str:
        """Say why a short text finds nothing."""
        if 0 < len(text) < LEAST_CHARACTERS:
            what = self.search_help_text
            return f"Type at least {LEAST_CHARACTERS} characters: {what[:1].lower()}{what[1:]}."
        return ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Suggest rows where another page refers to one; the list itself is searched by the FilterSet."""
        return (search_rows(queryset, search_term, self.filterset_class.ways) if search_term else queryset), False

    @display(description="Number")
    def show_number(self, row: Any) -> SafeString:
        return one_line(row.external_id)

    @display(description="Changed", ordering="source_updated_at")
    def show_changed(self, row: Any) -> SafeString | str:
        return show_distance(row.source_updated_at) if row.source_updated_at else "–"

    @display(description="Own fields")
    def show_attributes(self, row: Any) -> SafeString:
        return show_json(row.attributes)

    def get_urls(self) -> list[URLPattern]:
        """Serve the comparison of payloads."""
        served = self.admin_site.admin_view(partial(compare_view, self))
        return [path("<int:row_id>/compare/", served, name=f"{self._model_name()}_compare"), *super().get_urls()]

    def list_facts(self, request: HttpRequest, row: Any) -> list[Fact]:
        """Return what stands on top of the page, before what every row has."""
        return []

    def build_page(self, request: HttpRequest, row: Any, history: Any) -> dict[str, Any]:
        """Return what the template of the page needs beside what every page has."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """Hand the template what it shows."""
        if obj is not None:
            context |= self._build(request, obj)
            context["title"] = f"{self.opts.verbose_name.capitalize()} {obj.external_id}"
            context["subtitle"] = None
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def _build(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        history = list_payload_history(row)
        runs = name_runs(request, row.shop_id, {row.last_run_id, *(entry.row.run_id for entry in history.entries)})
        return {
            "row": row,
            "facts": self.list_facts(request, row),
            "changed_label": self.changed_label,
            "shop_address": find_page(request, "shops.view_shop", "admin:shops_shop_change", row.shop_id),
            "runs_address": find_page(
                request, "syncjobs.view_run", "admin:syncjobs_run_changelist", query={"shop": row.shop_id}
            ),
            "history": history,
            "entries": [{"entry": entry, "run": runs.get(entry.row.run_id)} for entry in history.entries],
            "last_run": runs.get(row.last_run_id),
            "newest_payload": show_json(history.newest) if history.newest is not None else "",
            "compare_name": f"admin:{self._model_name()}_compare",
            "list_address": f"admin:{self._model_name()}_changelist",
            "panels": render_panels(request, row),
            **self.build_page(request, row, history),
        }

    def _model_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"


def show_word(row: Any, colours: Mapping[str, str], word: str = "status") -> SafeString:
    """Show our word for what the marketplace says as a badge; its own word, as a warning, where we have none.

    A row in which something could not be read says so beside it.
    """
    said = getattr(row, word)
    label = str(getattr(row, f"get_{word}_display")())
    if said == "unknown":
        raw = str(getattr(row, f"raw_{word}", ""))
        shown = badge("warning", f"Unknown: {raw[:40]}" if raw else label)
    else:
        shown = badge(colours.get(said, ""), label)
    if getattr(row, "is_valid", True):
        return shown
    return format_html('<span class="row-words">{}{}</span>', shown, badge("danger", "Invalid"))


def show_number_of(count: int) -> SafeString:
    """Show how many, with thousands apart."""
    return format_html('<span class="number">{}</span>', f"{count:,}")


def show_below(text: SafeString | str, faint: SafeString | str) -> SafeString:
    """Show a text of a list, and in small below it what belongs to it; nothing where there is neither."""
    if not text and not faint:
        return SafeString("")
    lines = [format_html('<div class="row-cut">{}</div>', text)] if text else []
    lines += [format_html('<div class="row-faint row-cut">{}</div>', faint)] if faint else []
    return format_html('<div class="row-below">{}</div>', format_html_join("", "{}", ((line,) for line in lines)))
