"""The parcels on the page of an order: its packages and the shipments of the same numbers, put together."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.admin.panels import render_panels
from orders.admin.contents import describe_contents, name_lines
from orders.admin.shipment import STATUS_COLOURS
from orders.admin.synced import show_word
from orders.models import Order, OrderLine
from orders.queries.whole_order import Parcel, list_order_parcels
from shops.marketplaces.records import Resource
from shops.marketplaces.registry import find_capability

EVENTS_SHOWN = 50  # of one parcel
PARCELS = "parcels"  # where apps above say what they know of an order's parcels


def build_parcels(request: HttpRequest, order: Order, lines: list[OrderLine]) -> dict[str, Any]:
    """Return each parcel with its events; those who may not see shipments see what the order itself says."""
    may_see = request.user.has_perm("orders.view_shipment")
    names = name_lines(lines)
    parcels = [parcel for parcel in list_order_parcels(order) if may_see or parcel.package is not None]
    is_given = find_capability(order.shop.marketplace, Resource.SHIPMENTS) is not None
    return {
        "parcels": [_show_parcel(parcel, order, names, may_see=may_see) for parcel in parcels],
        "parcel_panels": render_panels(request, order, PARCELS),
        "gives_no_parcels": order.shop.get_marketplace_display() if not is_given else "",
    }


def _show_parcel(parcel: Parcel, order: Order, names: dict[str, str], *, may_see: bool) -> dict[str, Any]:
    shipment, package = parcel.shipment if may_see else None, parcel.package
    contents: list[Any] = list(package.contents if package else [])
    if not contents and shipment:
        contents = [item for item in shipment.contents if isinstance(item, dict) and _is_of(item, order)]
    others = [number for number in (shipment.order_external_ids if shipment else ()) if number != order.external_id]
    return {
        "number": parcel.number,
        "address": reverse("admin:orders_shipment_change", args=[shipment.pk]) if shipment else "",
        "status": show_word(shipment, STATUS_COLOURS) if shipment else _show_raw(package.raw_status if package else ""),
        "tracking_number": parcel.tracking_number if may_see else getattr(package, "tracking_number", ""),
        "carrier_name": parcel.carrier_name if may_see else getattr(package, "carrier_name", ""),
        "contents": describe_contents(contents, names),
        "other_orders": others,
        "events": list(reversed(parcel.events))[:EVENTS_SHOWN] if may_see else [],
    }


def _is_of(item: dict[str, Any], order: Order) -> bool:
    return item.get("order") in (None, "", order.external_id)


def _show_raw(raw_status: str) -> SafeString:
    return format_html('<span class="row-faint">{}</span>', raw_status)
