"""What exports of products, SKUs, parcels, transactions and statements hold."""

from django.db.models import F

from backoffice.common.lists.exporters import Column
from orders.queries.exporting import READING, SHOP, FilteredList, choice, make_exporter, moment, text
from orders.queries.money_filters import StatementFilterSet, TransactionFilterSet
from orders.queries.product_filters import ProductFilterSet, SkuFilterSet
from orders.queries.shipment_filters import ShipmentFilterSet

COMMON = ("external_id", "raw_status", "source_updated_at", "is_valid", "synced_at", "shop__name", "shop__marketplace")
CHANGED = {"changed": moment("Changed at the marketplace", "source_updated_at")}
AMOUNTS = {
    "amount": text("Amount", "amount"),
    "currency": text("Currency", "currency"),
    "revenue_amount": text("Revenue", "revenue_amount"),
    "fee_amount": text("Fees", "fee_amount"),
    "shipping_amount": text("Shipping", "shipping_amount"),
    "adjustment_amount": text("Adjustments", "adjustment_amount"),
}

PRODUCTS = make_exporter(
    FilteredList(ProductFilterSet, (*COMMON, "title", "status", "brand_name", "category_external_id")),
    "Products",
    {
        "number": text("Product number", "external_id"),
        "title": text("Title", "title"),
        "status": choice("Status", "status"),
        "raw_status": text("Marketplace's status", "raw_status"),
        "brand_name": text("Brand", "brand_name"),
        "category_external_id": text("Category", "category_external_id"),
        **SHOP,
        **CHANGED,
        **READING,
    },
)
SKUS = make_exporter(
    FilteredList(
        SkuFilterSet,
        (
            "external_id", "seller_sku", "name", "currency", "price", "original_price", "stock_count", "raw_status",
            "product__external_id", "product__title", "product__shop__name", "product__shop__marketplace",
        ),
        related=("product__shop",),
        make_order=lambda filters: ("-id",),
        annotations={"shop_id": F("product__shop_id")},
    ),
    "SKUs",
    {
        "sku": text("Seller's SKU", "seller_sku"),
        "external_id": text("SKU number", "external_id"),
        "name": text("Name", "name"),
        "product": Column("Product", lambda sku: sku.product.title),
        "product_number": Column("Product number", lambda sku: sku.product.external_id),
        "price": text("Price", "price"),
        "original_price": text("Price before discount", "original_price"),
        "currency": text("Currency", "currency"),
        "stock": text("Stock", "stock_count"),
        "raw_status": text("Marketplace's status", "raw_status"),
        "shop": Column("Shop", lambda sku: sku.product.shop.name),
        "marketplace": Column("Marketplace", lambda sku: sku.product.shop.get_marketplace_display()),
    },
)  # fmt: skip
SHIPMENTS = make_exporter(
    FilteredList(
        ShipmentFilterSet,
        (*COMMON, "status", "tracking_number", "carrier_name", "order_external_ids", "shipped_at", "delivered_at"),
    ),
    "Parcels",
    {
        "number": text("Package number", "external_id"),
        "orders": Column("Orders", lambda shipment: ", ".join(shipment.order_external_ids)),
        "status": choice("Status", "status"),
        "raw_status": text("Marketplace's status", "raw_status"),
        "tracking": text("Tracking number", "tracking_number"),
        "carrier_name": text("Carrier", "carrier_name"),
        "shipped_at": moment("Shipped at", "shipped_at"),
        "delivered_at": moment("Delivered at", "delivered_at"),
        **SHOP,
        **CHANGED,
        **READING,
    },
)
TRANSACTIONS = make_exporter(
    FilteredList(
        TransactionFilterSet,
        (
            *COMMON, "kind", "raw_kind", "order_external_id", "statement_external_id", "description", "tax_amount",
            "currency", "amount", "revenue_amount", "fee_amount", "shipping_amount", "adjustment_amount",
        ),
    ),
    "Transactions",
    {
        "number": text("Transaction number", "external_id"),
        "kind": choice("Kind", "kind"),
        "raw_kind": text("Marketplace's kind", "raw_kind"),
        "order": text("Order number", "order_external_id"),
        "statement": text("Statement number", "statement_external_id"),
        **AMOUNTS,
        "tax_amount": text("Tax", "tax_amount"),
        "description": text("Description", "description"),
        **SHOP,
        "moved": moment("Moved at", "source_updated_at"),
        **READING,
    },
)  # fmt: skip
STATEMENTS = make_exporter(
    FilteredList(
        StatementFilterSet,
        (
            *COMMON, "is_paid", "currency", "amount", "revenue_amount", "fee_amount", "shipping_amount",
            "adjustment_amount", "period_start_at", "period_end_at",
        ),
    ),
    "Statements",
    {
        "number": text("Statement number", "external_id"),
        "paid": text("Paid", "is_paid"),
        "raw_status": text("Marketplace's status", "raw_status"),
        **AMOUNTS,
        "period_start_at": moment("From", "period_start_at"),
        "period_end_at": moment("To", "period_end_at"),
        **SHOP,
        "drawn_up": moment("Drawn up at", "source_updated_at"),
        **READING,
    },
)  # fmt: skip
EXPORTERS = (PRODUCTS, SKUS, SHIPMENTS, TRANSACTIONS, STATEMENTS)
