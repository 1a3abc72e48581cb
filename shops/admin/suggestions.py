"""Suggests shops to every field that takes one, on any page: shops that the person may see."""

from django.db.models import Q
from django.http import HttpRequest, JsonResponse

from backoffice.common.admin.suggestions import answer_suggestions, read_term
from shops.models import Shop


def suggest_shops(request: HttpRequest) -> JsonResponse:
    """Suggest shops by the beginning of their name or number."""
    term = read_term(request)
    shops = Shop.objects.visible_to(request.user).filter(Q(name__istartswith=term) | Q(external_id__startswith=term))
    return answer_suggestions(request, shops.order_by("name", "pk"), lambda shop: (str(shop.pk), shop.name))
