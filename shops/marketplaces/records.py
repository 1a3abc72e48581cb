"""What every connector delivers: normalised records, whatever the marketplace calls things.

Conventions: times are aware UTC datetimes; money is an exact Decimal beside a currency code; ids are text;
None means "the marketplace did not say", never zero and never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, Generic, TypeVar, dataclass_transform

Payload = dict[str, Any]
RecordT = TypeVar("RecordT", covariant=True)
ClassT = TypeVar("ClassT", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def _record(cls: ClassT) -> ClassT:
    """Make a dataclass that the type checker holds frozen, without the cost of freezing it at run time.

    Freezing doubles the time to build an order with its lines (10 of 20 microseconds), a third of all mapping.
    """
    return dataclass(slots=True)(cls)  # type: ignore[return-value]


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


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of update times: `start <= t < end`, both aware UTC, whole seconds."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An authorisation of one seller. Times are absolute; an empty refresh token means there is none."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    access_token_expires_at: datetime | None = None
    refresh_token_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    seller_name: str = ""
    shop_external_ids: tuple[str, ...] = ()  # the shops that it opens, where its answer names them
    shop_regions: tuple[str, ...] = ()  # of those shops, in their order, where its answer names these too


@dataclass(frozen=True, slots=True)
class ShopRecord:
    """One shop that an authorisation reaches. `cipher` is what TikTok wants instead of the id; empty elsewhere.

    `authorised_until` is when the seller's consent itself ends, where the marketplace says so.
    """

    external_id: str
    name: str
    region: str
    cipher: str = field(default="", repr=False)
    seller_type: str = ""
    authorised_until: datetime | None = None


@_record
class Recipient:
    """Who receives the parcel. `details` keeps the parts that have no column: name parts, address lines, districts."""

    name: str = ""
    phone: str = ""
    region_code: str = ""
    postal_code: str = ""
    full_address: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    clarity: RecipientClarity = RecipientClarity.ABSENT


@_record
class LineRecord:
    """One line of an order. `price` is what the buyer pays for one unit of it, before shipping."""

    external_id: str
    sku_external_id: str = ""
    product_external_id: str = ""
    seller_sku: str = ""
    product_name: str = ""
    sku_name: str = ""
    image_url: str = ""
    quantity: int = 1
    currency: str = ""
    original_price: Decimal | None = None
    price: Decimal | None = None
    seller_discount_amount: Decimal | None = None
    platform_discount_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    raw_status: str = ""
    is_gift: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)


@_record
class PackageRecord:
    """One parcel. `contents` names the lines in it: ({"line": external id, "quantity": n}, ...)."""

    external_id: str
    raw_status: str = ""
    tracking_number: str = ""
    carrier_name: str = ""
    carrier_external_id: str = ""
    contents: tuple[Mapping[str, Any], ...] = ()


@_record
class OrderRecord:
    """One order as a marketplace describes it at `source_updated_at`.

    `packages` is None where the payload does not speak of packages at all: the writer then leaves them alone.
    `problems` lists what could not be read, one sentence each; the record is valid when it is empty.
    """

    external_id: str
    payload: Payload
    status: OrderStatus = OrderStatus.UNKNOWN
    raw_status: str = ""
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    currency: str = ""
    total_amount: Decimal | None = None
    subtotal_amount: Decimal | None = None
    original_product_amount: Decimal | None = None
    seller_discount_amount: Decimal | None = None
    platform_discount_amount: Decimal | None = None
    original_shipping_amount: Decimal | None = None
    shipping_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    other_amounts: Mapping[str, str] = field(default_factory=dict)  # by the marketplace's name, exact decimal text
    is_cod: bool = False
    buyer_external_id: str = ""
    buyer_email: str = ""
    buyer_message: str = ""
    seller_note: str = ""
    payment_method: str = ""
    carrier_name: str = ""
    tracking_number: str = ""
    warehouse_external_id: str = ""
    cancel_reason: str = ""
    cancelled_by: str = ""
    paid_at: datetime | None = None
    shipped_at: datetime | None = None  # handed to the carrier's system ("ready to ship")
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    ship_by_at: datetime | None = None
    collect_by_at: datetime | None = None
    deliver_by_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)  # what only this marketplace has
    recipient: Recipient = field(default_factory=Recipient)
    lines: tuple[LineRecord, ...] = ()
    packages: tuple[PackageRecord, ...] | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether everything that must be readable was read."""
        return not self.problems


@_record
class SkuRecord:
    """One variant of a product. `price` is what a buyer pays for one now, in `currency`; None where it is not told."""

    external_id: str
    seller_sku: str = ""
    name: str = ""
    currency: str = ""
    price: Decimal | None = None
    original_price: Decimal | None = None
    stock_count: int | None = None  # pieces that can be sold, over all warehouses
    raw_status: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@_record
