"""A seller's answers at Lazada: one call for returns and refunds, another for cancellations.

Source: Lazada Open Platform, ReverseOrderReturnUpdate, InitReverseOrderCancelDecide, ReverseOrderOnlyRefundDecide,
GetReverseOrderReasonList.
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
_ANSWERABLE = frozenset({"REQUEST_INITIATE", "CANCEL_INIT"})
_BACK = "RTM_RECEIVE_ITEM"
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
    refund_path: ClassVar[str] = "/order/reverse/onlyrefund/seller/decide"
    # Whether requests for money alone are answered by that call, line by line, or by the one for returns.
    answers_refunds_apart: ClassVar[bool] = False

    def send(self, answer: AnswerToReturn) -> None:
        """Agree or refuse. Lazada knows no idempotency key."""
        is_back = answer.custody == Custody.SELLER or answer.raw_status == _BACK
        if answer.raw_status not in _ANSWERABLE and not is_back:
            raise errors.NotAnswerable(f"Lazada waits for no answer while the request is {answer.raw_status}.")
        if _is_refusal(answer) and not answer.reason_code:
            raise errors.NotAnswerable("Lazada wants one of its own reasons for a refusal.")
        if answer.kind == ReturnKind.CANCEL:
            decision = "false" if _is_refusal(answer) else "true"
            path, parameters = self.cancel_path, {"agree_cancel": decision, "reason_code": answer.reason_code}
        elif answer.kind == ReturnKind.REFUND and self.answers_refunds_apart:
            path, parameters = self.refund_path, _decide_refund(answer)
        else:
            path, parameters = self.update_path, _update_return(answer, is_back=is_back)
        self._connector.command(path, {"reverse_order_id": answer.external_id, **parameters})

    def fetch_reject_reasons(self, external_id: str, line_ids: Sequence[str]) -> tuple[RejectReason, ...]:
        """List the reasons for a refusal, which belong to a line."""
        if not line_ids:
            return ()
        found = self._connector.call(self.reasons_path, {"reverse_order_line_id": line_ids[0]})
        rows = [values.fields(row) for row in values.rows(found)]
        named = ((values.identifier(row.get("reason_id")), values.text(row.get("text")) or "") for row in rows)
        return tuple(RejectReason(code, text) for code, text in named if code)


def _is_refusal(answer: AnswerToReturn) -> bool:
    return answer.decision == Decision.REJECT


def _update_return(answer: AnswerToReturn, *, is_back: bool) -> dict[str, str]:
    """Name the action on all lines of a return or refund."""
    action = _ACTIONS.get((answer.kind, is_back, answer.decision))
    if action is None:
        raise errors.NotAnswerable("What is asked for is not known, so that no answer can be chosen.")
    parameters = {"action": action, "reverse_order_item_ids": _list_lines(answer)}
    if not _is_refusal(answer):
        return parameters
    if len(answer.line_ids) > 1:
        raise errors.NotAnswerable("Lazada takes the refusal of one line only, and this has several.")
    images = _list_images(answer, "name", "url")
    if action in _PROVEN and not images:
        raise errors.NotAnswerable("Lazada takes the refusal of a refund with images only.")
    return parameters | {"reason_id": answer.reason_code, "comment": answer.comment, "image_info": images}


def _decide_refund(answer: AnswerToReturn) -> dict[str, str]:
    """Name what is done with a request for money alone, which this call takes line by line."""
    lines = _list_lines(answer)
    if len(answer.line_ids) > 1:
        raise errors.NotAnswerable("Lazada takes the answer to one line only, and this has several.")
    if not _is_refusal(answer):
        return {"action": "agreeRefund", "reverse_order_item_ids": lines}
    images = _list_images(answer, "file_name", "file_url")
    if not images:
        raise errors.NotAnswerable("Lazada takes the refusal of a refund with images only.")
    return {
        "action": "startDispute", "reverse_order_item_ids": lines, "comment": answer.comment, "image_info_list": images,
    }  # fmt: skip


def _list_lines(answer: AnswerToReturn) -> str:
    if not answer.line_ids or not all(one.isdecimal() for one in answer.line_ids):
        raise errors.NotAnswerable("The reverse order's lines are not known here.")
    return f"[{','.join(answer.line_ids)}]"


def _list_images(answer: AnswerToReturn, name: str, url: str) -> str:
    images = [{name: f"image {at}", url: address} for at, address in enumerate(answer.images, start=1)]
    return orjson.dumps(images).decode() if images else ""
