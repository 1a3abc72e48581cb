"""Pages of products and of their SKUs, to look at."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyModelAdmin, display, one_line, show_json, show_shop
from backoffice.common.admin.addresses import find_page
from backoffice.common.admin.filters import FilterSetMixin
from backoffice.common.money import format_money, format_range
from orders.admin.filter_fields import make_fields
from orders.admin.synced import Fact, SyncedAdmin, show_number_of, show_word
from orders.models import Product, Sku
from orders.queries.product_filters import ProductFilterSet, SkuFilterSet
from orders.queries.search import LEAST_CHARACTERS, search_rows
from orders.queries.sku_sums import NO_SKUS, SkuSum, sum_skus

STATUS_COLOURS = {
    "active": "success", "under_review": "info", "rejected": "danger", "banned": "danger",
}  # fmt: skip
SKUS_AT_MOST = 500  # on a page; marketplaces allow fewer


@admin.register(Product)
class ProductAdmin(SyncedAdmin):
    """Products, the newest change first."""

    filterset_class = ProductFilterSet
    filter_fields = make_fields(ProductFilterSet, several=("status",), texts=("external_id", "seller_sku"))
    change_form_outer_before_template = "orders/product.html"
    list_display = (
        "show_title", "show_skus", "show_prices", "show_stock", "show_status", show_shop, "show_changed",
    )  # fmt: skip
    list_extra_columns = ("brand_name", "category_external_id", "raw_status")
    list_quick_links = (("Active", "status=active"), ("Not sold", "status=inactive&status=rejected&status=banned"),
                        ("Unknown status", "status=unknown"), ("Invalid", "is_valid=false"))  # fmt: skip
    fieldsets = (
        ("More of what the marketplace said", {"classes": ("collapse",), "fields": (
            ("raw_status", "category_external_id"), ("source_created_at", "details_fetched_at"), "show_attributes",
        )}),
    )  # fmt: skip

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Read what the SKUs of the page's products come to, in one query."""
        sums = sum_skus(product.pk for product in rows)
        for product in rows:
            product.sku_sum = sums.get(product.pk, NO_SKUS)

    @display(description="Product")
    def show_title(self, product: Product) -> SafeString:
        return format_html(
            '<span class="product-title">{}<span><span class="row-two-lines">{}</span><span class="row-faint">{}</span>'
            "</span></span>",
            show_image(product.image_url), product.title or "No title", product.external_id,
        )  # fmt: skip

    @display(description="SKUs")
    def show_skus(self, product: Any) -> SafeString:
        return show_number_of(product.sku_sum.count)

    @display(description="Price")
    def show_prices(self, product: Any) -> SafeString:
        return word_prices(product.sku_sum)

    @display(description="Stock")
    def show_stock(self, product: Any) -> SafeString:
        return word_stock(product.sku_sum.stock_count)

    @display(description="Status")
    def show_status(self, product: Product) -> SafeString:
        return show_word(product, STATUS_COLOURS)

    def list_facts(self, request: HttpRequest, row: Product) -> list[Fact]:
        """Return whether it can be bought, for how much, and how many there are."""
        skus = sum_skus([row.pk]).get(row.pk, NO_SKUS)
        return [
            Fact("Status", show_word(row, STATUS_COLOURS)),
            Fact("Price", word_prices(skus)),
            Fact("Stock", word_stock(skus.stock_count)),
            *([Fact("Brand", row.brand_name)] if row.brand_name else []),
        ]

    def build_page(self, request: HttpRequest, row: Product, history: Any) -> dict[str, Any]:
        """Return the SKUs."""
        rows = list(row.skus.defer("attributes").order_by("pk")[: SKUS_AT_MOST + 1])
        orders = find_page(request, "orders.view_order", "admin:orders_order_changelist")
        return {
            "image": show_image(row.image_url),
            "skus": [show_sku(sku) for sku in rows[:SKUS_AT_MOST]],
            "has_more_skus": len(rows) > SKUS_AT_MOST,
            "orders_address": orders,
        }


