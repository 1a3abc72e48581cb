"""Goods that go out once more, to look at. The case's page has the buttons."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from aftersales.admin.case_words import EXCHANGE_COLOURS
from aftersales.admin.records import RecordAdmin, list_fields, show_items, show_parcel, show_when
from aftersales.choices import ExchangeState
from aftersales.models import Exchange
from aftersales.queries.record_filters import ExchangeFilterSet
from backoffice.common.admin import display, show_shop
from backoffice.common.money import format_money

ADDRESS = (("name",), ("phone",), ("full_address", "postal_code", "region_code"))  # its lines, as on an envelope
WHERE_IT_GOES = ("Where it goes", {"fields": ("show_address",)})


@admin.register(Exchange)
class ExchangeAdmin(RecordAdmin):
    """Exchanges and resends, the newest first."""

    filterset_class = ExchangeFilterSet
    filter_fields = list_fields(ExchangeFilterSet, "state")
    list_display = (
        "show_number", "show_case", "show_state", "show_new", "show_tracking", show_shop, "show_made", "show_completed",
    )  # fmt: skip
    list_extra_columns = ("show_old", "show_return", "shipped_at")
    list_quick_links = (
        ("To be sent", f"state={ExchangeState.RETURN_RECEIVED}&state={ExchangeState.APPROVED}"),
        ("On the way", f"state={ExchangeState.EXCHANGE_SHIPPED}"),
    )
    list_select_related = ("shop", "case", "carrier", "return_carrier")
    list_defer = ("delivery_address",)
    fieldsets: Any = (
        (None, {"fields": (
            ("show_case", "show_state"), ("show_old", "show_new"), ("show_return", "show_tracking"),
            ("show_difference", "shop"), ("created_at", "shipped_at"), "completed_at",
        )}),
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Exchange | None = None) -> Any:
        """Show where it goes to those who may see it with the order, too."""
        shown = super().get_fieldsets(request, obj)
        return [*shown, WHERE_IT_GOES] if request.user.has_perm("orders.view_order") else shown

    @display(description="State", label=EXCHANGE_COLOURS)
    def show_state(self, exchange: Exchange) -> tuple[str, str]:
        return exchange.state, exchange.get_state_display()

    @display(description="Old goods")
    def show_old(self, exchange: Exchange) -> SafeString | str:
        return show_items(exchange.old_items)

    @display(description="New goods")
    def show_new(self, exchange: Exchange) -> SafeString | str:
        return show_items(exchange.new_items)

    @display(description="Old goods' tracking number")
    def show_return(self, exchange: Exchange) -> SafeString | str:
        return show_parcel(exchange.return_carrier, exchange.return_tracking_number)

    @display(description="Replacement's tracking number")
    def show_tracking(self, exchange: Exchange) -> SafeString | str:
        return show_parcel(exchange.carrier, exchange.tracking_number)

    @display(description="Price difference")
    def show_difference(self, exchange: Exchange) -> str:
        return format_money(exchange.price_difference, exchange.case.currency)

    @display(description="Arrived")
    def show_completed(self, exchange: Exchange) -> SafeString | str:
        return show_when(exchange.completed_at)

    @display(description="Address")
    def show_address(self, exchange: Exchange) -> SafeString | str:
        known = exchange.delivery_address
        lines = (", ".join(known[part] for part in line if part in known) for line in ADDRESS)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines if line)) or "–"
