"""Answers what a shop field suggests while somebody types: shops that they may see, a few at once."""

from django.db.models import Q
from django.http import HttpRequest, JsonResponse

from shops.models import Shop

AT_ONCE = 20
LAST_PAGE = 50


def suggest_shops(request: HttpRequest) -> JsonResponse:
    """Suggest shops by the beginning of their name or number."""
    term = request.GET.get("term", "").replace("\x00", "").strip()[:100]
    asked_for = request.GET.get("page", "1")
    page = min(int(asked_for), LAST_PAGE) if asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 6 else 1
    start = AT_ONCE * (max(page, 1) - 1)
    shops = Shop.objects.visible_to(request.user).filter(Q(name__istartswith=term) | Q(external_id__startswith=term))
    found = list(shops.order_by("name", "pk")[start : start + AT_ONCE + 1])
    results = [{"id": str(shop.pk), "text": shop.name} for shop in found[:AT_ONCE]]
    return JsonResponse({"results": results, "pagination": {"more": len(found) > AT_ONCE}})
