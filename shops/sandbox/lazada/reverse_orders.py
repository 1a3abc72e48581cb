"""Writes cancellations, refunds and returns as the reverse orders of Lazada show them."""

from dataclasses import dataclass
from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.lazada.numbers import line_id, reverse_line_id, reverse_order_id, short_id
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.life import HOUR

REQUEST_TYPES = {"cancel": "CANCEL", "refund": "ONLY_REFUND", "return": "RETURN"}
# The first four words of a case are on the page of the call [A], the others are reported [C].
STATUS_AFTER = {
    "cancel_requested": "REQUEST_INITIATE",
    "cancel_refused": "REQUEST_REJECT",
    "cancelled": "CANCEL_SUCCESS",
    "requested": "REQUEST_INITIATE",
    "rejected": "REQUEST_REJECT",
    "withdrawn": "REQUEST_CANCEL",
    "approved": "REFUND_AUTHORIZED",
    "sent": "REFUND_AUTHORIZED",
    "received": "REFUND_AUTHORIZED",
    "refunded": "REFUND_SUCCESS",
}
# Where the goods are; only RETURN_CANCELED is on the page [A], the others are guesses [C].
OFC_STATUS_AFTER = {
    "approved": "RETURN_PENDING",
    "sent": "RETURN_IN_TRANSIT",
    "received": "RETURN_DELIVERED",
    "refunded": "RETURN_DELIVERED",
    "withdrawn": "RETURN_CANCELED",
}
_REASONS = {
    "unwanted": (10_000_001, "Change of mind"),
    "damaged": (10_000_002, "Item is damaged"),
    "wrong_item": (10_000_003, "Wrong item received"),
    "missing": (10_000_004, "Missing item or parts"),
    "late": (10_000_005, "Delivery took too long"),
    "out_of_stock": (10_000_006, "Out of stock"),
}
# What the seller has to answer by.
_ANSWER_SECONDS = 48 * HOUR
# Of 256 returns: those that go to a warehouse of the marketplace instead of to the seller.
_TO_WAREHOUSE_SHARE = 64
_WAREHOUSE_BYTE = 61


