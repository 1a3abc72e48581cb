"""Goods that come back, to look at. The case's page has the buttons."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from aftersales.admin.case_words import GOODS_COLOURS
from aftersales.admin.records import RecordAdmin, list_fields, show_parcel, show_when
from aftersales.choices import ReturnState
from aftersales.models import ReturnParcel
from aftersales.queries.record_filters import ParcelFilterSet
from backoffice.common.admin import display, show_json, show_shop


@admin.register(ReturnParcel)
class ReturnParcelAdmin(RecordAdmin):
    """Goods coming back, the newest first."""

    filterset_class = ParcelFilterSet
    filter_fields = list_fields(ParcelFilterSet, "state")
    list_display = (
        "show_number", "show_case", "show_state", "show_tracking", show_shop, "show_made", "show_shipped",
        "show_received",
    )  # fmt: skip
    list_extra_columns = ("rejection_reason", "inspected_at")
    list_quick_links = (
        ("To be sent", f"state={ReturnState.PENDING}"),
        ("On the way", f"state={ReturnState.SHIPPED}&state={ReturnState.IN_TRANSIT}"),
        ("Rejected", f"state={ReturnState.REJECTED}"),
    )
    list_select_related = ("shop", "case", "carrier")
    list_defer = ("tracking_events", "images")
    fieldsets: Any = (
        (None, {"fields": (
            ("show_case", "show_state"), ("show_tracking", "shop"), "show_address", "rejection_reason",
            ("created_at", "shipped_at"), ("received_at", "inspected_at"),
        )}),
        ("More", {"fields": ("show_images", "show_events")}),
    )  # fmt: skip

    @display(description="State", label=GOODS_COLOURS)
    def show_state(self, parcel: ReturnParcel) -> tuple[str, str]:
        return parcel.state, parcel.get_state_display()

    @display(description="Tracking number")
    def show_tracking(self, parcel: ReturnParcel) -> SafeString | str:
        return show_parcel(parcel.carrier, parcel.tracking_number)

    @display(description="Sent to")
    def show_address(self, parcel: ReturnParcel) -> str:
        return str(parcel.return_address or "–")

    @display(description="Sent")
    def show_shipped(self, parcel: ReturnParcel) -> SafeString | str:
        return show_when(parcel.shipped_at)

    @display(description="Received")
    def show_received(self, parcel: ReturnParcel) -> SafeString | str:
        return show_when(parcel.received_at)

    @display(description="Photos")
    def show_images(self, parcel: ReturnParcel) -> SafeString | str:
        return format_html_join("", "<div>{}</div>", ((str(one),) for one in parcel.images)) or "–"

    @display(description="Tracking events")
    def show_events(self, parcel: ReturnParcel) -> SafeString | str:
        return show_json(parcel.tracking_events) if parcel.tracking_events else "–"
