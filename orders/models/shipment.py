"""A parcel on its way, what the carrier said of it, and every payload that described it.

A parcel is read apart from its orders, may hold lines of several of them, and may be here before they are: it names
them by their numbers.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import Q

from backoffice.common.models import ShopScopedQuerySet, StoredPayload, SyncedModel, make_text_field
from backoffice.common.sorting import BY_CHANGE
from orders.choices import ShipmentStatus
from shops.models import Shop


class Shipment(SyncedModel):
    """One parcel as the marketplace last described it. `contents`: [{"order": .., "line": .., "quantity": n}, ...]."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="shipments", db_index=False)
    external_id = models.CharField("package number", max_length=64)
    status = models.CharField(max_length=30, choices=ShipmentStatus.choices)
    raw_status = make_text_field()
    tracking_number = make_text_field()
    carrier_name = make_text_field()
    carrier_external_id = make_text_field()
    source_created_at = models.DateTimeField("created at the marketplace", null=True)
    source_updated_at = models.DateTimeField("changed at the marketplace", null=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    order_external_ids = ArrayField(models.CharField(max_length=64), default=list, verbose_name="orders")
    contents = models.JSONField(default=list, blank=True)
    attributes = models.JSONField(default=dict, blank=True)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="shipment_identity"),
            models.CheckConstraint(condition=~Q(external_id=""), name="shipment_has_external_id"),
        ]
        indexes = [
            models.Index("shop", *BY_CHANGE, include=["status"], name="shipment_shop_updated"),
            models.Index(*BY_CHANGE, name="shipment_updated"),
            models.Index(fields=["synced_at", "id"], name="shipment_synced"),
            models.Index(fields=["external_id"], name="shipment_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["tracking_number"],
                condition=~Q(tracking_number=""),
                opclasses=["text_pattern_ops"],
                name="shipment_tracking_number",
            ),
            GinIndex(fields=["order_external_ids"], fastupdate=False, name="shipment_orders"),
            models.Index(fields=["shop", "raw_status"], condition=Q(status="unknown"), name="shipment_unknown"),
            # Small: what is on its way or went astray, and what could not be read.
            models.Index(
                "status",
                *BY_CHANGE,
                condition=~Q(status="delivered"),
                name="shipment_not_delivered",
            ),
            models.Index(*BY_CHANGE, condition=Q(is_valid=False), name="shipment_invalid"),
        ]

    def __str__(self) -> str:
        return self.external_id


class TrackingEvent(models.Model):
    """One thing that happened to a parcel, in the carrier's words."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="events", db_index=False)
    external_id = models.CharField(max_length=64)
    happened_at = models.DateTimeField()
    text = make_text_field()
    raw_status = make_text_field()
    place = make_text_field()

    shop_path = "shipment__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "external_id"], name="tracking_event_identity")]
        ordering = ["happened_at", "id"]

    def __str__(self) -> str:
        return f"{self.happened_at:%Y-%m-%d %H:%M}: {self.text}"


class ShipmentPayload(StoredPayload):
    """A payload that described a parcel."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="payloads")

    shop_path = "shipment__shop_id"
    objects = ShopScopedQuerySet.as_manager()

    class Meta(StoredPayload.Meta):
        indexes = [BrinIndex(fields=["received_at"], name="shipment_payload_received")]
