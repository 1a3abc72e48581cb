"""Writes the returns and refunds of a shop as Shopee shows them. Cancellations show in the order alone."""

from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.shopee.lines import Line, lines_of, part_of
from shops.sandbox.shopee.orders import OrderWriter
from shops.sandbox.shopee.seller import Seller

# The list of statuses is behind a page that was not seen [B].
STATUSES = (
    "REQUESTED", "PROCESSING", "JUDGING", "SELLER_DISPUTE", "ACCEPTED", "REFUND_PAID", "CLOSED", "CANCELLED",
)  # fmt: skip
_STATUS_AFTER = {
    "requested": "REQUESTED",
    "approved": "PROCESSING",
    "sent": "PROCESSING",
    "received": "ACCEPTED",
    "refunded": "REFUND_PAID",
    "withdrawn": "CANCELLED",
}
# What becomes of a request that the seller rejects, by two bits of the order's hash: some go to the marketplace.
_REJECTED = ("CLOSED", "CLOSED", "SELLER_DISPUTE", "JUDGING")
_REASONS = {
    "unwanted": ("CHANGE_MIND", "changed my mind"),
    "damaged": ("PHYSICAL_DMG", "arrived broken"),
    "wrong_item": ("WRONG_ITEM", "not what I ordered"),
    "missing": ("ITEM_MISSING", "one piece is missing"),
    "late": ("NOT_RECEIPT", "came too late"),
}
_LOGISTICS_AFTER = {
    "approved": "LOGISTICS_READY",
    "sent": "LOGISTICS_PICKUP_DONE",
    "received": "LOGISTICS_DELIVERY_DONE",
    "refunded": "LOGISTICS_DELIVERY_DONE",
}
_OPEN = "PENDING_RESPOND"
_MISC = 60


