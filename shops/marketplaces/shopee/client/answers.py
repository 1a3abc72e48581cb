"""A seller's answers at Shopee: confirming a return, or raising a dispute.

Source: Shopee Open Platform, v2.returns.confirm, v2.returns.dispute, v2.returns.get_return_dispute_reason.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

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
        "questions. Reasons that want images are given in the seller centre, where these are uploaded.",
    )
    confirm_path: ClassVar[str] = "/returns/confirm"
    dispute_path: ClassVar[str] = "/returns/dispute"
    reasons_path: ClassVar[str] = "/returns/get_return_dispute_reason"
    # Whether reasons are offered for which Shopee demands images, that are not sent from here.
    offers_reasons_with_images: ClassVar[bool] = False

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
        """List the reasons for a dispute. Shopee tells their numbers, and in a sentence what each of them needs."""
        found = self._connector.fetch(self.reasons_path, (("return_sn", external_id),))
        rows = [values.fields(row) for row in values.rows(found.get("dispute_reason_list"))]
        offered = (row for row in rows if self.offers_reasons_with_images or not _wants_images(row))
        named = (
            (values.identifier(row.get("dispute_reason")), values.text(row.get("dispute_requirement")) or "")
            for row in offered
        )
        return tuple(RejectReason(code, text) for code, text in named if code)

    @staticmethod
    def _check_status(answer: AnswerToReturn, allowed: frozenset[str]) -> None:
        if answer.raw_status not in allowed:
            raise errors.NotAnswerable(f"Shopee takes no such answer while the return is {answer.raw_status}.")


def _wants_images(row: Mapping[str, Any]) -> bool:
    modules = [values.fields(one) for one in values.rows(row.get("evidence_module_list"))]
    return any(one.get("is_required") is True for one in modules)
