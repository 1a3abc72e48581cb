"""Writes an order as Shopee shows it, computed afresh from its hash each time it is asked for."""

from typing import Any

from shops.sandbox.baskets import Bill, bill_for
from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.life import time_of
from shops.sandbox.regions import Region
from shops.sandbox.shopee.lines import Line, lines_of
from shops.sandbox.shopee.looks import Look
from shops.sandbox.shopee.packages import PackageWriter
from shops.sandbox.shopee.seller import Seller
from shops.sandbox.shopee.standing import Standing
from shops.sandbox.shopee.switches import Switches

DAYS_TO_SHIP = 2
# What a call must name to get it; all else is always there (Shopee Open Platform, get_order_detail) [A].
OPTIONAL_FIELDS = frozenset((
    "buyer_user_id", "buyer_username", "estimated_shipping_fee", "recipient_address", "actual_shipping_fee",
    "goods_to_declare", "note", "note_update_time", "item_list", "pay_time", "dropshipper", "dropshipper_phone",
    "split_up", "buyer_cancel_reason", "cancel_by", "cancel_reason", "actual_shipping_fee_confirmed", "buyer_cpf_id",
    "fulfillment_flag", "pickup_done_time", "package_list", "shipping_carrier", "payment_method", "total_amount",
    "invoice_data", "order_chargeable_weight_gram", "return_request_due_date", "edt", "payment_info",
    "international_label",
))  # fmt: skip
# Many shops' lines number their pieces in sixteens: an order has at most five lines.
_LINE_BITS = 4
_MESSAGES = {"vi": "Gọi trước khi giao giúp mình nhé", "en": "Please call before delivery"}
_USER_BASE = 900_000_000
_HIDDEN = "****"
# Digest bytes; life.py, baskets.py and people.py use those below 48 and 59.
_USER, _PAYMENT, _MISC = 48, 57, 60
_NO_CHANNEL_FEE: dict[str, Any] = {
    "goods_to_declare": False,
    "note": "",
    "note_update_time": 0,
    "dropshipper": None,
    "dropshipper_phone": None,
    "buyer_cpf_id": None,
    "fulfillment_flag": "fulfilled_by_local_seller",
    "invoice_data": None,
    "payment_info": [],
}


