"""Answers what a field suggests while somebody types: shops and people within the person's own scope, a few at once.

The library's own answers would ask for the permission to view all staff, which packers do not have.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404

from orders.models import Order
from orders.queries.handling import find_by_name, list_assignable, list_colleagues, name_person
from shops.models import Shop

AT_ONCE = 20
LAST_PAGE = 50


def suggest_shops(request: HttpRequest) -> JsonResponse:
    """Suggest shops by the beginning of their name or id."""
    term = _read_term(request)
    shops = Shop.objects.visible_to(request.user).filter(Q(name__istartswith=term) | Q(external_id__startswith=term))
    return _answer(request, shops.order_by("name", "pk"), lambda shop: (str(shop.pk), shop.name))


def suggest_people(request: HttpRequest) -> JsonResponse:
    """Suggest staff that orders of the person's shops may be assigned to."""
    people = find_by_name(list_colleagues(request.user), _read_term(request))
    return _answer(request, people, lambda person: (person.username, name_person(person)))


def suggest_assignees(request: HttpRequest, order_id: int) -> JsonResponse:
    """Suggest staff that this order may be assigned to."""
    term = _read_term(request)
    order = get_object_or_404(Order.objects.visible_to(request.user).only("shop_id"), pk=order_id)
    people = find_by_name(list_assignable(order.shop_id), term)
    return _answer(request, people, lambda person: (person.username, name_person(person)))


def _read_term(request: HttpRequest) -> str:
    """Return what was typed; PermissionDenied for whoever may not see orders at all."""
    if not request.user.has_perm("orders.view_order"):
        raise PermissionDenied
    return request.GET.get("term", "").replace("\x00", "").strip()[:100]


def _answer(request: HttpRequest, rows: QuerySet[Any], name: Callable[[Any], tuple[str, str]]) -> JsonResponse:
    asked_for = request.GET.get("page", "1")
    page = min(int(asked_for), LAST_PAGE) if asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 6 else 1
    start = AT_ONCE * (max(page, 1) - 1)
    found = list(rows[start : start + AT_ONCE + 1])
    results = [dict(zip(("id", "text"), name(row), strict=True)) for row in found[:AT_ONCE]]
    return JsonResponse({"results": results, "pagination": {"more": len(found) > AT_ONCE}})
