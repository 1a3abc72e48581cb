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
from shops.marketplaces.shopee.mapping.groups import read_amounts, read_ids, read_rows, read_texts, read_times
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
    message, note, payment_method, carrier, cancel_reason, cancelled_by = read_texts(order, keys.ORDER_TEXTS)
    created_at, updated_at, paid_at, collected_at, ship_by_at = read_times(order, keys.ORDER_TIMES)
    for key in keys.REQUIRED_TIMES:
        if not payload.get(key):
            order.problems.append(f"{key} is missing.")
    total_amount, *fees = read_amounts(order, keys.ORDER_AMOUNTS)
    lines = read_lines(order, currency)
    return OrderRecord(
        external_id=external_id,
        payload=payload,
        status=keys.STATUSES.get(raw_status, OrderStatus.UNKNOWN),
        raw_status=raw_status,
        source_created_at=created_at,
        source_updated_at=updated_at,
        currency=currency,
        total_amount=total_amount,  # appears with the payment
        other_amounts={key: str(fee) for key, fee in zip(keys.OTHER_AMOUNTS, fees, strict=True) if fee},
        is_cod=bool(order.flag("cod")),
        buyer_external_id=order.identifier("buyer_user_id"),
        buyer_message=message,
        seller_note=note,
        payment_method=payment_method,
        carrier_name=carrier,
        cancel_reason=cancel_reason,
        cancelled_by=cancelled_by,
        paid_at=paid_at,
        collected_at=collected_at,
        ship_by_at=ship_by_at,
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
    name, phone, region, zipcode, full_address = read_texts(address, keys.RECIPIENT_TEXTS)
    details = address.unplaced(keys.RECIPIENT_PLACED)
    return Recipient(name, phone, region, zipcode, full_address, details, _clarity(f"{name}{phone}{full_address}"))


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
    for package in read_rows(order, "package_list"):
        number, channel = read_ids(package, keys.PACKAGE_IDS)
        raw_status, carrier = read_texts(package, keys.PACKAGE_TEXTS)
        contents = finder.contents_of(package)
        if not number or number in packages:
            package.problems.append(f"{package.place}package_number is missing, unreadable, or appears twice.")
        else:
            packages[number] = PackageRecord(
                external_id=number,
                raw_status=raw_status,
                carrier_name=carrier,
                carrier_external_id=channel,
                contents=tuple(contents),
            )
    return tuple(packages.values())
