"""What the page of an order shows of after-sales: how each line stands, its cases, and its returns as they were synced.

Goods and money are told apart.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from aftersales.admin.case_words import show_state, show_time_left, show_type
from aftersales.admin.synced_return import describe_line
from aftersales.admin.words import show_answer_by, show_goods, show_kind, show_money, show_request
from aftersales.queries import list_order_returns
from aftersales.queries.effects import (
    EFFECT_LABELS,
    Effect,
    is_order_done,
    judge_lines,
    list_order_cases,
    name_lines,
)
from backoffice.common.admin import badge
from backoffice.common.admin.panels import Panel, register_panel
from orders.admin.contents import name_line
from orders.models import Order
from shops.marketplaces.records import Resource
from shops.marketplaces.registry import find_capability

EFFECT_COLOURS = {Effect.UNDER_REVIEW: "warning", Effect.APPROVED: "info", Effect.DONE: "success"}
CHILDREN_AT_MOST = 300  # lines; marketplaces allow fewer


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


def read_cases(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Read the cases of an order and what they mean for its lines; nothing where there are none, or may not be seen."""
    cases = list_order_cases(order) if request.user.has_perm("aftersales.view_case") else []
    if not cases:
        return None
    for case in cases:
        case.shop = order.shop  # which is here already
    named = name_lines(cases)
    lines = list(order.lines.order_by("pk")[:CHILDREN_AT_MOST])
    effects = judge_lines(named)
    return {
        "cases": [
            {
                "row": case,
                "address": reverse("admin:aftersales_case_change", args=[case.pk]),
                "type": show_type(case),
                "state": show_state(case),
                "time_left": show_time_left(case),
                "amount": case.shown_amount,
            }
            for case in cases
        ],
        "lines": [
            (name_line(line), badge(EFFECT_COLOURS[effect], EFFECT_LABELS[effect]))
            for line in lines
            if (effect := effects.get(line.external_id, Effect.NONE)) is not Effect.NONE
        ],
        "is_done": is_order_done([line.external_id for line in lines], named),
    }


def register() -> None:
    """Show it on the pages of orders."""
    register_panel(Order, Panel("aftersales/order_cases.html", read_cases))
    register_panel(Order, Panel("aftersales/order_panel.html", read_panel))
