"""An order as every connector delivers it, with its lines, packages and recipient."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from shops.marketplaces.records.basics import Checked, Payload, record_class
from shops.marketplaces.records.words import OrderStatus, RecipientClarity


@record_class
class Recipient:
    """Who receives the parcel. `details` keeps the parts that have no column: name parts, address lines, districts."""

    name: str = ""
    phone: str = ""
    region_code: str = ""
    postal_code: str = ""
    full_address: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    clarity: RecipientClarity = RecipientClarity.ABSENT


@record_class
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


@record_class
class PackageRecord:
    """One parcel. `contents` names the lines in it: ({"line": external id, "quantity": n}, ...)."""

    external_id: str
    raw_status: str = ""
    tracking_number: str = ""
    carrier_name: str = ""
    carrier_external_id: str = ""
    contents: tuple[Mapping[str, Any], ...] = ()


@record_class
class OrderRecord(Checked):
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
