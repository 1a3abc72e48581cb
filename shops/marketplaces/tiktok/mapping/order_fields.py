"""Which key of TikTok Shop's order goes into which field of ours; to be laid beside the vendor's page.

Source: TikTok Shop Partner Center, "Get Order List" and "Get Order Detail", version 202309. Fields that do not apply
are absent there; all times are Unix seconds; all ids are text.

The keys of a group stand in the order of our record's fields, because the mapping builds records by position, which
takes half the time of building them by name. A test holds the groups against the records.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shops.marketplaces.records import OrderStatus
from shops.marketplaces.values import IDENTIFIER_LENGTH, TEXT_LENGTH

_IDS = frozenset({"user_id", "warehouse_id", "sku_id", "product_id", "shipping_provider_id"})


class Texts(NamedTuple):
    """Keys of texts that are read together, and the most characters that each may have."""

    keys: tuple[str, ...]
    limits: tuple[int, ...]


def _texts(*keys: str) -> Texts:
    return Texts(keys, tuple(IDENTIFIER_LENGTH if key in _IDS else TEXT_LENGTH for key in keys))


# `is_buyer_request_cancel` is no status: it stays in `attributes`, so that a filter means the same here and there.
STATUSES: Mapping[str, OrderStatus] = {
    "UNPAID": OrderStatus.UNPAID,
    "ON_HOLD": OrderStatus.ON_HOLD,
    "AWAITING_SHIPMENT": OrderStatus.AWAITING_SHIPMENT,
    "PARTIALLY_SHIPPING": OrderStatus.PARTIALLY_SHIPPED,
    "AWAITING_COLLECTION": OrderStatus.AWAITING_COLLECTION,
    "IN_TRANSIT": OrderStatus.IN_TRANSIT,
    "DELIVERED": OrderStatus.DELIVERED,
    "COMPLETED": OrderStatus.COMPLETED,
    "CANCELLED": OrderStatus.CANCELLED,
    "CANCEL": OrderStatus.CANCELLED,  # the same in push messages; the search does not know this word
}
UNSEARCHABLE_STATUSES = frozenset({"CANCEL"})

ORDER_REQUIRED_TIMES = ("create_time", "update_time")
ORDER_AMOUNTS = (  # in `payment`
    "total_amount",
    "sub_total",
    "original_total_product_price",
    "seller_discount",
    "platform_discount",
    "original_shipping_fee",
    "shipping_fee",
    "tax",
)
ORDER_TEXTS = _texts(
    "user_id",
    "buyer_email",
    "buyer_message",
    "seller_note",
    "payment_method_name",
    "shipping_provider",
    "tracking_number",
    "warehouse_id",
    "cancel_reason",
    "cancellation_initiator",
)
# Two kinds of limits. After a "..._sla_time" the step counts as late, which is what a seller works by: rts to have
# the parcel ready to ship, tts for the carrier to have it. After a "..._due_time" TikTok acts by itself, mostly by
# cancelling; those stay in `attributes`, except for delivery, where often no other limit is given.
ORDER_TIMES = (
    "paid_time",
    "rts_time",
    "collection_time",
    "delivery_time",
    "cancel_time",
    "request_cancel_time",
    "rts_sla_time",
    "tts_sla_time",
    "delivery_due_time",
)
LINE_TEXTS = _texts("sku_id", "product_id", "seller_sku", "product_name", "sku_name", "sku_image", "display_status")
LINE_AMOUNTS = ("original_price", "sale_price", "seller_discount", "platform_discount")
# What a line says of the package that it is in.
PACKAGE_TEXTS = _texts("package_status", "tracking_number", "shipping_provider_name", "shipping_provider_id")
RECIPIENT_TEXTS = _texts("name", "phone_number", "region_code", "postal_code", "full_address")
# In `payment`, some of them in one market only.
OTHER_AMOUNTS = frozenset(
    {
        "buyer_service_fee",
        "distance_fee",
        "distance_shipping_fee",
        "handling_fee",
        "item_insurance_fee",
        "item_insurance_tax",
        "payment_discount_service_fee",
        "payment_platform_discount",
        "product_tax",
        "retail_delivery_fee",
        "shipping_fee_cofunded_discount",
        "shipping_fee_platform_discount",
        "shipping_fee_seller_discount",
        "shipping_fee_tax",
        "shipping_insurance_fee",
        "small_order_fee",
    }
)

# What has a place of its own; every other key is kept as an attribute.
ORDER_PLACED = frozenset(
    {"id", "status", "is_cod", "payment", "recipient_address", "line_items", "packages"}.union(
        ORDER_REQUIRED_TIMES, ORDER_TEXTS.keys, ORDER_TIMES
    )
)
PAYMENT_PLACED = frozenset({"currency"}.union(ORDER_AMOUNTS, OTHER_AMOUNTS))
LINE_PLACED = frozenset({"id", "currency", "is_gift"}.union(LINE_TEXTS.keys, LINE_AMOUNTS))
PACKED_LINE_PLACED = LINE_PLACED.union({"package_id"}, PACKAGE_TEXTS.keys)
RECIPIENT_PLACED = frozenset(RECIPIENT_TEXTS.keys)