class ReturnWriter:
    """Writes the returns of one shop."""

    def __init__(self, seller: Seller, orders: OrderWriter) -> None:
        self._seller = seller
        self._orders = orders

    def status(self, case: Case) -> str:
        """Return the status word."""
        if case.event == "rejected" and case.is_decided:
            return "SELLER_DISPUTE"
        if case.event == "rejected":
            return _REJECTED[case.order.digest[_MISC] >> 3 & 3]
        if case.event == "approved" and case.kind == "refund":
            return "ACCEPTED"
        return _STATUS_AFTER[case.event]

    def negotiation(self, case: Case) -> str:
        """Return negotiation_status."""
        return _OPEN if case.event == "requested" else "TERMINATED"

    def return_sn(self, case: Case) -> str:
        """Return the number of the return."""
        number = self._seller.names.number(self._seller.number, case.order.position)
        return self._seller.names.return_sn(number, case.created, case.number)

    def row(self, case: Case) -> dict[str, Any]:
        """Return a row of the return list."""
        return {
            **self._common(case),
            "negotiation_status": self.negotiation(case),
            "seller_proof_status": "PENDING",
            "seller_compensation_status": "NOT_REQUIRED",
            "is_arrived_at_warehouse": 0,
            "follow_up_action_list": [],
        }

    def detail(self, case: Case) -> dict[str, Any]:
        """Return the reply of get_return_detail: the list's flat states are objects here, and items have amounts."""
        shown = self._common(case)
        for item, (_, _, refund) in zip(shown["item"], self._parts(case), strict=True):
            item["refund_amount"] = self._seller.money(refund)
        logistics = _LOGISTICS_AFTER.get(case.event, "") if case.kind == "return" else ""
        deadline = case.created + 2 * DAY_SECONDS
        return {
            **shown,
            "buyer_videos": [],
            "activity": [],
            "seller_proof": {"seller_proof_status": "PENDING", "seller_evidence_deadline": deadline},
            "seller_compensation": {
                "seller_compensation_status": "NOT_REQUIRED",
                "seller_compensation_due_date": 0,
                "compensation_amount": 0,
            },
            "negotiation": {
                "negotiation_status": self.negotiation(case),
                "latest_solution": "RETURN_REFUND" if case.kind == "return" else "REFUND",
                "latest_offer_amount": shown["refund_amount"],
                "latest_offer_creator": shown["user"]["username"],
                "counter_limit": 0,
                "offer_due_date": deadline,
            },
            "logistics_status": logistics,
            "reverse_logistics_status": logistics,
            "reverse_logistics_channel_name": self._orders.packages.carrier(case.order.digest) if logistics else "",
            "return_pickup_address": {"name": "****", "phone": "****", "address": "****"},
            "return_address": {"whs_id": ""},
        }

    def truth(self, case: Case) -> dict[str, Any]:
        """Return what a copy of this return must agree with."""
        money = self._seller.region.money
        return {
            "id": self.return_sn(case),
            "order": self._order_sn(case),
            "kind": str(_solution(case)),
            "status": self.status(case),
            "update_time": case.updated,
            "refund_amount": money(case.refund),
            "currency": self._seller.region.currency,
            # Items of a return do not name the line of the order.
            "lines": [
                {
                    "order_line": "",
                    "sku_id": self._seller.sku_id(line.sku),
                    "quantity": count,
                    "refund_amount": money(refund),
                }
                for line, count, refund in self._parts(case)
            ],
            "tracking_number": self._tracking_number(case),
        }

    def _common(self, case: Case) -> dict[str, Any]:
        code, text = _REASONS[case.reason]
        amount = self._seller.money(case.refund)
        return {
            "image": [],
            "reason": code,
            "text_reason": text,
            "reassessed_request_reason": "",
            "return_sn": self.return_sn(case),
            "refund_amount": amount,
            "currency": self._seller.region.currency,
            "create_time": case.created,
            "update_time": case.updated,
            "status": self.status(case),
            "due_date": case.created + 2 * DAY_SECONDS,
            "tracking_number": self._tracking_number(case),
            "dispute_reason": [],
            "dispute_text_reason": [],
            "needs_logistics": case.kind == "return",
            "amount_before_discount": amount,
            "user": {
                "username": self._orders.buyer_name(case.order.digest),
                "email": "****@example.test",
                "portrait": "",
            },
            "item": [self._item(line, count) for line, count, _ in self._parts(case)],
            "order_sn": self._order_sn(case),
            "return_ship_due_date": case.created + 6 * DAY_SECONDS,
            "return_seller_due_date": case.created + 9 * DAY_SECONDS,
            # All of this world begin before the order is completed.
            "return_refund_type": "RRBOC",
            "return_solution": _solution(case),
            "is_seller_arrange": False,
            "is_shipping_proof_mandatory": False,
            "return_refund_request_type": 0,
            "validation_type": "seller_validation",
        }

    def _item(self, line: Line, count: int) -> dict[str, Any]:
        model_id = self._seller.model_id(line.sku)
        return {
            "model_id": model_id,
            "name": line.sku.product_name,
            "images": [],
            # A number of pieces, whatever the name says [A].
            "amount": count,
            "item_price": self._seller.money(line.discounted),
            "is_add_on_deal": line.is_gift,
            "is_main_item": False,
            "add_on_deal_id": 0,
            "item_id": self._seller.item_id(line.sku),
            "item_sku": "" if model_id else line.sku.seller_sku,
            "variation_sku": line.sku.seller_sku if model_id else "",
        }

    def _parts(self, case: Case) -> list[tuple[Line, int, int]]:
        """Return the lines that the return is about, with the pieces and what is given back for them."""
        refunds = dict(zip(case.units, case.refunds, strict=True))
        lines = lines_of(self._seller.goods.units(case.order))
        return [
            (line, count, sum(refunds.get(unit, 0) for unit in line.units))
            for line, count in part_of(lines, case.units)
        ]

    def _tracking_number(self, case: Case) -> str:
        if "sent" not in case.times:
            return ""
        return f"R{self._seller.region.code}{case.order.position % 10**9:09d}"

    def _order_sn(self, case: Case) -> str:
        names = self._seller.names
        return names.order_sn(names.number(self._seller.number, case.order.position), case.order.created)


def _solution(case: Case) -> int:
    """Goods and money, or money alone [A]."""
    return 0 if case.kind == "return" else 1
