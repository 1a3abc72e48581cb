"""Products and SKUs over the API."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from backoffice.common.api.paging import KeysetPagination
from backoffice.common.api.views import DetailView, ListView
from backoffice.common.sorting import sort_few
from orders.api.document import describe_history, describe_list, describe_row
from orders.api.examples.products import PRODUCT, SKU
from orders.api.serializers.products import SKU_FIELDS, ListedSkuSerializer, ProductSerializer
from orders.api.synced import UNUSED, HistoryView, StoredAfterChange, SyncedListView
from orders.models import Product, Sku
from orders.queries.product_filters import ProductFilterSet, SkuFilterSet

PRODUCTS = Product.objects.prefetch_related(Prefetch("skus", Sku.objects.defer("attributes").order_by("id"))).defer(
    *UNUSED
)
# Of the product only what says whose the SKU is.
SKUS = Sku.objects.select_related("product").only(*SKU_FIELDS, "product__shop_id", "product__external_id")


class ApiProductFilterSet(StoredAfterChange, ProductFilterSet):
    """The filters in words that fit the API's order."""


@describe_list("products", PRODUCT)
class ProductList(SyncedListView):
    """The products that you may see, with their SKUs, in the order in which they were stored here."""

    queryset = PRODUCTS
    serializer_class = ProductSerializer
    filterset_class = ApiProductFilterSet


@describe_row("product", PRODUCT, "a product")
class ProductDetail(DetailView):
    """One product by our id, with its SKUs."""

    queryset = PRODUCTS
    serializer_class = ProductSerializer


@describe_history("product", "a product")
class ProductHistory(HistoryView):
    """What changed of a product at the marketplace: prices, stock, status."""

    queryset = Product.objects.defer(*UNUSED)


class SkuPages(KeysetPagination):
    """Oldest first."""

    def arrange(self, queryset: QuerySet[Sku]) -> QuerySet[Sku]:
        """Sort few; many are read in the order of an index."""
        return sort_few(super().arrange(queryset))


@extend_schema_view(get=extend_schema(operation_id="list_skus", summary="List SKUs", examples=[SKU]))
class SkuList(ListView):
    """The SKUs of the products that you may see, oldest first.

    To follow prices and stock, follow the products: a SKU changes with its product.
    """

    queryset = SKUS
    serializer_class = ListedSkuSerializer
    filterset_class = SkuFilterSet
    pagination_class = SkuPages


@describe_row("sku", SKU, "a SKU")
class SkuDetail(DetailView):
    """One SKU by our id."""

    queryset = SKUS
    serializer_class = ListedSkuSerializer