@admin.register(Sku)
class SkuAdmin(FilterSetMixin, ReadOnlyModelAdmin):
    """SKUs of all products, found by the seller's SKU."""

    filterset_class = SkuFilterSet
    filter_fields = make_fields(SkuFilterSet, texts=("seller_sku", "external_id", "product_external_id"))
    list_display = ("show_sku", "show_product", "name", "show_price", "show_stock", "show_shop_of_product")
    list_extra_columns = ("external_id", "raw_status")
    list_select_related = ("product__shop",)
    list_defer = ("attributes",)
    sortable_by = ()
    ordering = ("-id",)
    search_fields = ("seller_sku",)  # what is searched is said by the FilterSet
    search_help_text = "Beginning of a seller's SKU or of a SKU number"
    fields = (
        ("seller_sku", "external_id"), ("show_product_link", "show_shop_of_product"), ("name", "raw_status"),
        ("show_price", "show_original_price"), "show_stock", "show_attributes",
    )  # fmt: skip

    class Media:
        css = {"screen": ("backoffice/synced.css",)}

    def get_search_hint(self, text: str) -> str:
        """Say why a short text finds nothing."""
        return f"Type at least {LEAST_CHARACTERS} characters of a SKU." if 0 < len(text) < LEAST_CHARACTERS else ""

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Suggest SKUs where another page refers to one; the list itself is searched by the FilterSet."""
        return (search_rows(queryset, search_term, SkuFilterSet.ways) if search_term else queryset), False

    @display(description="Seller's SKU")
    def show_sku(self, sku: Sku) -> SafeString:
        return one_line(str(sku))

    @display(description="Product")
    def show_product(self, sku: Sku) -> SafeString:
        return format_html('<span class="row-two-lines">{}</span>', sku.product)

    @display(description="Product")
    def show_product_link(self, sku: Sku) -> SafeString:
        address = reverse("admin:orders_product_change", args=[sku.product_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, sku.product)

    @display(description="Shop")
    def show_shop_of_product(self, sku: Sku) -> SafeString:
        return one_line(sku.product.shop.name or sku.product.shop.external_id)

    @display(description="Price")
    def show_price(self, sku: Sku) -> SafeString:
        return format_html('<span class="number">{}</span>', sku.shown_price)

    @display(description="Price before")
    def show_original_price(self, sku: Sku) -> str:
        return format_money(sku.original_price, sku.currency)

    @display(description="Stock")
    def show_stock(self, sku: Sku) -> SafeString:
        return word_stock(sku.stock_count)

    @display(description="Own fields")
    def show_attributes(self, sku: Sku) -> SafeString:
        return show_json(sku.attributes)


def show_image(address: str) -> SafeString:
    """Show a small picture, where the installation lets browsers fetch them from the marketplaces."""
    if not settings.ADMIN_PRODUCT_IMAGES or not address.startswith("https://"):
        return SafeString("")
    return format_html(
        '<img class="product-image" src="{}" alt="" width="40" height="40" loading="lazy"'
        ' referrerpolicy="no-referrer">',
        address,
    )


def word_prices(skus: SkuSum) -> SafeString:
    """Write from which price to which, a line for each currency."""
    if not skus.prices:
        return format_html('<span class="number">{}</span>', "–")
    shown = [format_range(one.lowest, one.highest, one.currency) for one in skus.prices]
    return format_html('<span class="number">{}</span>', ", ".join(shown))


def word_stock(count: int | None) -> SafeString:
    """Write how many there are: none left is worth a look, and is not the same as not told."""
    if count is None:
        return format_html('<span class="row-faint">{}</span>', "not told")
    return format_html('<span class="number{}">{}</span>', "" if count > 0 else " tone-danger", f"{count:,}")


def show_sku(sku: Sku) -> dict[str, Any]:
    """Return what the table of SKUs shows of one."""
    is_reduced = sku.original_price is not None and sku.price is not None and sku.original_price > sku.price
    return {
        "sku": sku,
        "before": format_money(sku.original_price, sku.currency) if is_reduced else "",
        "stock": word_stock(sku.stock_count),
    }
