"""Parcels on their way as the API shows them."""

from typing import Any

from rest_framework import serializers

from backoffice.common.api.values import RowSerializer
from orders.api.serializers.orders import UNTOLD_QUANTITY
from orders.models import Shipment, TrackingEvent


class ShipmentContentSerializer(serializers.Serializer[Any]):
    """So many pieces of a line of an order."""

    order = serializers.CharField(help_text="The order's number; empty where the marketplace does not say whose it is")
    line = serializers.CharField(help_text="external_id of the line")
    quantity = serializers.IntegerField(allow_null=True, help_text=UNTOLD_QUANTITY)


class TrackingEventSerializer(RowSerializer):
    """One thing that happened to the parcel, in the carrier's words."""

    class Meta:
        model = TrackingEvent
        fields = ("id", "happened_at", "text", "raw_status", "place")
        read_only_fields = fields


class ShipmentSerializer(RowSerializer):
    """One parcel. It names its orders by number: they may be here later than the parcel, or never."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    order_external_ids = serializers.ListField(child=serializers.CharField(), help_text="Numbers of the orders in it")
    contents = ShipmentContentSerializer(many=True, read_only=True)
    events = TrackingEventSerializer(many=True, read_only=True, help_text="Oldest first")

    class Meta:
        model = Shipment
        fields = (
            "id", "shop", "external_id", "status", "raw_status", "tracking_number", "carrier_name",
            "carrier_external_id", "order_external_ids", "contents", "source_created_at", "source_updated_at",
            "synced_at", "shipped_at", "delivered_at", "is_valid", "events",
        )  # fmt: skip
        read_only_fields = fields
