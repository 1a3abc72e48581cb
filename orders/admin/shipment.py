"""Pages of parcels: where each is, what is in it, and what the carrier said."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.common.admin import display, one_line, show_shop
from backoffice.common.admin.times import show_distance, show_moment
from orders.admin.contents import describe_contents, name_lines
from orders.admin.filter_fields import make_fields
from orders.admin.links import Links
from orders.admin.synced import Fact, SyncedAdmin, show_below, show_word
from orders.models import Order, OrderLine, Shipment
from orders.queries.shipment_filters import ShipmentFilterSet
from orders.queries.tracking import find_last_events

STATUS_COLOURS = {
    "pending": "info", "awaiting_collection": "info", "in_transit": "info", "delivered": "success", "failed": "danger",
    "returned": "warning", "lost": "danger",
}  # fmt: skip
ORDERS_SHOWN = 3  # of one parcel on the list
CHILDREN_AT_MOST = 300  # lines or events of one parcel


@admin.register(Shipment)
class ShipmentAdmin(SyncedAdmin):
    """Parcels, the newest change first."""

    filterset_class = ShipmentFilterSet
    filter_fields = make_fields(
        ShipmentFilterSet, several=("status",), texts=("order_external_id", "tracking_number", "external_id")
    )
    change_form_outer_before_template = "orders/shipment.html"
    list_display = (
        "show_number", "show_status", "show_tracking", "show_orders", show_shop, "show_changed",
    )  # fmt: skip
    list_extra_columns = ("raw_status", "carrier_name", "tracking_number", "shipped_at", "delivered_at")
    list_defer = (*SyncedAdmin.list_defer, "contents")
    list_quick_links = (("In transit", "status=in_transit"), ("Trouble", "status=failed&status=returned&status=lost"),
                        ("Unknown status", "status=unknown"), ("Invalid", "is_valid=false"))  # fmt: skip
    fieldsets = (
        ("More of what the marketplace said", {"classes": ("collapse",), "fields": (
            ("raw_status", "carrier_external_id"), ("source_created_at", "details_fetched_at"), "show_attributes",
        )}),
    )  # fmt: skip

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Read the last events and the orders of the page's parcels, in one query each."""
        events = find_last_events(shipment.pk for shipment in rows)
        orders = Links(request, Order, [pair for one in rows for pair in _orders_of(one)[:ORDERS_SHOWN]])
        for shipment in rows:
            shipment.last_event, shipment.order_links = events.get(shipment.pk), orders

    @display(description="Package")
    def show_number(self, row: Shipment) -> SafeString:
        return one_line(row.external_id)

    @display(description="Status, last event")
    def show_status(self, shipment: Any) -> SafeString:
        event = shipment.last_event
        if event is None:
            return show_word(shipment, STATUS_COLOURS)
        said = format_html(
            '<span class="row-said" title="{0}">{0}</span> {1}', event.text or event.raw_status,
            show_distance(event.happened_at),
        )  # fmt: skip
        return show_below(show_word(shipment, STATUS_COLOURS), said)

    @display(description="Tracking")
    def show_tracking(self, shipment: Shipment) -> SafeString:
        return show_below(shipment.tracking_number, shipment.carrier_name)

    @display(description="Orders")
    def show_orders(self, shipment: Any) -> SafeString:
        links = format_html_join(
            "", "<div>{}</div>", ((shipment.order_links.show(*pair),) for pair in _orders_of(shipment)[:ORDERS_SHOWN])
        )
        more = len(shipment.order_external_ids) - ORDERS_SHOWN
        return format_html('{}<div class="row-faint">{} more</div>', links, more) if more > 0 else links

    def list_facts(self, request: HttpRequest, row: Shipment) -> list[Fact]:
        """Return where it is, and who carries it."""
        facts = [
            Fact("Status", show_word(row, STATUS_COLOURS), row.raw_status),
            Fact("Carrier", row.carrier_name),
            Fact("Tracking number", row.tracking_number or "none yet"),
            Fact("Shipped", show_moment(row.shipped_at) if row.shipped_at else ""),
            Fact("Delivered", show_moment(row.delivered_at) if row.delivered_at else ""),
        ]
        return [fact for fact in facts if fact.value]

    def build_page(self, request: HttpRequest, row: Shipment, history: Any) -> dict[str, Any]:
        """Return the orders in it, what of each, and the events."""
        orders = Links(request, Order, _orders_of(row))
        events = list(row.events.order_by("-happened_at", "-pk")[:CHILDREN_AT_MOST])
        return {
            "parcel_orders": [
                {"number": number, "link": orders.show(row.shop_id, number), "contents": contents}
                for number, contents in read_contents(row, list(orders.ids.values())).items()
            ],
            "events": events,
        }


def _orders_of(shipment: Shipment) -> list[tuple[int, str]]:
    return [(shipment.shop_id, number) for number in shipment.order_external_ids]


def read_contents(shipment: Shipment, order_ids: Collection[int]) -> dict[str, list[dict[str, Any]]]:
    """Say by order number what is in a parcel; the lines of these orders are named, in one query."""
    lines = OrderLine.objects.filter(order_id__in=order_ids).only(
        "external_id", "product_name", "sku_name", "seller_sku"
    )
    names = name_lines(lines[: 2 * CHILDREN_AT_MOST]) if order_ids else {}
    by_order: dict[str, list[Any]] = {number: [] for number in shipment.order_external_ids}
    for item in shipment.contents[:CHILDREN_AT_MOST]:
        number = str(item.get("order") or "") if isinstance(item, dict) else ""
        by_order.setdefault(number, []).append(item)
    return {number: describe_contents(items, names) for number, items in by_order.items()}
