"""Which key of Shopee's order goes into which field of ours; to be laid beside the vendor's page.

Source: Shopee Open Platform, v2.order.get_order_detail. All times are Unix seconds, all amounts JSON numbers in major
units of the order's currency; the prices of a line are for one unit. A fee or a time of zero is one that is not known
yet.
"""

from collections.abc import Mapping

from shops.marketplaces.records import OrderStatus

# A few fields always come; these only if they are named. Naming an object brings all of it.
OPTIONAL_FIELDS = ",".join(
    (
        "buyer_user_id",
        "buyer_username",
        "estimated_shipping_fee",
        "recipient_address",
        "actual_shipping_fee",
        "goods_to_declare",
        "note",
        "note_update_time",
        "item_list",
        "pay_time",
        "dropshipper",
        "dropshipper_phone",
        "split_up",
        "buyer_cancel_reason",
        "cancel_by",
        "cancel_reason",
        "actual_shipping_fee_confirmed",
        "buyer_cpf_id",
        "fulfillment_flag",
        "pickup_done_time",
        "package_list",
        "shipping_carrier",
        "payment_method",
        "total_amount",
        "invoice_data",
        "order_chargeable_weight_gram",
        "return_request_due_date",
        "edt",
        "payment_info",
    )
)
# What parcels need of an order: no buyer, no address.
PARCEL_FIELDS = "item_list,package_list,pickup_done_time,shipping_carrier"

STATUSES: Mapping[str, OrderStatus] = {
    "UNPAID": OrderStatus.UNPAID,
    "PENDING": OrderStatus.ON_HOLD,  # Shopee still checks the order
    "INVOICE_PENDING": OrderStatus.ON_HOLD,  # Brazil: paid, and the seller's invoice is missing
    "READY_TO_SHIP": OrderStatus.AWAITING_SHIPMENT,
    "RETRY_SHIP": OrderStatus.AWAITING_SHIPMENT,  # a pickup failed: shipment is to be arranged anew
    "PROCESSED": OrderStatus.AWAITING_COLLECTION,  # shipment is arranged
    "SHIPPED": OrderStatus.IN_TRANSIT,
    "TO_CONFIRM_RECEIVE": OrderStatus.DELIVERED,
    "TO_RETURN": OrderStatus.DELIVERED,  # a return that was asked for before completion; it is a record of its own
    "COMPLETED": OrderStatus.COMPLETED,
    "IN_CANCEL": OrderStatus.CANCEL_REQUESTED,
    "CANCELLED": OrderStatus.CANCELLED,
}
SEARCHABLE_STATUSES = frozenset(
    {
        "UNPAID",
        "READY_TO_SHIP",
        "PROCESSED",
        "SHIPPED",
        "COMPLETED",
        "IN_CANCEL",
        "CANCELLED",
        "INVOICE_PENDING",
    }
)

OTHER_AMOUNTS = ("estimated_shipping_fee", "actual_shipping_fee", "reverse_shipping_fee")
# What has a place of its own; every other key is kept as an attribute.
ORDER_PLACED = frozenset(
    {
        "order_sn",
        "order_status",
        "create_time",
        "update_time",
        "currency",
        "total_amount",
        "cod",
        "buyer_user_id",
        "message_to_seller",
        "note",
        "payment_method",
        "shipping_carrier",
        "cancel_reason",
        "cancel_by",
        "pay_time",
        "pickup_done_time",
        "ship_by_date",
        "recipient_address",
        "item_list",
        "package_list",
        *OTHER_AMOUNTS,
    }
)
RECIPIENT_PLACED = frozenset({"name", "phone", "region", "zipcode", "full_address"})
LINE_PLACED = frozenset(
    {
        "line_item_id",
        "item_id",
        "model_id",
        "item_name",
        "model_name",
        "model_sku",
        "model_quantity_purchased",
        "model_original_price",
        "model_discounted_price",
        "image_info",
    }
)