@dataclass(frozen=True)
class ReverseOrder:
    """One case with what both calls say of it."""

    case: Case
    seller: Seller
    switches: Switches

    @property
    def order_number(self) -> int:
        """The order that it belongs to."""
        return self.seller.order_number(self.case.order.position)

    @property
    def number(self) -> int:
        """Its own number."""
        return reverse_order_id(self.order_number, self.case.number)

    @property
    def request_type(self) -> str:
        """What was asked for."""
        return REQUEST_TYPES[self.case.kind]

    @property
    def status(self) -> str:
        """How far it is."""
        return STATUS_AFTER[self.case.event]

    @property
    def ofc_status(self) -> str:
        """Where the goods are, of a return; empty where nothing is sent back."""
        if self.case.kind != "return" or (self.case.event == "withdrawn" and "approved" not in self.case.times):
            return ""
        return OFC_STATUS_AFTER.get(self.case.event, "")

    @property
    def is_rtm(self) -> bool:
        """Whether goods go back to the seller himself."""
        is_return = self.case.kind == "return"
        return is_return and self.case.order.digest[_WAREHOUSE_BYTE] >= _TO_WAREHOUSE_SHARE

    @property
    def tracking_number(self) -> str:
        """The number of the parcel that goes back."""
        if "sent" not in self.case.times:
            return ""
        return f"LEX{self.seller.region.code}R{self.number % 10**9:09d}"

    def minor(self, amount: int) -> int:
        """Write an amount as this part of the service does: 100 = 1.00, but plain in Vietnam [A]."""
        region = self.seller.region
        return amount if region.decimals or region.code == "VN" else amount * 100

    def truth(self) -> dict[str, Any]:
        """Return what a copy of this reverse order must agree with."""
        money, units = self.seller.money, self.seller.goods.units(self.case.order)
        return {
            "id": str(self.number),
            "order": str(self.order_number),
            "kind": self.request_type,
            "status": self.status,
            "update_time": self.case.updated,
            "refund_amount": money(sum(self.case.refunds)),
            "currency": self.seller.region.currency,
            "lines": [
                {
                    "order_line": str(line_id(self.order_number, at)),
                    "sku_id": str(short_id(units[at].sku.sku_id)),
                    "quantity": 1,
                    "refund_amount": money(refund),
                }
                for at, refund in zip(self.case.units, self.case.refunds, strict=True)
            ],
            "tracking_number": self.tracking_number,
        }

    def write(self) -> dict[str, Any]:
        """Return a row of the list (GetReverseOrdersForSeller)."""
        return {
            "reverse_order_id": self.number,
            "trade_order_id": self.order_number,
            "request_type": self.request_type,
            "is_rtm": self.is_rtm,
            "shipping_type": "DROP_OFF" if self.case.kind == "return" else "",
            "reverse_order_lines": [self._row_line(at) for at in range(len(self.case.units))],
        }

    def write_detail(self) -> dict[str, Any]:
        """Return the same with the detail's names (GetReverseOrderDetail)."""
        detail = self.write()
        del detail["reverse_order_lines"]
        detail["reverseOrderLineDTOList"] = [self._detail_line(at) for at in range(len(self.case.units))]
        return detail

    def line_ids(self) -> list[int]:
        """Return the numbers of the lines."""
        return [reverse_line_id(self.order_number, self.case.number, at) for at in range(len(self.case.units))]

    def _row_line(self, at: int) -> dict[str, Any]:
        line = self._line(at)
        sku = self.seller.goods.units(self.case.order)[self.case.units[at]].sku
        # The keys inside are others in the detail [A].
        line["product"] = {"product_id": short_id(sku.product_id), "product_sku": sku.seller_sku}
        line["buyer"] = {"buyer_id": self.seller.buyer_id(self.case.order.digest)}
        return line

    def _detail_line(self, at: int) -> dict[str, Any]:
        line = self._line(at)
        sku = self.seller.goods.units(self.case.order)[self.case.units[at]].sku
        line["productDTO"] = {"product_id": short_id(sku.product_id), "sku": str(short_id(sku.sku_id))}
        line["buyer"] = {"user_id": self.seller.buyer_id(self.case.order.digest)}
        return line

    def _line(self, at: int) -> dict[str, Any]:
        case, unit_at = self.case, self.case.units[at]
        unit = self.seller.goods.units(case.order)[unit_at]
        reason_code, reason_text = _REASONS[case.reason]
        item, variant = short_id(unit.sku.product_id), short_id(unit.sku.sku_id)
        return {
            "reverse_order_line_id": reverse_line_id(self.order_number, case.number, at),
            "trade_order_line_id": line_id(self.order_number, unit_at),
            "reverse_status": self.status,
            "ofc_status": self.ofc_status,
            "trade_order_gmt_create": self.time(case.order.created),
            "return_order_line_gmt_create": self.time(case.created),
            "return_order_line_gmt_modified": self.time(case.updated),
            "refund_amount": self.minor(case.refunds[at]),
            "item_unit_price": self.minor(unit.sale),
            "is_need_refund": bool(case.refunds[at]),
            "is_dispute": False,
            "reason_code": reason_code,
            "reason_text": reason_text,
            "refund_payment_method": "WALLET" if case.refunds[at] else "",
            "whqc_decision": "",
            "seller_sku_id": unit.sku.seller_sku,
            "platform_sku_id": f"{item}_{self.seller.region.code}-{variant}",
            "tracking_number": self.tracking_number,
            "sla": (case.created + _ANSWER_SECONDS) * 1000,
        }

    def time(self, moment: int) -> int:
        """Write a moment; seconds in the samples, their unit is not stated [C]."""
        return moment * 1000 if self.switches.reverse_times_in_ms else moment
