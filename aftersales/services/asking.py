"""Who acts on a case, with what, and how a refusal reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from aftersales.models import Case
from aftersales.states import BY_PEOPLE, MOVES, Action, CaseState, OperatorKind, list_allowed
from backoffice.common.errors import NotPossible, RefusedValue


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts, as the log names them; `id` is the person's, where one is known here."""

    kind: OperatorKind
    name: str
    id: int | None = None


SYSTEM = Operator(OperatorKind.SYSTEM, "System")
SYNC = Operator(OperatorKind.SYNC, "Marketplace")


def as_staff(person: Any) -> Operator:
    """Return the operator that a logged-in person is."""
    return Operator(OperatorKind.ADMIN, person.get_username(), person.pk)


def as_buyer(person: Any, name: str = "") -> Operator:
    """Return the operator for a buyer on whose behalf another system acts, which is logged in as `person`."""
    return Operator(OperatorKind.USER, name or f"Buyer, through {person.get_username()}", person.pk)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is given with an action; `Move.needs` names the fields that one cannot do without.

    `amount` is in the case's currency, `carrier` a carrier's code, `reason_code` one of a marketplace's own reasons,
    `provider_response` what the payment side said of a refund. `told` and `told_at` are a marketplace's word.
    """

    reason: str = ""
    reason_code: str = ""
    amount: Decimal | None = None
    quantity: int | None = None
    carrier: str = ""
    tracking_number: str = ""
    images: tuple[str, ...] = ()
    is_inspected: bool = False
    method: str = ""
    transaction: str = ""
    provider_response: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    told: CaseState | None = None
    told_at: datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Inputs()


@dataclass(frozen=True, slots=True)
class Ask:
    """One action on one case."""

    action: Action
    inputs: Inputs = NOTHING


class NotAllowed(NotPossible):
    """The action does not fit the state that the case is in; `allowed` fit it. `why` is the message without these."""

    code = "action_not_allowed"

    def __init__(self, message: str, allowed: Sequence[Action] = (), why: str = "") -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)
        self.why = why or message


class Unacceptable(RefusedValue):
    """What was given with an action cannot be taken; `field` names which part of it."""

    @property
    def why(self) -> str:
        """What is wrong, in a sentence."""
        return str(self)


def refuse(case: Case, action: Action, why: str = "", among: Iterable[Action] = BY_PEOPLE) -> NotAllowed:
    """Make the refusal of an action that does not fit how the case stands; what is possible is looked for `among`."""
    among = [one for one in among if one is not action]  # what is refused is not possible, though its state may fit
    allowed = list_allowed(case.case_state, case.case_type, case.case_origin, among)
    said = why or f"“{MOVES[action].title}” is not possible while the case is “{case.get_state_display()}”."
    shown = ", ".join(MOVES[one].title for one in allowed) or "none"
    return NotAllowed(f"Case {case.number}: {said} Possible now: {shown}.", allowed, said)
