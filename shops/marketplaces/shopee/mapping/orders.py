"""Turns Shopee's order detail into an OrderRecord. Pure, and it never raises, whatever the payload holds.

Times are Unix seconds, amounts major units of the order's currency, prices per unit (see `order_fields`). Shopee tells
neither subtotal nor discounts nor what the buyer pays for shipping: they stay empty here.
"""

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded
from shops.marketplaces.records import (
    LineRecord,
    OrderRecord,
    OrderStatus,
    PackageRecord,
    Recipient,
    RecipientClarity,
    UnreadableRecord,
)
from shops.marketplaces.shopee.mapping import order_fields as keys
from shops.marketplaces.shopee.mapping.ids import unreadable
from shops.marketplaces.shopee.mapping.lines import LineFinder, read_lines


def map_order(payload: object) -> OrderRecord | UnreadableRecord:
    """Map one order of a detail answer."""
    external_id = values.identifier(payload.get("order_sn")) if type(payload) is dict else None
    if external_id is None or type(payload) is not dict:
        return unreadable(payload, "order_sn")
    order = Fields(payload)
    raw_status = order.identifier("order_status", required=True)
    currency = order.currency("currency", required=True)
    lines = read_lines(order, currency)
    return OrderRecord(
        external_id,
        payload,
        keys.STATUSES.get(raw_status, OrderStatus.UNKNOWN),
        raw_status,
        order.seconds("create_time", required=True),
        order.seconds("update_time", required=True),
        currency,
        order.amount("total_amount"),  # appears with the payment
        other_amounts={key: str(fee) for key in keys.OTHER_AMOUNTS if (fee := order.amount(key))},
        is_cod=bool(order.flag("cod")),
        buyer_external_id=order.identifier("buyer_user_id"),
        buyer_message=order.text("message_to_seller"),
        seller_note=order.text("note"),
        payment_method=order.text("payment_method"),
        carrier_name=order.text("shipping_carrier"),
        cancel_reason=order.text("cancel_reason"),
        cancelled_by=order.text("cancel_by"),
        paid_at=order.seconds("pay_time"),
        collected_at=order.seconds("pickup_done_time"),
        ship_by_at=order.seconds("ship_by_date"),
        attributes=order.unplaced(keys.ORDER_PLACED),
        recipient=_read_recipient(order),
        lines=lines,
        packages=_read_packages(order, lines),
        problems=bounded(order.problems),
    )


def _read_recipient(order: Fields) -> Recipient:
    if order.source.get("recipient_address") in (None, ""):
        return Recipient()
    address = order.part("recipient_address")
    name, phone, full_address = address.text("name"), address.text("phone"), address.text("full_address")
    return Recipient(
        name,
        phone,
        address.text("region"),
        address.text("zipcode"),
        full_address,
        address.unplaced(keys.RECIPIENT_PLACED),
        _clarity(f"{name}{phone}{full_address}"),
    )


def _clarity(personal: str) -> RecipientClarity:
    """Asterisks in a personal text mean that Shopee hides the person, by region, status and kind of seller."""
    if "*" in personal:
        return RecipientClarity.MASKED
    return RecipientClarity.CLEAR if personal.strip() else RecipientClarity.ABSENT


def _read_packages(order: Fields, lines: tuple[LineRecord, ...]) -> tuple[PackageRecord, ...] | None:
    """Read the packages; None where the order does not speak of them."""
    if order.source.get("package_list") is None:
        return None
    finder = LineFinder(lines)
    packages: dict[str, PackageRecord] = {}
    for package in order.parts("package_list"):
        number = package.identifier("package_number")
        contents = finder.contents_of(package)
        if not number or number in packages:
            package.problems.append(f"{package.place}package_number is missing, unreadable, or appears twice.")
        else:
            packages[number] = PackageRecord(
                external_id=number,
                raw_status=package.text("logistics_status"),
                carrier_name=package.text("shipping_carrier"),
                carrier_external_id=package.identifier("logistics_channel_id"),
                contents=tuple(contents),
            )
    return tuple(packages.values())
