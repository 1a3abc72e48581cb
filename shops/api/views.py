"""Shops over the API."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from backoffice.common.api.paging import KeysetPagination
from backoffice.common.api.views import DetailView, ListView
from shops.api.examples import SHOP
from shops.api.filters import ShopFilterSet
from shops.api.serializers import ShopSerializer
from shops.models import Shop

SHOPS = Shop.objects.select_related("credential").defer(
    "credential__access_token", "credential__refresh_token", "credential__cipher"
)


@extend_schema_view(get=extend_schema(operation_id="list_shops", summary="List shops", examples=[SHOP]))
class ShopList(ListView):
    """The shops that you may see, oldest first."""

    queryset = SHOPS
    serializer_class = ShopSerializer
    filterset_class = ShopFilterSet
    pagination_class = KeysetPagination


@extend_schema_view(get=extend_schema(operation_id="get_shop", summary="Read a shop", examples=[SHOP]))
class ShopDetail(DetailView):
    """One shop: its state, its last sync, and when its authorisation ends."""

    queryset = SHOPS
    serializer_class = ShopSerializer
