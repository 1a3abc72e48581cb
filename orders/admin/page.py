"""Gathers what the page of an order shows; the template only lays it out."""

from typing import Any

from django.http import HttpRequest

from backoffice.common import clock
from backoffice.common.money import format_money
from orders.admin.handling import show_form
from orders.admin.order_money import build_money
from orders.admin.order_parcels import build_parcels
from orders.models import Order, OrderLine
from orders.queries.payloads import PayloadHistory
from orders.queries.timeline import build_timeline, list_staff_changes

STATUS_COLOURS = {
    "unpaid": "warning", "on_hold": "warning", "awaiting_shipment": "info", "partially_shipped": "info",
    "awaiting_collection": "info", "in_transit": "info", "delivered": "success", "completed": "success",
    "cancel_requested": "danger", "cancelled": "danger", "unknown": "danger",
}  # fmt: skip
AMOUNTS = {
    "original_product_amount": "Products before discounts", "seller_discount_amount": "Seller's discount",
    "platform_discount_amount": "Marketplace's discount", "subtotal_amount": "Products",
    "original_shipping_amount": "Shipping before discounts", "shipping_amount": "Shipping", "tax_amount": "Tax",
    "total_amount": "Total",
}  # fmt: skip
CHILDREN_AT_MOST = 300  # lines or packages; marketplaces allow fewer


def build_page(request: HttpRequest, order: Order, history: PayloadHistory) -> dict[str, Any]:
    """Return what the template shows beside what every page of a synced row has."""
    lines = list(order.lines.order_by("pk")[:CHILDREN_AT_MOST])
    return {
        "order": order,
        "lines": [_show_line(line) for line in lines],
        "amounts": _show_amounts(order),
        **build_parcels(request, order, lines),
        **build_money(request, order),
        "timeline": build_timeline(order, history.entries, list_staff_changes(order), now=clock.now()),
        **show_form(request, order),
    }


def _show_line(line: OrderLine) -> dict[str, Any]:
    whole = line.price * line.quantity if line.price is not None else None
    return {
        "line": line,
        "price": format_money(line.price, line.currency),
        "before": format_money(line.original_price, line.currency) if _is_reduced(line) else "",
        "whole": format_money(whole, line.currency),
    }


def _is_reduced(line: OrderLine) -> bool:
    return line.original_price is not None and line.price is not None and line.original_price > line.price


def _show_amounts(order: Order) -> list[tuple[str, str, bool]]:
    known = [(label, getattr(order, name), name == "total_amount") for name, label in AMOUNTS.items()]
    return [(label, format_money(amount, order.currency), last) for label, amount, last in known if amount is not None]
