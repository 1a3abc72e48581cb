"""Takes a seller's answers to reverse orders: returns and refunds by one call, cancellations by another."""

from shops.sandbox.calls import Ledger
from shops.sandbox.decisions import Word
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.reading import as_number, json_list, required
from shops.sandbox.lazada.replies import RefusalError, success
from shops.sandbox.lazada.reverse_calls import ReverseCalls
from shops.sandbox.lazada.reverse_orders import ReverseOrder
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.listener import Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.service import Call

REASONS = {20_000_001: "The goods are as described", 20_000_002: "The goods were used"}
# Where a case must stand for an action, and what it decides.
_ACTIONS: dict[str, tuple[Word, tuple[tuple[str, str], ...]]] = {
    "instantRefund": ("approve", (("refund", "requested"),)),
    "agreeReturn": ("approve", (("return", "requested"),)),
    "refuseReturn": ("reject", (("return", "requested"),)),
    "agreeRefund": ("approve", (("return", "received"),)),
    "refuseRefund": ("reject", (("refund", "requested"), ("return", "received"))),
    "confirmDelivery": ("approve", (("return", "sent"),)),
}


class AnswerCalls:
    """The endpoints with which sellers agree and refuse."""

    def __init__(self, stage: Stage, ledger: Ledger, reverse: ReverseCalls) -> None:
        self._clock = stage.clock
        self._ledger = ledger
        self._reverse = reverse

    def get_reasons(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """/order/reverse/reason/list: what a refusal may say."""
        text = required(parameters, "reverse_order_line_id")
        if self._reverse.find_line(seller, as_number(text) or 0) is None:
            raise RefusalError("reverse_foreign")
        self._ledger.need_once(seller.seller_id, call.endpoint, text)
        return success([{"reason_id": number, "text": said} for number, said in REASONS.items()])

    def update(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """/order/reverse/return/update: an action on all lines of a reverse order, or on one that is refused [A]."""
        action = required(parameters, "action")
        if action not in _ACTIONS:
            raise RefusalError("reverse_action")
        one = self._one(parameters, seller)
        lines = json_list(required(parameters, "reverse_order_item_ids")) or []
        if not lines or not set(lines) <= {str(number) for number in one.line_ids()}:
            raise RefusalError("reverse_lines")
        word, standings = _ACTIONS[action]
        if word == "reject":
            _check_refusal(parameters, action, len(lines))
        if (one.case.kind, one.case.event) not in standings or not self._decide(one, seller, word):
            raise RefusalError("reverse_step")
        self._ledger.need_once(seller.seller_id, call.endpoint, f"{one.number} {action}")
        return success({"reverse_order_id": one.number, "reverse_order_line": []})

    def decide_cancellation(self, parameters: Parameters, seller: Seller, call: Call) -> Response:
        """/order/reverse/cancel/seller/decide: the answer holds nothing [A]."""
        is_agreed = required(parameters, "agree_cancel") == "true"
        one = self._one(parameters, seller)
        if one.case.kind != "cancel" or not self._decide(one, seller, "approve" if is_agreed else "reject"):
            raise RefusalError("reverse_decision")
        self._ledger.need_once(seller.seller_id, call.endpoint, str(one.number))
        return success(None)

    def _one(self, parameters: Parameters, seller: Seller) -> ReverseOrder:
        number = as_number(required(parameters, "reverse_order_id"))
        if number is None:
            raise RefusalError("reverse_id")
        one = self._reverse.find(seller, number)
        if one is None:
            raise RefusalError("reverse_foreign")
        return one

    def _decide(self, one: ReverseOrder, seller: Seller, word: Word) -> bool:
        return seller.cases.decide(one.case, word, self._clock.now())


def _check_refusal(parameters: Parameters, action: str, line_count: int) -> None:
    if as_number(parameters.get("reason_id", "")) not in REASONS:
        raise RefusalError("reverse_reason")
    if not parameters.get("comment"):
        raise RefusalError("reverse_comment")
    if line_count > 1:
        raise RefusalError("reverse_many")
    if action == "refuseRefund" and parameters.get("image_info", "[]") in ("", "[]"):
        raise RefusalError("reverse_image")
