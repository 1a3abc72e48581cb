"""A seller's answer to a return, refund or cancellation, as every connector takes it."""

from enum import StrEnum

from shops.marketplaces.records.basics import record_class
from shops.marketplaces.records.words import Custody, ReturnKind


class Decision(StrEnum):
    """What a seller says to what a buyer asks for."""

    APPROVE = "approve"
    REJECT = "reject"


@record_class
class AnswerToReturn:
    """One answer. What it answers is told as it was read last: the call depends on the step that waits.

    `reason_code` is one of the marketplace's own reasons, `images` are addresses, `email` is of whoever answers.
    The same `idempotency_key` is the same answer, sent once more.
    """

    external_id: str
    decision: Decision
    idempotency_key: str
    order_external_id: str = ""
    kind: ReturnKind = ReturnKind.UNKNOWN
    raw_status: str = ""
    requested_action: str = ""
    custody: Custody = Custody.UNKNOWN
    line_ids: tuple[str, ...] = ()
    reason_code: str = ""
    comment: str = ""
    images: tuple[str, ...] = ()
    email: str = ""


@record_class
class RejectReason:
    """One of the reasons that a marketplace takes for a rejection."""

    code: str
    text: str = ""
