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


class ProductStatus(models.TextChoices):
    """The connectors' vocabulary with labels."""

    ACTIVE = records.ProductStatus.ACTIVE.value, "Active"
    INACTIVE = records.ProductStatus.INACTIVE.value, "Inactive"
    DRAFT = records.ProductStatus.DRAFT.value, "Draft"
    UNDER_REVIEW = records.ProductStatus.UNDER_REVIEW.value, "Under review"
    REJECTED = records.ProductStatus.REJECTED.value, "Rejected"
    BANNED = records.ProductStatus.BANNED.value, "Banned"
    DELETED = records.ProductStatus.DELETED.value, "Deleted"
    UNKNOWN = records.ProductStatus.UNKNOWN.value, "Unknown"


class ShipmentStatus(models.TextChoices):
    """The connectors' vocabulary with labels."""

    PENDING = records.ShipmentStatus.PENDING.value, "To be packed"
    AWAITING_COLLECTION = records.ShipmentStatus.AWAITING_COLLECTION.value, "Awaiting collection"
    IN_TRANSIT = records.ShipmentStatus.IN_TRANSIT.value, "In transit"
    DELIVERED = records.ShipmentStatus.DELIVERED.value, "Delivered"
    FAILED = records.ShipmentStatus.FAILED.value, "Delivery failed"
    RETURNED = records.ShipmentStatus.RETURNED.value, "Returned to sender"
    LOST = records.ShipmentStatus.LOST.value, "Lost"
    CANCELLED = records.ShipmentStatus.CANCELLED.value, "Cancelled"
    UNKNOWN = records.ShipmentStatus.UNKNOWN.value, "Unknown"


class TransactionKind(models.TextChoices):
    """The connectors' vocabulary with labels."""

    SETTLEMENT = records.TransactionKind.SETTLEMENT.value, "Settlement"
    REFUND = records.TransactionKind.REFUND.value, "Refund"
    FEE = records.TransactionKind.FEE.value, "Fee"
    ADVERTISING = records.TransactionKind.ADVERTISING.value, "Advertising"
    ADJUSTMENT = records.TransactionKind.ADJUSTMENT.value, "Adjustment"
    COMPENSATION = records.TransactionKind.COMPENSATION.value, "Compensation"
    WITHDRAWAL = records.TransactionKind.WITHDRAWAL.value, "Withdrawal"
    UNKNOWN = records.TransactionKind.UNKNOWN.value, "Unknown"


class Matching(models.TextChoices):
    """Whether the order of a transaction is here."""

    MATCHED = "matched", "Order known"
    UNMATCHED = "unmatched", "Order not here"
    NONE = "none", "Names no order"
