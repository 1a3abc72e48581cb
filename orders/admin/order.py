"""The order list and the order page. Everything on them is copied from the marketplace and read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyInline, ReadOnlyModelAdmin, display, show_json
from backoffice.common.money import format_money
from orders.models import Order, OrderLine, OrderPayload, Package

STATUS_COLOURS = {
    "unpaid": "warning", "on_hold": "warning", "awaiting_shipment": "info", "partially_shipped": "info",
    "awaiting_collection": "info", "in_transit": "info", "delivered": "success", "completed": "success",
    "cancel_requested": "danger", "cancelled": "danger", "unknown": "danger",
}  # fmt: skip


class LineInline(ReadOnlyInline):
    """What was bought."""

    model = OrderLine
    fields = ("external_id", "product_name", "sku_name", "seller_sku", "quantity", "show_price", "raw_status")
    readonly_fields = fields

    @display(description="Price")
    def show_price(self, line: OrderLine) -> str:
        return format_money(line.price, line.currency)


class PackageInline(ReadOnlyInline):
    """How it travels."""

    model = Package
    fields = ("external_id", "raw_status", "tracking_number", "carrier_name", "show_contents")
    readonly_fields = fields

    @display(description="Contents")
    def show_contents(self, package: Package) -> str:
        return ", ".join(f"{item['quantity']} x line {item['line']}" for item in package.contents) or "–"


@admin.register(Order)
class OrderAdmin(ReadOnlyModelAdmin):
    """Orders, newest change first."""

    list_display = (
        "external_id",
        "shop",
        "show_status",
        "show_total",
        "source_created_at",
        "source_updated_at",
        "is_valid",
    )
    list_filter = ("status", "is_valid")
    list_select_related = ("shop",)
    ordering = ("-source_updated_at", "-id")
    search_fields = ("external_id__startswith",)
    search_help_text = "Beginning of the order number"
    inlines = (LineInline, PackageInline)
    fieldsets = (
        (None, {"fields": (
            ("external_id", "shop"), ("show_status", "raw_status"), ("show_total", "is_cod", "payment_method"),
        )}),
        ("When", {"fields": (
            ("source_created_at", "source_updated_at"), ("paid_at", "shipped_at", "collected_at"),
            ("delivered_at", "cancel_requested_at", "cancelled_at"), ("ship_by_at", "collect_by_at", "deliver_by_at"),
        )}),
        ("Money", {"fields": ("show_money",)}),
        ("To whom", {"fields": ("recipient_name", "recipient_phone", "recipient_full_address", "buyer_message")}),
        ("Where this comes from", {"fields": (
            ("synced_at", "last_run_id"), ("is_valid", "validation_errors"), "show_attributes", "show_payload",
        )}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the wide columns out of lists."""
        return super().get_queryset(request).defer("attributes", "other_amounts", "recipient_details")

    @display(description="Status", label=STATUS_COLOURS, ordering="status")
    def show_status(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @display(description="Total", ordering="total_amount")
    def show_total(self, order: Order) -> str:
        return order.total

    @display(description="Amounts")
    def show_money(self, order: Order) -> str:
        names = (
            "original_product_amount", "seller_discount_amount", "platform_discount_amount", "subtotal_amount",
            "original_shipping_amount", "shipping_amount", "tax_amount", "total_amount",
        )  # fmt: skip
        parts = [(name.removesuffix("_amount").replace("_", " "), getattr(order, name)) for name in names]
        return "; ".join(
            f"{label} {format_money(amount, order.currency)}" for label, amount in parts if amount is not None
        )

    @display(description="Marketplace's own fields")
    def show_attributes(self, order: Order) -> SafeString:
        return show_json({**order.attributes, **order.other_amounts})

    @display(description="Newest payload")
    def show_payload(self, order: Order) -> SafeString:
        newest: OrderPayload | None = order.payloads.first()
        return show_json(newest.payload if newest else None)
