"""Orders as the API shows them, with lines and packages. Whole payloads stay here: large, and not ours."""

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.common.api.values import RowSerializer
from orders.models import Order, OrderHandling, OrderLine, Package

# Temu does not say how a line that was sent in several parcels was divided.
UNTOLD_QUANTITY = "Null where the marketplace does not say"
LINKED = ("shipments", "returns", "transactions")


class OrderLineSerializer(RowSerializer):
    """One line, as it was when the order was placed."""

    class Meta:
        model = OrderLine
        fields = (
            "id", "external_id", "sku_external_id", "product_external_id", "seller_sku", "product_name", "sku_name",
            "image_url", "quantity", "currency", "original_price", "price", "seller_discount_amount",
            "platform_discount_amount", "tax_amount", "raw_status", "is_gift",
        )  # fmt: skip
        read_only_fields = fields


class PackageContentSerializer(serializers.Serializer[Any]):
    """So many pieces of a line."""

    line = serializers.CharField(help_text="external_id of the line")
    quantity = serializers.IntegerField(allow_null=True, help_text=UNTOLD_QUANTITY)


class PackageSerializer(RowSerializer):
    """One parcel, and what is in it."""

    contents = PackageContentSerializer(many=True, read_only=True)

    class Meta:
        model = Package
        fields = (
            "id", "external_id", "raw_status", "tracking_number", "carrier_name", "carrier_external_id", "contents",
        )  # fmt: skip
        read_only_fields = fields


class RecipientSerializer(RowSerializer):
    """Who receives it. The marketplace masks names and addresses of many orders."""

    name = serializers.CharField(source="recipient_name")
    phone = serializers.CharField(source="recipient_phone")
    region_code = serializers.CharField(source="recipient_region_code")
    postal_code = serializers.CharField(source="recipient_postal_code")
    full_address = serializers.CharField(source="recipient_full_address")
    clarity = serializers.SerializerMethodField(help_text="How much of it can be read.")

    class Meta:
        model = Order
        fields = ("name", "phone", "region_code", "postal_code", "full_address", "clarity")
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": ["absent", "masked", "clear"]})
    def get_clarity(self, order: Order) -> str:
        return order.get_recipient_clarity_display().lower()


class HandlingSerializer(RowSerializer):
    """What staff keep about an order."""

    tags = serializers.ListField(child=serializers.CharField())
    assignee = serializers.CharField(source="assignee.username", read_only=True, allow_null=True)

    class Meta:
        model = OrderHandling
        fields = ("note", "tags", "assignee", "changed_at")
        read_only_fields = fields


class OrderSerializer(RowSerializer):
    """One order as the marketplace last described it. Amounts are in its `currency`."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    recipient = RecipientSerializer(source="*", read_only=True)
    handling = HandlingSerializer(read_only=True, allow_null=True)
    lines = OrderLineSerializer(many=True, read_only=True)
    packages = PackageSerializer(many=True, read_only=True)

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id", "shop", "external_id", "status", "raw_status", "source_created_at", "source_updated_at", "synced_at",
            "currency", "total_amount", "subtotal_amount", "original_product_amount", "seller_discount_amount",
            "platform_discount_amount", "original_shipping_amount", "shipping_amount", "tax_amount", "is_cod",
            "buyer_external_id", "buyer_email", "buyer_message", "seller_note", "payment_method", "carrier_name",
            "tracking_number", "warehouse_external_id", "cancel_reason", "cancelled_by", "paid_at", "shipped_at",
            "collected_at", "delivered_at", "cancelled_at", "cancel_requested_at", "ship_by_at", "collect_by_at",
            "deliver_by_at", "is_valid", "recipient", "handling", "lines", "packages",
        )  # fmt: skip
        read_only_fields = fields


class OrderLinksSerializer(serializers.Serializer[Any]):
    """Where the rest of the order is; the addresses of lists are filtered by its number."""

    history = serializers.URLField()
    shipments = serializers.URLField()
    returns = serializers.URLField()
    transactions = serializers.URLField()


class OrderDetailSerializer(OrderSerializer):
    """One order, and where its parcels, returns and money are."""

    links = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "links")
        read_only_fields = fields

    @extend_schema_field(OrderLinksSerializer())
    def get_links(self, order: Order) -> dict[str, str]:
        numbers = QueryDict(mutable=True)
        numbers.update({"shop": str(order.shop_id), "order_external_id": order.external_id})
        # An app above this one answers for returns: it is known by the name of its address alone.
        links = {name: f"{reverse(f'api-{name}')}?{numbers.urlencode()}" for name in LINKED}
        links = {"history": reverse("api-order-history", args=[order.pk]), **links}
        request = self.context["request"]
        return {name: request.build_absolute_uri(path) for name, path in links.items()}
