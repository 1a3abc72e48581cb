"""A seller's answers at Lazada: one call for returns and refunds, another for cancellations.

Source: Lazada Open Platform, ReverseOrderReturnUpdate, InitReverseOrderCancelDecide, GetReverseOrderReasonList.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import orjson

from shops.marketplaces import errors, values
from shops.marketplaces.base import Answerer
from shops.marketplaces.contract import AnswerTraits
from shops.marketplaces.records import AnswerToReturn, Custody, Decision, RejectReason, ReturnKind

if TYPE_CHECKING:
    from shops.marketplaces.lazada.client import LazadaConnector

# By what is asked for, and whether the goods are back.
_ACTIONS: Mapping[tuple[ReturnKind, bool, Decision], str] = {
    (ReturnKind.REFUND, False, Decision.APPROVE): "instantRefund",
    (ReturnKind.REFUND, False, Decision.REJECT): "refuseRefund",
    (ReturnKind.RETURN_REFUND, False, Decision.APPROVE): "agreeReturn",
    (ReturnKind.RETURN_REFUND, False, Decision.REJECT): "refuseReturn",
    (ReturnKind.RETURN_REFUND, True, Decision.APPROVE): "agreeRefund",
    (ReturnKind.RETURN_REFUND, True, Decision.REJECT): "refuseRefund",
}
_ANSWERABLE = frozenset({"REQUEST_INITIATE", "CANCEL_INIT", "RTM_RECEIVE_ITEM"})
_PROVEN = frozenset({"refuseRefund"})  # without images Lazada does not take these


class ReturnAnswerer(Answerer):
    """Agrees to returns, refunds and cancellations, or refuses them."""

    _connector: "LazadaConnector"
    traits: ClassVar[AnswerTraits] = AnswerTraits(
        note="Returns, refunds and cancellations. A refusal names one of Lazada's reasons, a refused refund images as "
        "well; of a reverse order with several lines none can be refused by the API.",
    )
    update_path: ClassVar[str] = "/order/reverse/return/update"
    cancel_path: ClassVar[str] = "/order/reverse/cancel/seller/decide"
    reasons_path: ClassVar[str] = "/order/reverse/reason/list"

    def send(self, answer: AnswerToReturn) -> None:
        """Agree or refuse. Lazada knows no idempotency key."""
        is_refusal = answer.decision == Decision.REJECT
        is_back = answer.custody == Custody.SELLER
        if answer.raw_status not in _ANSWERABLE and not is_back:
            raise errors.NotAnswerable(f"Lazada waits for no answer while the request is {answer.raw_status}.")
        if is_refusal and not answer.reason_code:
            raise errors.NotAnswerable("Lazada wants one of its own reasons for a refusal.")
        if answer.kind == ReturnKind.CANCEL:
            decision = {"agree_cancel": "false" if is_refusal else "true", "reason_code": answer.reason_code}
            self._connector.command(self.cancel_path, {"reverse_order_id": answer.external_id, **decision})
            return
        action = _ACTIONS.get((answer.kind, is_back, answer.decision))
        if action is None:
            raise errors.NotAnswerable("What is asked for is not known, so that no answer can be chosen.")
        self._check_refusal(answer, action, is_refusal=is_refusal)
        images = [{"name": f"image {at}", "url": url} for at, url in enumerate(answer.images, start=1)]
        parameters = {
            "action": action,
            "reverse_order_id": answer.external_id,
            "reverse_order_item_ids": f"[{','.join(answer.line_ids)}]",
            "reason_id": answer.reason_code if is_refusal else "",
            "comment": answer.comment if is_refusal else "",
            "image_info": orjson.dumps(images).decode() if images and is_refusal else "",
        }
        self._connector.command(self.update_path, parameters)

    def fetch_reject_reasons(self, external_id: str, line_ids: Sequence[str]) -> tuple[RejectReason, ...]:
        """List the reasons for a refusal, which belong to a line."""
        if not line_ids:
            return ()
        found = self._connector.call(self.reasons_path, {"reverse_order_line_id": line_ids[0]})
        rows = [values.fields(row) for row in values.rows(found)]
        named = ((values.identifier(row.get("reason_id")), values.text(row.get("text")) or "") for row in rows)
        return tuple(RejectReason(code, text) for code, text in named if code)

    @staticmethod
    def _check_refusal(answer: AnswerToReturn, action: str, *, is_refusal: bool) -> None:
        if not answer.line_ids or not all(one.isdecimal() for one in answer.line_ids):
            raise errors.NotAnswerable("The reverse order's lines are not known here.")
        if is_refusal and len(answer.line_ids) > 1:
            raise errors.NotAnswerable("Lazada takes the refusal of one line only, and this has several.")
        if action in _PROVEN and not answer.images:
            raise errors.NotAnswerable("Lazada takes the refusal of a refund with images only.")