class ProductRecord:
    """One product with its variants. `source_updated_at` is None where the marketplace tells no time of change."""

    external_id: str
    payload: Payload
    status: ProductStatus = ProductStatus.UNKNOWN
    raw_status: str = ""
    title: str = ""
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    image_url: str = ""
    category_external_id: str = ""
    brand_name: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    skus: tuple[SkuRecord, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether everything that must be readable was read."""
        return not self.problems


@_record
class TrackingEventRecord:
    """One thing that happened to a parcel. `external_id` tells it from the others: a digest of time and text."""

    external_id: str
    happened_at: datetime
    text: str = ""
    raw_status: str = ""
    place: str = ""


@_record
class ShipmentRecord:
    """One parcel of one or several orders, by its package number.

    `contents` says what is in it: ({"order": order id, "line": line id, "quantity": n}, ...). `events` is None where
    the payload does not speak of tracking: the writer then leaves them alone.
    """

    external_id: str
    payload: Payload
    status: ShipmentStatus = ShipmentStatus.UNKNOWN
    raw_status: str = ""
    order_external_ids: tuple[str, ...] = ()
    contents: tuple[Mapping[str, Any], ...] = ()
    tracking_number: str = ""
    carrier_name: str = ""
    carrier_external_id: str = ""
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[TrackingEventRecord, ...] | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether everything that must be readable was read."""
        return not self.problems


@_record
class ReturnLineRecord:
    """One line of a return. `refund_amount` is for the whole quantity."""

    external_id: str
    order_line_external_id: str = ""
    sku_external_id: str = ""
    product_external_id: str = ""
    seller_sku: str = ""
    product_name: str = ""
    quantity: int = 1
    refund_amount: Decimal | None = None
    raw_status: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@_record
class ReturnRecord:
    """One return, refund or cancellation as the marketplace describes it: the request, its money and its goods."""

    external_id: str
    payload: Payload
    order_external_id: str = ""
    kind: ReturnKind = ReturnKind.UNKNOWN
    raw_kind: str = ""
    status: ReturnStatus = ReturnStatus.UNKNOWN
    raw_status: str = ""
    money_state: MoneyState = MoneyState.UNKNOWN
    currency: str = ""
    refund_amount: Decimal | None = None
    custody: Custody = Custody.UNKNOWN
    raw_logistics_status: str = ""
    tracking_number: str = ""
    carrier_name: str = ""
    reason_code: str = ""
    reason_text: str = ""
    buyer_message: str = ""
    opened_by: str = ""  # buyer, seller, system, marketplace
    requested_action: str = ""  # what the marketplace wants of the seller now, in its own word
    respond_by_at: datetime | None = None
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[ReturnLineRecord, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether everything that must be readable was read."""
        return not self.problems


@_record
class TransactionRecord:
    """One movement of a seller's money. `amount` is its effect on the balance: credits positive, charges negative.

    `fees` splits it by the marketplace's names, exact signed decimal text; `order_external_id` is empty for what
    belongs to no order, `statement_external_id` until it stands on a statement. `source_updated_at` is the time of the
    movement.
    """

    external_id: str
    payload: Payload
    kind: TransactionKind = TransactionKind.UNKNOWN
    raw_kind: str = ""
    raw_status: str = ""
    order_external_id: str = ""
    statement_external_id: str = ""
    currency: str = ""
    amount: Decimal | None = None
    revenue_amount: Decimal | None = None
    fee_amount: Decimal | None = None
    shipping_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    adjustment_amount: Decimal | None = None
    fees: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    source_updated_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether everything that must be readable was read."""
        return not self.problems

    @property
    def status(self) -> TransactionKind:
        """What an unknown word would show in: of a movement that is its kind."""
        return self.kind


@_record
class StatementRecord:
    """One statement of account: what the marketplace pays for a span of time. Its transactions name it."""

    external_id: str
    payload: Payload
    raw_status: str = ""
    is_paid: bool | None = None
    currency: str = ""
    amount: Decimal | None = None
    revenue_amount: Decimal | None = None
    fee_amount: Decimal | None = None
    shipping_amount: Decimal | None = None
    adjustment_amount: Decimal | None = None
    period_start_at: datetime | None = None
    period_end_at: datetime | None = None
    source_updated_at: datetime | None = None  # when it was drawn up
    attributes: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether everything that must be readable was read."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A payload that is no record: it can be kept and shown, but not stored as a row.

    Mostly its id cannot be read. Where it can, because a list named it, later readings of it make this one good.
    """

    payload: Any
    error: str
    external_id: str = ""
    source_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """Something that a list names and another call must complete.

    `step` says which call, in the connector's own word; `payload` is what is known so far and comes back to
    `fetch_details`. `source_updated_at` is the list's time of change: what is stored as of then, and valid, is not
    asked for again; None means always.
    """

    external_id: str
    step: str
    payload: Payload
    source_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[RecordT]):
    """One answer. An empty `next_token` ends the list; `total_count` is the marketplace's word.

    `stubs` are what further calls must complete, `passed_ids` rows that hold nothing of what is wanted. A list page
    names each row once, in one of these ways, so that it can be told whether the list was whole.
    """

    records: tuple[RecordT, ...]
    unreadable: tuple[UnreadableRecord, ...] = ()
    next_token: str = ""
    total_count: int | None = None
    stubs: tuple[Stub, ...] = ()
    passed_ids: tuple[str, ...] = ()
