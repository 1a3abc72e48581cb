"""The order list and the order page. Everything on them is copied from the marketplace and read-only."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.common.admin import ReadOnlyInline, ReadOnlyModelAdmin, display, one_line, show_json, show_shop
from backoffice.common.money import format_money
from orders.models import Order, OrderLine, OrderPayload, Package

STATUS_COLOURS = {
    "unpaid": "warning", "on_hold": "warning", "awaiting_shipment": "info", "partially_shipped": "info",
    "awaiting_collection": "info", "in_transit": "info", "delivered": "success", "completed": "success",
    "cancel_requested": "danger", "cancelled": "danger", "unknown": "danger",
}  # fmt: skip
AMOUNTS = {
    "original_product_amount": "Products before discounts", "seller_discount_amount": "Seller's discount",
    "platform_discount_amount": "Marketplace's discount", "subtotal_amount": "Products",
    "original_shipping_amount": "Shipping before discounts", "shipping_amount": "Shipping", "tax_amount": "Tax",
    "total_amount": "Total",
}  # fmt: skip


class LineInline(ReadOnlyInline):
    """What was bought."""

    model = OrderLine
    verbose_name_plural = "lines"
    fields = ("product_name", "sku_name", "seller_sku", "quantity", "show_price", "raw_status", "external_id")
    readonly_fields = fields

    @display(description="Price of one")
    def show_price(self, line: OrderLine) -> SafeString:
        return one_line(format_money(line.price, line.currency))


class PackageInline(ReadOnlyInline):
    """How it travels."""

    model = Package
    fields = ("external_id", "raw_status", "tracking_number", "carrier_name", "show_contents")
    readonly_fields = fields

    @display(description="Contents")
    def show_contents(self, package: Package) -> str:
        return ", ".join(f"{item['quantity']} × line {item['line']}" for item in package.contents) or "-"


@admin.register(Order)
class OrderAdmin(ReadOnlyModelAdmin):
    """Orders, newest change first."""

    list_display = (
        "external_id",
        show_shop,
        "show_status",
        "show_total",
        "source_created_at",
        "source_updated_at",
        "is_valid",
    )
    list_filter = ("status", "is_valid")
    list_select_related = ("shop",)
    ordering = ("-source_updated_at", "-id")
    list_defer = ("attributes", "other_amounts", "recipient_details")
    sortable_by = ("source_updated_at",)  # the only order that an index gives; others would sort a million rows
    search_fields = ("external_id__startswith",)
    search_help_text = "Beginning of the order number"
    inlines = (LineInline, PackageInline)
    fieldsets = (
        (None, {"fields": (
            ("show_status", "raw_status"), ("shop", "external_id"), ("show_total", "payment_method"), "is_cod",
            ("is_valid", "show_problems"),
        )}),
        ("When", {"fields": (
            ("source_created_at", "source_updated_at"), ("paid_at", "shipped_at"), ("collected_at", "delivered_at"),
            ("cancel_requested_at", "cancelled_at"), ("ship_by_at", "collect_by_at"), ("deliver_by_at", "synced_at"),
        )}),
        ("To whom", {"fields": (
            ("recipient_name", "recipient_phone"), "recipient_full_address", ("buyer_message", "seller_note"),
        )}),
        ("Amounts", {"fields": ("show_amounts",)}),
        ("Marketplace's own fields and newest payload", {
            "classes": ("collapse",), "fields": ("last_run_id", "show_attributes", "show_payload"),
        }),
    )  # fmt: skip

    @display(description="Status", label=STATUS_COLOURS)
    def show_status(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @display(description="Total")
    def show_total(self, order: Order) -> SafeString:
        return one_line(order.total)

    @display(description="Problems")
    def show_problems(self, order: Order) -> SafeString | str:
        return format_html_join("", "<div>{}</div>", ((problem,) for problem in order.validation_errors)) or "-"

    @display(description="Amounts")
    def show_amounts(self, order: Order) -> SafeString:
        known = [(label, getattr(order, name)) for name, label in AMOUNTS.items()]
        rows = ((label, format_money(amount, order.currency)) for label, amount in known if amount is not None)
        return format_html(
            '<table class="amounts">{}</table>', format_html_join("", "<tr><td>{}</td><td>{}</td></tr>", rows)
        )

    @display(description="Own fields")
    def show_attributes(self, order: Order) -> SafeString:
        return show_json({**order.attributes, **order.other_amounts})

    @display(description="Newest payload")
    def show_payload(self, order: Order) -> SafeString:
        newest: OrderPayload | None = order.payloads.first()
        return show_json(newest.payload if newest else None)
