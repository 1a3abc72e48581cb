"""Writes returns and cancellations as TikTok shows them."""

from collections.abc import Mapping
from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.baskets import Unit
from shops.sandbox.dataset import CHILD_STEP, DAY_SECONDS
from shops.sandbox.tiktok.lists import Row
from shops.sandbox.tiktok.seller import Seller

# More than 2**56 apart: that is how far order numbers reach.
RETURN_BASE = 4_040_000_000_000_000_000
CANCEL_BASE = 4_120_000_000_000_000_000
# The eight bits for children of an order: the case above, its lines below.
_CASE_STEP = CHILD_STEP << 6
_RETURN_STATUS = {
    "requested": "RETURN_OR_REFUND_REQUEST_PENDING",
    "rejected": "REFUND_OR_RETURN_REQUEST_REJECT",
    "withdrawn": "RETURN_OR_REFUND_REQUEST_CANCEL",
    "sent": "BUYER_SHIPPED_ITEM",
    "received": "RETURN_OR_REFUND_REQUEST_SUCCESS",
    "refunded": "RETURN_OR_REFUND_REQUEST_COMPLETE",
}
_APPROVED = {"return": "AWAITING_BUYER_SHIP", "refund": "RETURN_OR_REFUND_REQUEST_SUCCESS"}
_CANCEL_STATUS = {
    "cancel_requested": "CANCELLATION_REQUEST_PENDING",
    "cancel_refused": "CANCELLATION_REQUEST_CANCEL",
    "cancelled": "CANCELLATION_REQUEST_COMPLETE",
}
_ACTIONS = {
    ("return", "requested"): "SELLER_RESPOND_RETURN",
    ("return", "sent"): "SELLER_RESPOND_RECEIVE_PACKAGE",
    ("refund", "requested"): "SELLER_RESPOND_REFUND",
    ("cancel", "cancel_requested"): "SELLER_RESPOND_CANCEL",
}
_ANSWER_SECONDS = 2 * DAY_SECONDS
_REASONS: Mapping[str, tuple[str, str]] = {
    "unwanted": ("no_longer_needed", "No longer needed"),
    "damaged": ("damaged", "Package or product is damaged"),
    "wrong_item": ("wrong_product", "Wrong product sent"),
    "missing": ("missing_product", "Missing products"),
    "late": ("late", "Did not arrive in time"),
    "out_of_stock": ("out_of_stock", "Out of stock"),
}
# What a seller may say when he rejects something.
REJECT_REASONS = (
    ("reverse_reject_return_parcel_reason_1", "The returned item is not the product that was sold"),
    ("reverse_reject_return_parcel_reason_4", "The returned parcel has not been received"),
    ("reverse_reject_request_reason_2", "The product was delivered as described"),
)
_REASON_WORDS = {
    "return": "ecom_order_delivered_refund_and_return_reason",
    "refund": "ecom_order_delivered_refund_reason",
    "cancel": "ecom_order_to_ship_canceled_reason",
}


