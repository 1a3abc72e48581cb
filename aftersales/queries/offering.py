"""What of the allowed actions fits the records of a case as well: nobody is offered what could only be refused."""

from collections.abc import Sequence
from typing import Any, Protocol

from aftersales.choices import ExchangeState, RefundState
from aftersales.models import CaseLine, Exchange, Refund
from aftersales.queries.actions import PossibleAction, list_possible_to
from aftersales.queries.cases import WholeCase
from aftersales.states import ANSWERS, Action

REFUND_STARTS = frozenset({RefundState.PENDING.value, RefundState.FAILED.value})
REFUND_ENDS = frozenset({RefundState.PENDING.value, RefundState.PROCESSING.value})


class Records(Protocol):
    """What belongs to a case, as far as it decides about an action; however it was read."""

    @property
    def lines(self) -> Sequence[CaseLine]:
        """What is claimed."""
        ...

    @property
    def refund(self) -> Refund | None:
        """The refund that counts."""
        ...

    @property
    def exchange(self) -> Exchange | None:
        """The goods that go out once more."""
        ...


def list_offered(whole: WholeCase, person: Any) -> list[PossibleAction]:
    """List what this person may do to the case now; their shops are for the caller to look at."""
    waits = whole.open_answer is not None
    return [
        one
        for one in list_possible_to(whole.case, person)
        if suits_records(whole, one.move.action) and not (waits and one.move.action in ANSWERS)
    ]


def suits_records(whole: Records, action: Action) -> bool:
    """Whether an action that fits the state of a case fits its refund, its replacement and its pieces."""
    match action:
        case Action.START_REFUND:
            refund = whole.refund
            return refund is not None and refund.state in REFUND_STARTS and not refund.has_failed_for_good
        case Action.REFUND_SUCCEEDED | Action.REFUND_FAILED:
            return whole.refund is not None and whole.refund.state in REFUND_ENDS
        case Action.SHIP_REPLACEMENT:
            return not _is_replacement_sent(whole)
        case Action.REPLACEMENT_RECEIVED:
            return _is_replacement_sent(whole)
        case Action.PARTIAL_RECEIPT:
            return sum(line.quantity for line in whole.lines) > 1
        case _:
            return True


def _is_replacement_sent(whole: Records) -> bool:
    return whole.exchange is not None and whole.exchange.state == ExchangeState.EXCHANGE_SHIPPED
