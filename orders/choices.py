"""Order statuses, their groups and their rank."""

from django.db import models

from shops.marketplaces import records


class OrderStatus(models.TextChoices):
    """The connectors' vocabulary with labels."""

    UNPAID = records.OrderStatus.UNPAID.value, "Unpaid"
    ON_HOLD = records.OrderStatus.ON_HOLD.value, "On hold"
    AWAITING_SHIPMENT = records.OrderStatus.AWAITING_SHIPMENT.value, "Awaiting shipment"
    PARTIALLY_SHIPPED = records.OrderStatus.PARTIALLY_SHIPPED.value, "Partially shipped"
    AWAITING_COLLECTION = records.OrderStatus.AWAITING_COLLECTION.value, "Awaiting collection"
    IN_TRANSIT = records.OrderStatus.IN_TRANSIT.value, "In transit"
    DELIVERED = records.OrderStatus.DELIVERED.value, "Delivered"
    COMPLETED = records.OrderStatus.COMPLETED.value, "Completed"
    CANCEL_REQUESTED = records.OrderStatus.CANCEL_REQUESTED.value, "Cancel requested"
    CANCELLED = records.OrderStatus.CANCELLED.value, "Cancelled"
    UNKNOWN = records.OrderStatus.UNKNOWN.value, "Unknown"


# Paid, and not all of it handed to the carrier: what the ship-by time is about.
TO_SHIP: tuple[str, ...] = (OrderStatus.AWAITING_SHIPMENT.value, OrderStatus.PARTIALLY_SHIPPED.value)

# Where orders stay for good, so that nearly all orders are.
AT_REST: tuple[str, ...] = (OrderStatus.COMPLETED.value, OrderStatus.CANCELLED.value)

# Where two readings carry the same update time, the status further along an order's life wins.
STATUS_RANK: dict[str, int] = {
    OrderStatus.UNKNOWN: 0,
    OrderStatus.UNPAID: 10,
    OrderStatus.ON_HOLD: 20,
    OrderStatus.AWAITING_SHIPMENT: 30,
    OrderStatus.PARTIALLY_SHIPPED: 40,
    OrderStatus.AWAITING_COLLECTION: 50,
    OrderStatus.CANCEL_REQUESTED: 55,
    OrderStatus.IN_TRANSIT: 60,
    OrderStatus.DELIVERED: 70,
    OrderStatus.COMPLETED: 80,
    OrderStatus.CANCELLED: 90,
}


class PayloadSource(models.TextChoices):
    """Through which door a payload came."""

    POLL = "poll", "Sync"
    WEBHOOK = "webhook", "Webhook"
    BACKFILL = "backfill", "Backfill"
    REPLAY = "replay", "Replay"
    GAP_REPORT = "gap_report", "Gap report"
    PERSON = "person", "Person"


class RecipientClarity(models.IntegerChoices):
    """How much of the recipient can be read."""

    ABSENT = records.RecipientClarity.ABSENT.value, "Absent"
    MASKED = records.RecipientClarity.MASKED.value, "Masked"
    CLEAR = records.RecipientClarity.CLEAR.value, "Clear"


class ShipBy(models.TextChoices):
    """How an order that must be shipped stands against its ship-by time."""

    OVERDUE = "overdue", "Overdue"
    DUE_24H = "due_24h", "Due in 24 h"
    ON_TIME = "on_time", "On time"


class OrderedIn(models.TextChoices):
    """Days counted from today."""

    TODAY = "today", "Today"
    YESTERDAY = "yesterday", "Yesterday"
    LAST_7_DAYS = "last_7_days", "Last 7 days"
    LAST_30_DAYS = "last_30_days", "Last 30 days"
