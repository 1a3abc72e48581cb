"""Shops with what the apps above them know: how far they are read, what failed, which orders wait too long."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from aftersales.admin.shop_panel import read_shop_cases
from backoffice import home
from backoffice.common.admin import LivePanelMixin, display, show_tone
from backoffice.common.admin.times import show_distance
from orders.queries.to_ship import count_overdue_by_shop
from shops.admin.shop import ShopAdmin
from shops.models import Shop
from syncjobs import queries
from syncjobs.admin.enrichment_actions import find_older_orders
from syncjobs.admin.enrichment_panel import read_shop_packages
from syncjobs.models import RunState

RUNS_OF_A_SHOP = 6
GAP_REPORTS_OF_A_SHOP = 7

admin.site.unregister(Shop)


class NeedFilter(admin.SimpleListFilter):
    """Whether a shop needs a person."""

    title = "need"
    parameter_name = "need"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("attention", "Needs attention"), ("fine", "Doing fine"), ("at_rest", "Off the schedule")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "attention":
            return queryset.filter(severity__gte=queries.Severity.WARNING)
        wanted = {"fine": queries.Severity.FINE, "at_rest": queries.Severity.AT_REST}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(severity=wanted)


@admin.register(Shop)
class ShopOverviewAdmin(LivePanelMixin, ShopAdmin):
    """The page of shops, with lag, overdue orders and runs."""

    list_display = (
        "name", "marketplace", "region", "show_state", "show_sync_status", "show_last_sync", "show_lag", "show_overdue",
        "show_token_end",
    )  # fmt: skip
    list_extra_columns = ("external_id", "app", "currency", "timezone", "last_full_sync_at")
    list_filter = (NeedFilter, *ShopAdmin.list_filter)
    list_quick_links = (("Needs attention", "need=attention"), ("Active", "state__exact=active"))
    live_template = "shops/shop_live.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        """Read along how far each shop is."""
        shops: QuerySet[Shop] = super().get_queryset(request)
        return queries.add_need(shops)

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Count the overdue orders of the shops on the page, all at once."""
        overdue = Counter[int]()
        if request.user.has_perm("orders.view_order"):
            overdue = count_overdue_by_shop(request.user, [shop.pk for shop in rows])
        for shop in rows:
            shop.overdue_count = overdue[shop.pk]

    def is_going_on(self, row: Any) -> bool:
        return bool(row.runs.filter(state=RunState.OPEN).exists())

    def get_live_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the shop's state and its last runs."""
        user: Any = request.user
        return {
            "line": home.read_shop(user, row),
            "runs": home.list_run_lines(user, RUNS_OF_A_SHOP, row) if user.has_perm("syncjobs.view_run") else None,
            "gap_reports": self._list_gap_reports(user, row),
            "packages": read_shop_packages(request, row),
            "cases": read_shop_cases(request, row),
        }

    def save_model(self, request: HttpRequest, row: Any, form: Any, change: bool) -> None:
        """Look through the orders that are here already, where the shop begins to ask for package numbers."""
        super().save_model(request, row, form, change)
        if "is_enriched" in form.changed_data and row.is_enriched:
            find_older_orders(row.pk)

    def _list_gap_reports(self, user: Any, shop: Shop) -> list[Any] | None:
        if not user.has_perm("syncjobs.view_gapreport"):
            return None
        return queries.list_last_reports(user, shop, GAP_REPORTS_OF_A_SHOP)

    @display(description="Last sync", ordering="last_sync_at")
    def show_last_sync(self, shop: Shop) -> SafeString | str:
        return show_distance(shop.last_sync_at) if shop.last_sync_at else "–"

    @display(description="Lag", ordering="-position_at")
    def show_lag(self, shop: Any) -> SafeString:
        return show_tone(*home.word_lag(shop))

    @display(description="Overdue")
    def show_overdue(self, shop: Any) -> SafeString | str:
        return show_tone("danger", f"{shop.overdue_count:,}") if shop.overdue_count else "–"

    @display(description="Authorised until", ordering="token_ends_at")
    def show_token_end(self, shop: Any) -> SafeString:
        colour, text = home.word_authorisation(shop)
        return show_tone(colour, text or "–")
