"""What the page of an order shows of its returns: one card for each, with goods and money apart."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from aftersales.admin.synced_return import describe_line
from aftersales.admin.words import show_answer_by, show_goods, show_kind, show_money, show_request
from aftersales.queries import list_order_returns
from backoffice.common.admin.panels import Panel, register_panel
from orders.models import Order
from shops.marketplaces.records import Resource
from shops.marketplaces.registry import find_capability


def read_panel(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Read the returns of an order, for those who may see returns."""
    if not request.user.has_perm("aftersales.view_syncedreturn"):
        return None
    marketplace = order.shop.marketplace
    return {
        "marketplace": order.shop.get_marketplace_display(),
        "is_given": find_capability(marketplace, Resource.RETURNS) is not None,
        "returns": [
            {
                "row": one,
                "address": reverse("admin:aftersales_syncedreturn_change", args=[one.pk]),
                "kind": show_kind(one),
                "request": show_request(one),
                "answer_by": show_answer_by(one),
                "money": show_money(one),
                "goods": show_goods(one),
                "lines": [describe_line(line, one.currency) for line in one.lines.all()],
            }
            for one in list_order_returns(order.shop, order.external_id)
        ],
    }


def register() -> None:
    """Show it on the pages of orders."""
    register_panel(Order, Panel("aftersales/order_panel.html", read_panel))
