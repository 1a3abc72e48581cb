"""Orders as the API shows them, with lines, packages and changes. Whole payloads stay here: large, and not ours."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.common.api.values import RowSerializer, UtcField
from backoffice.common.sources import PayloadSource
from orders.models import Order, OrderHandling, OrderLine, Package
from orders.queries.payloads import Entry


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
    quantity = serializers.IntegerField()


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
        fields = (
            "id", "shop", "external_id", "status", "raw_status", "source_created_at", "source_updated_at", "synced_at",
            "currency", "total_amount", "subtotal_amount", "original_product_amount", "seller_discount_amount",
            "platform_discount_amount", "original_shipping_amount", "shipping_amount", "tax_amount", "is_cod",
            "buyer_external_id", "buyer_email", "buyer_message", "seller_note", "payment_method", "carrier_name",
            "tracking_number", "warehouse_external_id", "cancel_reason", "cancelled_by", "paid_at", "shipped_at",
            "collected_at", "delivered_at", "cancelled_at", "cancel_requested_at", "ship_by_at", "collect_by_at",
            "deliver_by_at", "is_valid", "recipient", "handling", "lines", "packages",
        )  # fmt: skip
        read_only_fields = fields


class ChangeSerializer(serializers.Serializer[Any]):
    """One field of the payload, in the marketplace's names. Values are texts for people; long ones are cut."""

    path = serializers.CharField()
    kind = serializers.ChoiceField(choices=("added", "removed", "changed"))
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class HistoryEntrySerializer(serializers.Serializer[Any]):
    """One payload of the order, and what differs from the one before."""

    id = serializers.IntegerField(source="row.pk")
    received_at = UtcField(source="row.received_at")
    door = serializers.ChoiceField(choices=PayloadSource.choices, source="row.source", help_text="The way it came")
    run = serializers.IntegerField(
        source="row.run_id", allow_null=True, help_text="The run that brought it; runs are deleted after some months"
    )
    is_first = serializers.BooleanField(help_text="Nothing older is kept, so nothing was compared")
    is_whole = serializers.SerializerMethodField(
        help_text="False where there are more changes, or a payload is too large"
    )
    changes = serializers.SerializerMethodField()

    @extend_schema_field(serializers.BooleanField())
    def get_is_whole(self, entry: Entry) -> bool:
        return entry.is_first or (entry.diff is not None and entry.diff.is_whole)

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, entry: Entry) -> Any:
        return ChangeSerializer(entry.diff.changes if entry.diff else (), many=True).data