class OrderWriter:
    """Writes the orders of one shop."""

    def __init__(self, seller: Seller, switches: Switches) -> None:
        self._seller = seller
        self._region: Region = seller.region
        self._switches = switches
        self.packages = PackageWriter(seller)
        self._line_parts: dict[tuple[str, int, bool], dict[str, Any]] = {}

    def truth(self, standing: Standing) -> dict[str, Any]:
        """Return what a copy of this order must agree with: what a client that asks for PENDING can read."""
        state, money = standing.state, self._region.money
        number = self._number(standing)
        total = money(self._seller.goods.bill(state).total) if standing.look.has_total else None
        return {
            "id": self.order_sn(standing),
            "status": standing.status(with_pending=self._switches.has_pending_orders),
            "update_time": standing.updated,
            "total_amount": total,
            "currency": self._region.currency,
            "lines": [
                {
                    "id": str(number << _LINE_BITS | line.number),
                    "sku_id": self._seller.sku_id(line.sku),
                    "quantity": line.quantity,
                    "price": money(line.discounted),
                }
                for line in lines_of(self._seller.goods.units(state))
            ],
        }

    def write(self, standing: Standing, now: int, wanted: frozenset[str], *, with_pending: bool) -> dict[str, Any]:
        """Return the order with the optional fields that are wanted."""
        state, look, digest = standing.state, standing.look, standing.state.digest
        released = state.created if look.released is None else time_of(look.released, digest, state.created)
        status = standing.status(with_pending=with_pending and self._switches.has_pending_orders)
        order: dict[str, Any] = {
            "order_sn": self.order_sn(standing),
            "region": self._region.code,
            "currency": self._region.currency,
            "cod": look.is_cod,
            "order_status": status,
            "message_to_seller": _MESSAGES.get(self._region.language, "") if digest[_MISC] >> 5 == 7 else "",
            "create_time": state.created,
            "update_time": standing.updated,
            "days_to_ship": DAYS_TO_SHIP,
            "ship_by_date": released + DAYS_TO_SHIP * DAY_SECONDS if look.is_released else 0,
            "advance_package": False,
        }
        if status == "PENDING":
            order["pending_terms"] = ["SYSTEM_PENDING"]
        if "edt" in wanted:
            order |= {"edt_from": 0, "edt_to": 0}
        optional = self._optional(standing, now) if wanted else {}
        return order | {field: value for field, value in optional.items() if field in wanted}

    def order_sn(self, standing: Standing) -> str:
        """Return the order number."""
        return self._seller.names.order_sn(self._number(standing), standing.state.created)

    def buyer_name(self, digest: bytes) -> str:
        """Return the name of the buyer's account; 4096 buyers a shop, so that people come back."""
        return f"buyer_{self._buyer(digest) % 4096:04d}"

    def payment_method(self, look: Look, digest: bytes) -> str:
        """How the order is paid."""
        if look.is_cod:
            return self._region.cash_name or ""
        return self._region.payment_methods[digest[_PAYMENT] % len(self._region.payment_methods)]

    def _optional(self, standing: Standing, now: int) -> dict[str, Any]:
        state, look, digest = standing.state, standing.look, standing.state.digest
        units = self._seller.goods.units(state)
        lines, bill = lines_of(units), bill_for(units, digest, self._region)
        cancel_by, cancel_reason, buyer_reason = look.cancelled
        parcels = self.packages.parcels(state, now)
        collected = 0 if look.collected is None else time_of(look.collected, digest, state.created)
        weight = 300 * len(units)
        return {
            **_NO_CHANNEL_FEE,
            "buyer_user_id": self._buyer(digest),
            "buyer_username": self.buyer_name(digest),
            "estimated_shipping_fee": self._seller.money(bill.original_shipping),
            "recipient_address": self._recipient(look, digest),
            # A fee of zero means that it is not known yet [B].
            "actual_shipping_fee": self._seller.money(bill.original_shipping) if look.is_delivered else 0,
            "actual_shipping_fee_confirmed": look.is_delivered,
            "item_list": [self._line(line, standing) for line in lines],
            "pay_time": None if look.paid is None else time_of(look.paid, digest, state.created),
            "split_up": look.is_split,
            "buyer_cancel_reason": buyer_reason,
            "cancel_by": cancel_by,
            "cancel_reason": cancel_reason,
            "pickup_done_time": collected,
            "package_list": [
                self.packages.write(standing, parcel, lines, self._number(standing)) for parcel in parcels
            ],
            "shipping_carrier": self.packages.carrier(digest),
            "payment_method": self.payment_method(look, digest),
            "total_amount": self._total(look, bill),
            "order_chargeable_weight_gram": weight,
            "return_request_due_date": collected and collected + 15 * DAY_SECONDS,
        }

    def _total(self, look: Look, bill: Bill) -> float | None:
        """Known after payment [A]."""
        return self._seller.money(bill.total) if look.has_total else None

    def _line(self, line: Line, standing: Standing) -> dict[str, Any]:
        key = (line.sku.sku_id, line.discounted, line.is_gift)
        part = self._line_parts.get(key)
        if part is None:
            part = self._line_parts[key] = self._line_part(line)
        shown = {**part, "model_quantity_purchased": line.quantity}
        if self._switches.has_line_item_ids:
            shown["line_item_id"] = self._number(standing) << _LINE_BITS | line.number
        return shown

    def _line_part(self, line: Line) -> dict[str, Any]:
        """Return what all lines with this variant at this price share."""
        sku, item_id = line.sku, self._seller.item_id(line.sku)
        model_id = self._seller.model_id(sku)
        return {
            "item_id": item_id,
            "item_name": sku.product_name,
            "item_sku": "" if model_id else sku.seller_sku,
            "model_id": model_id,
            "model_name": sku.sku_name if model_id else "",
            "model_sku": sku.seller_sku if model_id else "",
            "model_original_price": self._seller.money(line.original),
            "model_discounted_price": self._seller.money(line.discounted),
            "wholesale": False,
            "weight": 0.3,
            "add_on_deal": line.is_gift,
            "main_item": False,
            "add_on_deal_id": 1 if line.is_gift else 0,
            # The words for promotions are an open list [C].
            "promotion_type": "add_on_free_gift_sub" if line.is_gift else "",
            "promotion_id": 0,
            # The same for a paid piece and a gift of one product [B].
            "order_item_id": item_id,
            "promotion_group_id": 0,
            "image_info": {"image_url": f"https://cf.example.test/file/{item_id}_tn"},
            "product_location_id": [f"{self._region.code}Z"],
            "is_prescription_item": False,
            "is_b2c_owned_item": False,
        }

    def _recipient(self, look: Look, digest: bytes) -> dict[str, str]:
        shown = dict.fromkeys(("town", "district", "city", "state"), "")
        shown |= {"region": self._region.code, "zipcode": "000000"}
        if not look.is_released:
            return shown | dict.fromkeys(("name", "phone", "full_address"), "")
        # Everything is hidden, or parts of each word are: both occur [A].
        if self._switches.masks_buyers and digest[_MISC] & 1:
            return shown | dict.fromkeys(("name", "phone", "full_address"), _HIDDEN)
        moved = digest[:40] + bytes([digest[40] ^ 1]) + digest[41:] if look.has_new_address else digest
        person = self._seller.people.recipient(moved, masked=self._switches.masks_buyers)
        places = [one["address_name"] for one in person["district_info"]]
        shown |= dict(zip(("state", "city", "district"), places[1:], strict=False))
        return shown | {
            "name": person["name"],
            "phone": person["phone_number"],
            "full_address": person["full_address"],
        }

    def _buyer(self, digest: bytes) -> int:
        return _USER_BASE + self._seller.number * 4096 + (digest[_USER] << 4 | digest[_USER + 1] >> 4)

    def _number(self, standing: Standing) -> int:
        return self._seller.names.number(self._seller.number, standing.state.position)
