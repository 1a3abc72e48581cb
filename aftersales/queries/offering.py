"""What of the allowed actions fits the records of a case as well: nobody is offered what could only be refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from aftersales.choices import ExchangeState, RefundState
from aftersales.models import MOST_AMENDMENTS, Case, CaseLine, Exchange, Refund
from aftersales.queries.actions import PossibleAction, list_possible_to
from aftersales.queries.cases import WholeCase
from aftersales.states import ANSWERS, Action

REFUND_STARTS = frozenset({RefundState.PENDING.value, RefundState.FAILED.value})
REFUND_SENT = frozenset({RefundState.PROCESSING.value, RefundState.SUCCESS.value})
REFUND_ENDS = frozenset({RefundState.PENDING.value, RefundState.PROCESSING.value})


class Records(Protocol):
    """A case with what belongs to it, as far as that decides about an action; however it was read."""

    @property
    def case(self) -> Case:
        """The case itself."""
        ...

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
    """Whether an action that fits the state of a case fits its refund, replacement, pieces and earlier rounds."""
    suits = _SUITS.get(action)
    return suits is None or suits(whole)


def is_money_on_its_way(whole: Records) -> bool:
    """Whether a refund was sent, or is paid: such a case can neither be closed nor rejected."""
    return whole.refund is not None and whole.refund.state in REFUND_SENT


def _can_refund_start(whole: Records) -> bool:
    refund = whole.refund
    return refund is not None and refund.state in REFUND_STARTS and not refund.has_failed_for_good


def _can_refund_end(whole: Records) -> bool:
    return whole.refund is not None and whole.refund.state in REFUND_ENDS


def _is_replacement_sent(whole: Records) -> bool:
    return whole.exchange is not None and whole.exchange.state == ExchangeState.EXCHANGE_SHIPPED


def _has_several_pieces(whole: Records) -> bool:
    return sum(line.quantity for line in whole.lines) > 1


_SUITS: Mapping[Action, Callable[[Records], bool]] = {
    Action.START_REFUND: _can_refund_start,
    Action.REFUND_SUCCEEDED: _can_refund_end,
    Action.REFUND_FAILED: _can_refund_end,
    Action.SHIP_REPLACEMENT: lambda whole: not _is_replacement_sent(whole),
    Action.REPLACEMENT_RECEIVED: _is_replacement_sent,
    Action.PARTIAL_RECEIPT: _has_several_pieces,
    Action.AMEND: lambda whole: whole.case.modification_count < MOST_AMENDMENTS,
    Action.RESOLVE_REJECT: lambda whole: not is_money_on_its_way(whole),
    Action.RESOLVE_CANCEL: lambda whole: not is_money_on_its_way(whole),
}
