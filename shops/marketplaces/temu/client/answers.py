"""A seller's answers at Temu: the full refund, which is all that its API takes.

Source: Temu Partner Platform, temu.aftersales.refund.issue.
"""

from typing import TYPE_CHECKING, ClassVar

from shops.marketplaces import errors
from shops.marketplaces.base import Answerer
from shops.marketplaces.contract import AnswerTraits
from shops.marketplaces.records import AnswerToReturn, Decision, ReturnKind

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector

_FULL_REFUND = 1
# The refund of a request for money, and of goods that are back. While goods are still to come (10, 8) the call would
# pay without them: such a request is agreed to with a label, in the seller centre.
_REFUNDABLE = frozenset({"1", "3"})


class ReturnAnswerer(Answerer):
    """Pays refunds whole."""

    _connector: "TemuConnector"
    traits: ClassVar[AnswerTraits] = AnswerTraits(
        decisions=frozenset({Decision.APPROVE}),
        needs_reason_code=False,
        note="Only the full refund, of a request for money alone or of goods that are back. Everything else, every "
        "rejection too, is answered in the seller centre.",
    )
    refund_type: ClassVar[str] = "temu.aftersales.refund.issue"

    def send(self, answer: AnswerToReturn) -> None:
        """Pay the refund. Temu knows no idempotency key."""
        if answer.kind == ReturnKind.CANCEL or answer.raw_status not in _REFUNDABLE:
            raise errors.NotAnswerable(f"Temu takes no such answer while the request is {answer.raw_status}.")
        parameters = {
            "parentAfterSalesSn": answer.external_id,
            "parentOrderSn": answer.order_external_id,
            "openApiRefundType": _FULL_REFUND,
        }
        self._connector.call(self.refund_type, parameters, is_of_record=True)
