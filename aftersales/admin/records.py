"""What the lists of all that a case brings about share: read only, by shop, newest first, linked to the case."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from django.forms import Widget
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from aftersales.models import Carrier, Case
from aftersales.queries.record_filters import NEWEST_FIRST
from backoffice.common.admin import ReadOnlyModelAdmin, display, one_line
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.filters import DayInput, FilterField, FilterSetMixin, SelectSeveral, SuggestedRows
from backoffice.common.admin.times import show_distance
from orders.admin.filter_fields import choose_one, make_field
from orders.admin.paging import ShopPaginator
from orders.queries.newest import shown_shop_ids
from orders.queries.synced_filters import ScopedFilterSet


def list_fields(filterset: type[ScopedFilterSet], *several: str, has_shop: bool = True) -> tuple[FilterField, ...]:
    """Make the panel of a list: its words, the shop, and from when to when."""
    fields = [make_field(filterset, name, SelectSeveral(), is_half=False) for name in several]
    if has_shop:
        suggested = SuggestedRows("admin:shops_shop_suggestions")
        fields.append(make_field(filterset, "shop", suggested, is_half=False))
    return (*fields, *(make_field(filterset, name, DayInput()) for name in ("made_from", "made_to")))


def choose_truth(yes: str, no: str) -> Widget:
    """Yes, no, or any."""
    return choose_one((("true", yes), ("false", no)))


class OfCaseAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """Rows that belong to a case, linked to it for those who may see cases."""

    sortable_by: Any = ()

    @property
    def search_help_text(self) -> str:
        """Say what can be searched."""
        return str(self.filterset_class.base_filters["q"].label)

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Find where the cases of the page are shown."""
        for row in rows:
            row.case_address = find_case_page(request, row.case_id)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find a row, and where its case is shown."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            found.case_address = find_case_page(request, found.case_id)
        return found

    @display(description="Case")
    def show_case(self, row: Any) -> SafeString:
        return show_case(row.case, row.case_address)


class RecordAdmin(OfCaseAdmin):
    """Records of cases, the newest first."""

    search_fields = ("number",)  # what is searched is said by the FilterSet
    list_select_related: Any = ("shop", "case")
    list_display_links: Any = ("show_number",)
    ordering = NEWEST_FIRST

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> ShopPaginator:
        """Tell the pages which shops the list shows."""
        paginator = ShopPaginator(*arguments, **options)
        paginator.shop_ids = shown_shop_ids(request.user, request.GET.getlist("shop"))
        return paginator

    @display(description="Number")
    def show_number(self, row: Any) -> SafeString:
        return one_line(row.number)

    @display(description="Made")
    def show_made(self, row: Any) -> SafeString:
        return show_distance(row.created_at)


def find_case_page(request: HttpRequest, case_id: int) -> str:
    """Return where a case is shown; empty for those who may not see cases."""
    return find_page(request, "aftersales.view_case", "admin:aftersales_case_change", case_id)


def show_case(case: Case, address: str) -> SafeString:
    """Show a case's number as a link, where it leads anywhere."""
    if not address:
        return one_line(case.number)
    return format_html('<a class="text-link one-line" href="{}">{}</a>', address, case.number)


def show_when(moment: Any) -> SafeString | str:
    """Show how far a moment is, or that it has not come."""
    return show_distance(moment) if moment else "–"


def show_parcel(carrier: Carrier | None, number: str) -> SafeString | str:
    """Show who carries a parcel and its number; as a link to the carrier's page where the carrier has one."""
    if not number:
        return "–"
    name, address = f" {carrier}" if carrier else "", find_tracking_page(carrier, number)
    if not address:
        return format_html('<span class="one-line">{}</span>{}', number, name)
    return format_html(
        '<a class="text-link one-line" href="{}" target="_blank" rel="noreferrer noopener">{}</a>{}',
        address, number, name,
    )  # fmt: skip


def find_tracking_page(carrier: Carrier | None, number: str) -> str:
    """Return where the carrier shows a parcel; empty where it has no such page."""
    link = carrier.tracking_link if carrier else ""
    return link.replace("{number}", quote(number, safe="")) if number and link.startswith("https://") else ""


def show_items(items: Iterable[Mapping[str, Any]]) -> SafeString | str:
    """Show goods, one a line: how many of which SKU."""
    shown = [(one.get("quantity", 1), one.get("seller_sku") or one.get("sku") or "–") for one in items]
    return format_html_join("", '<div class="one-line">{} × {}</div>', shown) or "–"
