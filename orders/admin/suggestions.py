"""Suggests people that orders may be assigned to, within the person's own scope."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404

from backoffice.common.admin.suggestions import answer_suggestions, read_term
from orders.models import Order
from orders.queries.handling import find_by_name, list_assignable, list_colleagues, name_person


def suggest_people(request: HttpRequest) -> JsonResponse:
    """Suggest staff that orders of the person's shops may be assigned to."""
    _refuse_who_may_not_look(request)
    people = find_by_name(list_colleagues(request.user), read_term(request))
    return answer_suggestions(request, people, _name)


def suggest_assignees(request: HttpRequest, order_id: int) -> JsonResponse:
    """Suggest staff that this order may be assigned to."""
    _refuse_who_may_not_look(request)
    order = get_object_or_404(Order.objects.visible_to(request.user).only("shop_id"), pk=order_id)
    people = find_by_name(list_assignable(order.shop_id), read_term(request))
    return answer_suggestions(request, people, _name)


def _name(person: User) -> tuple[str, str]:
    return person.username, name_person(person)


def _refuse_who_may_not_look(request: HttpRequest) -> None:
    if not request.user.has_perm("orders.view_order"):
        raise PermissionDenied
