"""A seller's answers at TikTok Shop: which decision a step takes, and the calls for it.

Source: TikTok Shop Partner Center, "Approve Return", "Reject Return", "Approve Cancellation", "Reject Cancellation".
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import Answerer
from shops.marketplaces.contract import AnswerTraits
from shops.marketplaces.records import AnswerToReturn, Decision, RejectReason, ReturnKind

if TYPE_CHECKING:
    from shops.marketplaces.tiktok.client import TikTokConnector

_VERBS: Mapping[Decision, str] = {Decision.APPROVE: "APPROVE", Decision.REJECT: "REJECT"}
# What the seller is asked for, and what an answer to it is about.
_STEPS: Mapping[str, str] = {
    "SELLER_RESPOND_REFUND": "REFUND",
    "SELLER_RESPOND_RETURN": "RETURN",
    "SELLER_RESPOND_RECEIVE_PACKAGE": "RECEIVED_PACKAGE",
    "SELLER_RESPOND_REPLACEMENT": "REPLACEMENT",
}
# Where the step is not told, the state tells it, and for a request its kind.
_REQUESTS: Mapping[ReturnKind, str] = {
    ReturnKind.REFUND: "REFUND",
    ReturnKind.RETURN_REFUND: "RETURN",
    ReturnKind.EXCHANGE: "REPLACEMENT",
}
_PENDING = frozenset({"RETURN_OR_REFUND_REQUEST_PENDING", "REPLACEMENT_REQUEST_PENDING", "EXCHANGE_REQUEST_PENDING"})


class ReturnAnswerer(Answerer):
    """Approves and rejects returns, refunds, replacements and cancellations."""

    _connector: "TikTokConnector"
    traits: ClassVar[AnswerTraits] = AnswerTraits(
        takes_idempotency_key=True,
        note="Every step of a return, and cancellations. A rejection names one of the marketplace's reasons. Images "
        "would have to be uploaded first, and are not sent.",
    )
    returns_path: ClassVar[str] = "/return_refund/202309/returns"
    cancellations_path: ClassVar[str] = "/return_refund/202309/cancellations"
    reasons_path: ClassVar[str] = "/return_refund/202309/reject_reasons"

    def send(self, answer: AnswerToReturn) -> None:
        """Give the answer under its idempotency key, which TikTok Shop promises to execute once."""
        is_cancellation = answer.kind == ReturnKind.CANCEL
        about = subject_of(answer)
        if answer.decision == Decision.REJECT and not answer.reason_code:
            raise errors.NotAnswerable("TikTok Shop wants one of its own reasons for a rejection.")
        root = self.cancellations_path if is_cancellation else self.returns_path
        path = f"{root}/{answer.external_id}/{answer.decision.value}"
        body: dict[str, Any] = {} if is_cancellation else {"decision": f"{_VERBS[answer.decision]}_{about}"}
        if answer.decision == Decision.REJECT:
            body |= {"reject_reason": answer.reason_code, "comment": answer.comment}
        self._connector.call("POST", path, {"idempotency_key": answer.idempotency_key}, body or None)

    def fetch_reject_reasons(self, external_id: str, line_ids: Sequence[str]) -> tuple[RejectReason, ...]:
        """List what TikTok Shop takes as a reason; one list serves returns and cancellations."""
        found = self._connector.call("GET", self.reasons_path, {"return_or_cancel_id": external_id, "locale": "en-US"})
        rows = [values.fields(row) for row in values.rows(found.get("reasons"))]
        named = ((values.text(row.get("name")), values.text(row.get("text")) or "") for row in rows)
        return tuple(RejectReason(code, text) for code, text in named if code)


def subject_of(answer: AnswerToReturn) -> str:
    """Tell what the seller has to answer now, "" for a cancellation; raises NotAnswerable where it is nothing."""
    if answer.kind == ReturnKind.CANCEL and answer.raw_status == "CANCELLATION_REQUEST_PENDING":
        return ""
    about = _STEPS.get(answer.requested_action)
    if about is None and answer.raw_status in _PENDING:
        about = _REQUESTS.get(answer.kind)
    if about is None and answer.raw_status == "BUYER_SHIPPED_ITEM":
        about = "RECEIVED_PACKAGE"
    if about is None:
        raise errors.NotAnswerable(f"TikTok Shop waits for no answer while the return is {answer.raw_status}.")
    return about
