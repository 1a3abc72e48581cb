"""Writes an order as TikTok shows it, computed afresh from its hash each time it is asked for."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from shops.sandbox.baskets import Bill, Unit, bill_for, units_of
from shops.sandbox.dataset import CHILD_STEP, DAY_SECONDS
from shops.sandbox.life import HOUR, time_of
from shops.sandbox.people import blank_recipient
from shops.sandbox.tiktok.looks import REASONS, Look, look_of
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.windows import OrderState

# On old orders every text of the recipient is empty, seen live; the exact age is unsure [?].
BLANK_AFTER_SECONDS = 90 * DAY_SECONDS
PACKAGE_BASE = 1_152_000_000_000_000_000
_USER_BASE = 7_494_000_000_000_000_000
_MESSAGES = {"vi": "Giao giờ hành chính giúp mình", "en": "Please leave at the door"}
# Digest bytes; life.py, baskets.py and people.py use those below 48 and 59.
_USER, _PROMISE, _SHIPPING_TYPE, _PAYMENT, _CARRIER, _MISC, _TRACKING = 48, 50, 56, 57, 58, 60, 61
# Of 256: orders the seller ships himself, pairs of orders that share a parcel (by pair number, cheap to tell).
_SELLER_SHIPS = 51
# Of 256: orders to be ready for the carrier within six hours, which are late (life.py packs after eight), or a day.
_WITHIN_HOURS, _WITHIN_A_DAY = 16, 64
_PAIR_MASK, _PAIR_FACTOR = 63, 0x9E3779B1
# A part takes about 1 kB; most lines of a shop need one of a few hundred.
_LINE_PARTS_KEPT = 2048
_VERSION_WITH_SELLER_NOTE = "202507"


class Parcel(NamedTuple):
    """What a line says about the parcel it is in; without an id there is none yet."""

    package_id: str
    package_status: str
    line_status: str
    tracking_number: str


def is_combined(index: int) -> bool:
    """Whether the order and its neighbour are bought by one person and go in one parcel: one pair in 64."""
    return not (index >> 1) * _PAIR_FACTOR >> 12 & _PAIR_MASK


class OrderWriter:
    """Writes the orders of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller
        self._region = seller.region
        self._book = seller.lives.book
        self._line_parts: dict[tuple[str, int, int], dict[str, Any]] = {}
        self._reasons = REASONS.get(seller.region.language, REASONS["en"])
        self._constant = {
            "commerce_platform": "TIKTOK_SHOP",
            "order_type": "NORMAL",
            "delivery_option_id": seller.delivery_option_id,
            "delivery_option_name": "Standard shipping",
            "delivery_type": "HOME_DELIVERY",
            "warehouse_id": seller.warehouse_id,
            "is_replacement_order": False,
            "fulfillment_type": "FULFILLMENT_BY_SELLER",
        }

    def owner(self, state: OrderState) -> tuple[bytes, int]:
        """Digest and index of the order whose buyer, address and parcel this one shares; mostly itself."""
        if not state.position & 1 or not is_combined(state.position):
            return state.digest, state.position
        return self._book.digest(state.position - 1), state.position - 1

    def user_id(self, digest: bytes) -> str:
        """Return the buyer's id; 4096 buyers a shop, so that people come back."""
        return str(_USER_BASE + self._seller.salt + (digest[_USER] << 4 | digest[_USER + 1] >> 4))

    def shipping_type(self, digest: bytes) -> str:
        """Who ships."""
        return "SELLER" if digest[_SHIPPING_TYPE] < _SELLER_SHIPS else "TIKTOK"

    def carrier(self, digest: bytes) -> tuple[str, str]:
        """Return id and name of who carries the parcels."""
        return self._seller.carriers[digest[_CARRIER] % len(self._seller.carriers)]

    def line_ids(self, number: int, units: Iterable[int]) -> list[str]:
        """Return the ids of lines, which count on from the order's."""
        return [str(number + CHILD_STEP * (at + 1)) for at in units]

    def truth(self, state: OrderState) -> dict[str, Any]:
        """Return what a copy of this order must agree with."""
        look = look_of(state.path.number, state.step)
        units = self._units(state, look)
        number, money = self._book.number_of(state.position), self._region.money
        return {
            "id": str(number),
            "status": look.status,
            "update_time": state.updated,
            "total_amount": money(bill_for(units, state.digest, self._region).total),
            "currency": self._region.currency,
            "lines": [
                {
                    "id": str(number + CHILD_STEP * at),
                    "sku_id": unit.sku.sku_id,
                    "quantity": 1,
                    "price": money(unit.sale),
                }
                for at, unit in enumerate(units, start=1)
            ],
        }

    def write(self, state: OrderState, now: int, version: str) -> dict[str, Any]:
        """Return the whole order object."""
        look = look_of(state.path.number, state.step)
        digest, (owner, owner_index) = state.digest, self.owner(state)
        units = self._units(state, look)
        carrier_id, carrier = self.carrier(owner)
        number = self._book.number_of(state.position)
        owner_number = number if owner_index == state.position else self._book.number_of(owner_index)
        parcels = self._parcels(look, len(units), number, owner, owner_number)
        packages = list(dict.fromkeys([parcel.package_id for parcel in parcels])) if look.has_packages else []
        order: dict[str, Any] = {
            **self._constant,
            "id": str(number),
            "status": look.status,
            "user_id": self.user_id(owner),
            "buyer_email": f"v4bEXAMPLE{owner[_USER : _USER + 8].hex().upper()}@buyer.example.test",
            "buyer_message": self._message(digest),
            "create_time": state.created,
            "update_time": state.updated,
            "shipping_type": self.shipping_type(owner),
            "shipping_provider": carrier,
            "shipping_provider_id": carrier_id,
            "tracking_number": parcels[0].tracking_number,
            "payment_method_name": self._payment_method(look, digest),
            "is_cod": look.is_cod,
            "is_on_hold_order": not look.is_cod,
            "is_sample_order": digest[_MISC] == 0,
            "has_updated_recipient_address": look.has_new_address,
            "payment": self._payment(bill_for(units, digest, self._region)),
            "line_items": self._lines(look, number, units, parcels, (carrier_id, carrier)),
            "packages": [{"id": package} for package in packages],
        }
        self._add_life(order, state, look)
        self._add_recipient(order, state, look, now, owner)
        if look.has_packages and (look.is_split or is_combined(state.position)):
            order["split_or_combine_tag"] = "SPLIT" if look.is_split else "COMBINED"
        if version >= _VERSION_WITH_SELLER_NOTE:
            order |= {"buyer_nickname": "sample_buyer", "is_exchange_order": False, "seller_note": ""}
        return order

    def _add_life(self, order: dict[str, Any], state: OrderState, look: Look) -> None:
        digest, created = state.digest, state.created
        for field, timing in look.times:
            order[field] = time_of(timing, digest, created)
        if look.released is not None:
            released = time_of(look.released, digest, created)
            order["rts_sla_time"] = released + self._promised_seconds(digest)
            order["tts_sla_time"] = order["rts_sla_time"] + DAY_SECONDS
            order["cancel_order_sla_time"] = order["shipping_due_time"] = released + 6 * DAY_SECONDS
            order["collection_due_time"] = released + 9 * DAY_SECONDS
        if look.collected is not None:
            order["delivery_due_time"] = time_of(look.collected, digest, created) + 14 * DAY_SECONDS
        if look.cancel_request is not None:
            order["is_buyer_request_cancel"] = look.cancel_request
        if look.cancelled_by:
            order["cancellation_initiator"] = look.cancelled_by
            order["cancel_reason"] = self._reasons[look.reason]

    def _promised_seconds(self, digest: bytes) -> int:
        if digest[_PROMISE] < _WITHIN_HOURS:
            return 6 * HOUR
        return DAY_SECONDS if digest[_PROMISE] < _WITHIN_A_DAY else 2 * DAY_SECONDS

    def _add_recipient(self, order: dict[str, Any], state: OrderState, look: Look, now: int, owner: bytes) -> None:
        if look.is_unpaid:
            return
        if look.is_blank or now - state.created > BLANK_AFTER_SECONDS:
            order["recipient_address"] = blank_recipient()
            return
        # A changed address is that of a neighbouring slice, so that it really differs from before.
        digest = owner if not look.has_new_address else owner[:40] + bytes([owner[40] ^ 1]) + owner[41:]
        masked = order["shipping_type"] == "TIKTOK"
        order["recipient_address"] = self._seller.people.recipient(digest, masked=masked)

    def _parcels(self, look: Look, count: int, number: int, owner: bytes, owner_number: int) -> list[Parcel]:
        """Return the parcel of each unit; the last unit of a split order goes alone, and later."""
        tracking = int.from_bytes(owner[_TRACKING:], "big") % 10**9 * 10
        shown = self._tracking_text(tracking) if look.has_tracking else ""
        if not look.has_packages:
            return [Parcel("", "", look.line_status, shown)] * count
        offset = PACKAGE_BASE - self._book.numbers.base
        if not look.is_split:
            return [Parcel(str(owner_number + offset), look.package_status, look.line_status, shown)] * count
        first = Parcel(str(number + offset), look.package_status, look.line_status, shown)
        last = first._replace(
            package_id=str(number + offset + CHILD_STEP),
            tracking_number=self._tracking_text(tracking + 1) if look.has_tracking else "",
        )
        if look.is_partly_shipped:
            gone = self._tracking_text(tracking)
            first = Parcel(first.package_id, "PROCESSING", "AWAITING_COLLECTION", gone)
        return [first] * (count - 1) + [last]

    def _lines(
        self, look: Look, number: int, units: list[Unit], parcels: list[Parcel], carrier: tuple[str, str]
    ) -> list[dict[str, Any]]:
        """One line for each unit; there is no quantity (TikTok Partner Center, order detail) [A]."""
        lines: list[dict[str, Any]] = []
        parts = self._line_parts
        for unit, parcel in zip(units, parcels, strict=True):
            number += CHILD_STEP
            line = {
                **(parts.get((unit.sku.sku_id, unit.seller_discount, unit.platform_discount)) or self._line_part(unit)),
                "id": str(number),
                "display_status": parcel.line_status,
                "shipping_provider_id": carrier[0],
                "shipping_provider_name": carrier[1],
                "tracking_number": parcel.tracking_number,
            }
            if parcel.package_id:
                line["package_id"], line["package_status"] = parcel.package_id, parcel.package_status
            if look.cancelled_by:
                line["cancel_reason"], line["cancel_user"] = self._reasons[look.reason], look.cancelled_by
            lines.append(line)
        return lines

    def _item_tax(self, unit: Unit) -> list[dict[str, str]]:
        numerator, denominator = self._region.tax
        amount = self._region.money(unit.tax)
        return [{"tax_type": "SALES_TAX", "tax_amount": amount, "tax_rate": f"{numerator / denominator:.4f}"}]

    def _payment(self, bill: Bill) -> dict[str, str]:
        money = self._region.money
        tax, zero = money(bill.product_tax), money(0)
        payment = {
            "currency": self._region.currency,
            "original_total_product_price": money(bill.original),
            "seller_discount": money(bill.seller_discount),
            "platform_discount": money(bill.platform_discount),
            "sub_total": money(bill.sub_total),
            "original_shipping_fee": money(bill.original_shipping),
            "shipping_fee_seller_discount": money(bill.shipping_seller_discount),
            "shipping_fee_platform_discount": money(bill.shipping_platform_discount),
            "shipping_fee_cofunded_discount": zero,
            "shipping_fee": money(bill.shipping),
            "product_tax": tax,
            "shipping_fee_tax": zero,
            "tax": tax,
            "total_amount": money(bill.total),
        }
        for name, minor in bill.fees:
            payment[name] = money(minor)
        return payment

    def _line_part(self, unit: Unit) -> dict[str, Any]:
        """Return what all lines with this sku at these discounts share. A gift is known by its full discount."""
        sku, money = unit.sku, self._region.money
        part: dict[str, Any] = {
            "sku_id": sku.sku_id,
            "product_id": sku.product_id,
            "product_name": sku.product_name,
            "sku_name": sku.sku_name,
            "seller_sku": sku.seller_sku,
            "sku_image": f"https://img.example.test/sandbox/{sku.sku_id}.jpeg",
            "sku_type": "NORMAL",
            "currency": self._region.currency,
            "original_price": money(sku.price),
            "sale_price": money(unit.sale),
            "seller_discount": money(unit.seller_discount),
            "platform_discount": money(unit.platform_discount),
            "is_gift": unit.is_gift,
            "gift_retail_price": money(unit.original) if unit.is_gift else "0",
        }
        if sku.parts:
            part["combined_listing_skus"] = [
                {"sku_id": of.sku_id, "product_id": of.product_id, "seller_sku": of.seller_sku, "sku_count": count}
                for of, count in sku.parts
            ]
        if self._region.tax_on_top:
            part["item_tax"] = self._item_tax(unit)
        if len(self._line_parts) < _LINE_PARTS_KEPT:
            self._line_parts[sku.sku_id, unit.seller_discount, unit.platform_discount] = part
        return part

    def _units(self, state: OrderState, look: Look) -> list[Unit]:
        return units_of(state.digest, self._seller.goods.catalogue, self._region, 2 if look.is_split else 1)

    def _message(self, digest: bytes) -> str:
        return _MESSAGES.get(self._region.language, "") if digest[_MISC] >> 5 == 7 else ""

    def _payment_method(self, look: Look, digest: bytes) -> str:
        if look.is_cod:
            return self._region.cash_name or ""
        return self._region.payment_methods[digest[_PAYMENT] % len(self._region.payment_methods)]

    def _tracking_text(self, number: int) -> str:
        return f"SBX{self._region.code}{number:010d}"