class CaseWriter:
    """Writes the cases of one shop."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller
        self._money = seller.region.money
        self._book = seller.lives.book

    def case_id(self, case: Case) -> int:
        """Return return_id or cancel_id."""
        base = CANCEL_BASE if case.kind == "cancel" else RETURN_BASE
        return self._book.number_of(case.order.position) - self._book.numbers.base + base + _CASE_STEP * case.number

    def find(self, text: str, as_of: int) -> Case | None:
        """Return the case behind a return_id or cancel_id."""
        if not text.isascii() or not text.isdigit() or len(text) > 20:
            return None
        base = CANCEL_BASE if int(text) >= CANCEL_BASE else RETURN_BASE
        index = self._book.find_index((int(text) - base & ~(0xFF * CHILD_STEP)) + self._book.numbers.base, as_of)
        state = None if index is None else self._seller.lives.state(index, as_of)
        cases = [] if state is None else self._seller.cases.of(state, as_of)
        return next((case for case in cases if str(self.case_id(case)) == text), None)

    def kind(self, case: Case) -> str:
        """Return return_type or cancel_type."""
        if case.kind == "cancel":
            return "BUYER_CANCEL" if case.initiator == "buyer" else "CANCEL"
        return "REFUND" if case.kind == "refund" else "RETURN_AND_REFUND"

    def status(self, case: Case) -> str:
        """Return return_status or cancel_status."""
        if case.kind == "cancel":
            return _CANCEL_STATUS[case.event]
        if case.event == "rejected" and "sent" in case.times:
            return "REJECT_RECEIVE_PACKAGE"
        return _APPROVED[case.kind] if case.event == "approved" else _RETURN_STATUS[case.event]

    def tracking_number(self, case: Case) -> str:
        """Return the number of the parcel that comes back."""
        return f"RT{self.case_id(case) % 10**12:012d}" if "sent" in case.times else ""

    def write_return(self, case: Case) -> Row:
        """Return one row of a return search; what does not apply is absent."""
        case_id, units = self.case_id(case), self._seller.goods.units(case.order)
        kind, text = _REASONS[case.reason]
        row: Row = {
            "return_id": str(case_id),
            "order_id": str(self._book.number_of(case.order.position)),
            "return_type": self.kind(case),
            "return_status": self.status(case),
            "role": "BUYER",
            "return_reason": f"{_REASON_WORDS[case.kind]}_{kind}",
            "return_reason_text": text,
            "create_time": case.created,
            "update_time": case.updated,
            "refund_amount": self._refund(case.refund, sum(case.refunds), 0, case.refund_tax),
            "discount_amount": [self._discounts([units[at] for at in case.units])],
            "shipping_fee_amount": [self._return_shipping(case)],
            "return_line_items": [
                {
                    "return_line_item_id": str(case_id + CHILD_STEP * (at + 1)),
                    **self._line(case, at, units[at]),
                    "refund_amount": self._refund(refund, refund, 0, 0),
                }
                for at, refund in zip(case.units, case.refunds, strict=True)
            ],
            "is_combined_return": False,
            "combined_return_id": "0",
            "can_buyer_keep_item": case.kind == "refund",
        }
        if case.kind == "return":
            row |= {"return_method": "PLATFORM_SHIPPED", "shipment_type": "PLATFORM", "handover_method": "DROP_OFF"}
            row["return_warehouse_address"] = {"full_address": f"Sample warehouse, {self._seller.region.name}"}
        if "sent" in case.times:
            carrier_id, carrier = self._seller.carriers[0]
            row |= {"return_provider_id": carrier_id, "return_provider_name": carrier}
            row["return_tracking_number"] = self.tracking_number(case)
        return self._with_action(row, case)

    def write_cancellation(self, case: Case) -> Row:
        """Return one row of a cancellation search."""
        case_id, units = self.case_id(case), self._seller.goods.units(case.order)
        kind, text = _REASONS[case.reason]
        row: Row = {
            "cancel_id": str(case_id),
            "order_id": str(self._book.number_of(case.order.position)),
            "cancel_type": self.kind(case),
            "cancel_status": self.status(case),
            "role": case.initiator.upper(),
            "cancel_reason": f"{_REASON_WORDS['cancel']}_{kind}",
            "cancel_reason_text": text,
            "create_time": case.created,
            "update_time": case.updated,
            "cancel_line_items": [
                {"cancel_line_item_id": str(case_id + CHILD_STEP * (at + 1)), **self._line(case, at, units[at])}
                for at in case.units
            ],
        }
        if case.event == "cancelled":
            subtotal = sum(case.refunds)
            row["refund_amount"] = self._refund(case.refund, subtotal, case.refund_shipping, case.refund_tax)
            row["should_replenish_stock"] = True
        return self._with_action(row, case)

    def truth(self, case: Case) -> dict[str, Any]:
        """Return what a copy of the case must agree with."""
        units, money = self._seller.goods.units(case.order), self._money
        # A cancellation tells a sum only once it is done, and never one for each line.
        has_sum = case.kind != "cancel" or case.event == "cancelled"
        lines = []
        for at, refund in zip(case.units, case.refunds, strict=True):
            line = self._line(case, at, units[at])
            told = None if case.kind == "cancel" else money(refund)
            lines.append({"order_line": line["order_line_item_id"], "sku_id": line["sku_id"], "quantity": 1})
            lines[-1]["refund_amount"] = told
        return {
            "id": str(self.case_id(case)),
            "order": str(self._book.number_of(case.order.position)),
            "kind": self.kind(case),
            "status": self.status(case),
            "update_time": case.updated,
            "refund_amount": money(case.refund) if has_sum else None,
            "currency": self._seller.region.currency if has_sum else None,
            "lines": lines,
            "tracking_number": self.tracking_number(case),
        }

    def _line(self, case: Case, at: int, unit: Unit) -> Row:
        number = self._book.number_of(case.order.position)
        image = {"url": f"https://img.example.test/sandbox/{unit.sku.sku_id}.jpeg", "width": 200, "height": 200}
        return {
            "order_line_item_id": str(number + CHILD_STEP * (at + 1)),
            "sku_id": unit.sku.sku_id,
            "sku_name": unit.sku.sku_name,
            "seller_sku": unit.sku.seller_sku,
            "product_name": unit.sku.product_name,
            "product_image": image,
        }

    def _refund(self, total: int, subtotal: int, shipping: int, tax: int) -> Row:
        return {
            "currency": self._seller.region.currency,
            "refund_total": self._money(total),
            "refund_subtotal": self._money(subtotal),
            "refund_shipping_fee": self._money(shipping),
            "refund_tax": self._money(tax),
        }

    def _discounts(self, units: list[Unit]) -> Row:
        return {
            "currency": self._seller.region.currency,
            "product_platform_discount": self._money(sum(unit.platform_discount for unit in units)),
            "product_seller_discount": self._money(sum(unit.seller_discount for unit in units)),
            "shipping_fee_platform_discount": self._money(0),
            "shipping_fee_seller_discount": self._money(0),
        }

    def _return_shipping(self, case: Case) -> Row:
        paid = self._seller.region.shipping_fee if "sent" in case.times else 0
        return {
            "currency": self._seller.region.currency,
            "buyer_paid_return_shipping_fee": self._money(0),
            "platform_paid_return_shipping_fee": self._money(paid),
            "seller_paid_return_shipping_fee": self._money(0),
        }

    def _with_action(self, row: Row, case: Case) -> Row:
        action = _ACTIONS.get((case.kind, case.event))
        if action is not None:
            row["seller_next_action_response"] = [{"action": action, "deadline": case.updated + _ANSWER_SECONDS}]
        return row
