"""Our words for what marketplaces say: one vocabulary each, whatever a marketplace calls things."""

from enum import IntEnum, StrEnum


class Resource(StrEnum):
    """What a shop has that can be read."""

    ORDERS = "orders"
    PRODUCTS = "products"
    SHIPMENTS = "shipments"
    RETURNS = "returns"
    TRANSACTIONS = "transactions"


class OrderStatus(StrEnum):
    """Our one vocabulary of order statuses; each connector has one table from the marketplace's words to these."""

    UNPAID = "unpaid"
    ON_HOLD = "on_hold"
    AWAITING_SHIPMENT = "awaiting_shipment"
    PARTIALLY_SHIPPED = "partially_shipped"
    AWAITING_COLLECTION = "awaiting_collection"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class ProductStatus(StrEnum):
    """Whether a product can be bought, and what keeps it from being bought."""

    ACTIVE = "active"
    INACTIVE = "inactive"  # taken off by the seller
    DRAFT = "draft"
    UNDER_REVIEW = "under_review"
    REJECTED = "rejected"
    BANNED = "banned"  # taken off by the marketplace
    DELETED = "deleted"
    UNKNOWN = "unknown"


class ShipmentStatus(StrEnum):
    """Where one parcel is."""

    PENDING = "pending"  # not yet handed over
    AWAITING_COLLECTION = "awaiting_collection"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    FAILED = "failed"  # a delivery or pickup that did not succeed
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class ReturnKind(StrEnum):
    """What the buyer, or the seller, asked for."""

    CANCEL = "cancel"  # before the goods went out
    REFUND = "refund"  # money only, the goods stay
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"  # another piece instead of the money
    UNKNOWN = "unknown"


class ReturnStatus(StrEnum):
    """How far a return, refund or cancellation is as a request; goods and money are told apart from it."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DISPUTED = "disputed"  # the marketplace decides
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class MoneyState(StrEnum):
    """What became of the money of a return."""

    NONE = "none"  # nothing was paid, or nothing is to be paid back
    PENDING = "pending"
    REFUNDED = "refunded"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Custody(StrEnum):
    """Who has the goods of a return."""

    NOT_SENT = "not_sent"  # a cancellation: they never left
    BUYER = "buyer"
    ON_THE_WAY = "on_the_way"  # from the buyer
    SELLER = "seller"
    WAREHOUSE = "warehouse"  # of the marketplace
    UNKNOWN = "unknown"


class TransactionKind(StrEnum):
    """What moved money on a seller's account."""

    SETTLEMENT = "settlement"  # an order's proceeds, less its fees
    REFUND = "refund"
    FEE = "fee"
    ADVERTISING = "advertising"
    ADJUSTMENT = "adjustment"
    COMPENSATION = "compensation"
    WITHDRAWAL = "withdrawal"
    UNKNOWN = "unknown"


class RecipientClarity(IntEnum):
    """How much of the recipient can be read. A lower value never replaces a higher one in our tables."""

    ABSENT = 0
    MASKED = 1
    CLEAR = 2
