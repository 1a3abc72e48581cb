"""Which key of Lazada's order and lines goes into which field of ours; to be laid beside the vendor's pages.

Source: Lazada Open Platform, "GetOrders", "GetMultipleOrderItems". Amounts are in major units, as text or as numbers;
times are text with an offset; ids are numbers or text. The keys of a group stand in the order of our record's fields,
because the mapping builds lines by position, which takes half the time of building them by name.
"""

from shops.marketplaces.lazada.mapping.groups import texts_of

LINE_TEXTS = texts_of(
    "sku_id", "product_id", "sku", "name", "variation", "product_main_image", ids={"sku_id", "product_id"}
)
LINE_AMOUNTS = ("item_price", "paid_price", "voucher_seller", "voucher_platform", "tax_amount")
PACKAGE_TEXTS = ("tracking_code", "shipment_provider")

ORDER_TEXTS = texts_of("payment_method", "warehouse_code", ids={"warehouse_code"})
ORDER_AMOUNTS = ("price", "shipping_fee", "voucher_seller", "voucher_platform", "shipping_fee_original")
OTHER_AMOUNTS = ("voucher", "shipping_fee_discount_seller", "shipping_fee_discount_platform")
REQUIRED_AMOUNTS = frozenset({"price", "voucher", "shipping_fee"})  # what the buyer pays is made of them
ADDRESS_TEXTS = texts_of(
    "first_name",
    "last_name",
    "phone",
    "post_code",
    "customer_email",
    "address1",
    "address2",
    "address4",
    "city",
    "address3",
    "country",
)

# About a person, so kept with the recipient, whose parts are masked on screens.
PERSONAL = (
    "customer_first_name",
    "customer_last_name",
    "address_billing",
    "national_registration_number",
    "tax_code",
    "branch_number",
)

# What has a place of its own; every other key is kept as an attribute.
ORDER_PLACED = frozenset({"order_id", "created_at", "updated_at", "statuses", "address_shipping"}).union(
    ORDER_TEXTS.keys, ORDER_AMOUNTS, OTHER_AMOUNTS, PERSONAL
)
LINE_PLACED = frozenset({"order_item_id", "currency", "status"}).union(LINE_TEXTS.keys, LINE_AMOUNTS)
PACKED_LINE_PLACED = LINE_PLACED.union({"package_id"}, PACKAGE_TEXTS)
RECIPIENT_PLACED = frozenset({"first_name", "last_name", "phone", "post_code"})
