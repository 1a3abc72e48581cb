"""What lists of products and of their SKUs can be narrowed by."""

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter
from orders.choices import ProductStatus
from orders.models import Product, Sku
from orders.queries.search import ways_to_products, ways_to_skus
from orders.queries.synced_filters import LABELS, ScopedFilterSet, SyncedFilterSet, make_unknown_filter
from shops.choices import Marketplace
from shops.queries import list_shops_to_choose


class ProductFilterSet(SyncedFilterSet):
    """The filters of a product list by name."""

    labels = {**LABELS, "external_id": "Product number", "seller_sku": "Seller's SKU", "unknown": "Unknown status"}
    ways = ways_to_products

    q = django_filters.CharFilter(method="by_text", label="Beginning of a product number, SKU number or seller's SKU")
    status = AnyChoiceFilter(choices=ProductStatus.choices, label="Status; may be given several times")
    unknown = make_unknown_filter("status")
    seller_sku = django_filters.CharFilter(method="by_seller_sku", label="The seller's SKU, exactly")

    class Meta:
        model = Product
        fields: list[str] = []

    def by_seller_sku(self, products: QuerySet[Product], _: str, seller_sku: str) -> QuerySet[Product]:
        """Narrow to products that have this SKU."""
        return products.filter(Exists(Sku.objects.filter(product=OuterRef("pk"), seller_sku=seller_sku)))


class SkuFilterSet(ScopedFilterSet):
    """The filters of a list of SKUs by name."""

    labels = {
        **LABELS,
        "external_id": "SKU number",
        "seller_sku": "Seller's SKU",
        "product_external_id": "Product number",
    }
    ways = ways_to_skus

    q = django_filters.CharFilter(method="by_text", label="Beginning of a SKU number or seller's SKU")
    shop = AnyRowFilter(
        field_name="product__shop", queryset=list_shops_to_choose, label="Shop id; may be given several times"
    )
    marketplace = django_filters.ChoiceFilter(
        field_name="product__shop__marketplace", choices=Marketplace.choices, label="Marketplace"
    )
    seller_sku = django_filters.CharFilter(label="The seller's SKU, exactly")
    external_id = django_filters.CharFilter(label="The marketplace's number of the SKU, exactly")
    product_external_id = django_filters.CharFilter(
        field_name="product__external_id", label="The marketplace's number of the product, exactly"
    )

    class Meta:
        model = Sku
        fields: list[str] = []
