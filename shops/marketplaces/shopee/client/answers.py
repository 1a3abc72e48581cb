"""A seller's answers at Shopee: confirming a return, or raising a dispute.

Source: Shopee Open Platform, v2.returns.confirm, v2.returns.dispute, v2.returns.get_return_dispute_reason.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import Answerer
from shops.marketplaces.contract import AnswerTraits
from shops.marketplaces.records import AnswerToReturn, Decision, RejectReason

if TYPE_CHECKING:
    from shops.marketplaces.shopee.client import ShopeeConnector

_DISPUTABLE = frozenset({"REQUESTED", "PROCESSING", "ACCEPTED"})
_CONFIRMABLE = frozenset({"REQUESTED", "PROCESSING"})


class ReturnAnswerer(Answerer):
    """Confirms returns, which pays the buyer, and disputes them, which leaves the decision to Shopee."""

    _connector: "ShopeeConnector"
    traits: ClassVar[AnswerTraits] = AnswerTraits(
        note="A rejection is a dispute: Shopee decides. It names one of Shopee's reasons and an e-mail address for "
        "questions. Evidence has to be uploaded in the seller centre.",
    )
    confirm_path: ClassVar[str] = "/returns/confirm"
    dispute_path: ClassVar[str] = "/returns/dispute"
    reasons_path: ClassVar[str] = "/returns/get_return_dispute_reason"

    def send(self, answer: AnswerToReturn) -> None:
        """Confirm or dispute. Shopee knows no idempotency key."""
        if answer.decision == Decision.APPROVE:
            self._check_status(answer, _CONFIRMABLE)
            self._connector.call(self.confirm_path, method="POST", body={"return_sn": answer.external_id})
            return
        self._check_status(answer, _DISPUTABLE)
        if not answer.reason_code.isdecimal() or not answer.email:
            raise errors.NotAnswerable("Shopee wants one of its own reasons and an e-mail address for a dispute.")
        body = {
            "return_sn": answer.external_id,
            "email": answer.email,
            "dispute_reason_id": int(answer.reason_code),
            "dispute_text_reason": answer.comment,
        }
        self._connector.call(self.dispute_path, method="POST", body=body)

    def fetch_reject_reasons(self, external_id: str, line_ids: Sequence[str]) -> tuple[RejectReason, ...]:
        """List the reasons for a dispute. The names of the answer's fields are told by examples alone [?]."""
        found = self._connector.fetch(self.reasons_path, (("return_sn", external_id),))
        rows = [values.fields(row) for row in values.rows(found.get("dispute_reason_list"))]
        named = ((values.identifier(row.get("id")), values.text(row.get("reason")) or "") for row in rows)
        return tuple(RejectReason(code, text) for code, text in named if code)

    @staticmethod
    def _check_status(answer: AnswerToReturn, allowed: frozenset[str]) -> None:
        if answer.raw_status not in allowed:
            raise errors.NotAnswerable(f"Shopee takes no such answer while the return is {answer.raw_status}.")
