"""What is asked for when cases are made, and what comes of it line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from aftersales.models import Case
from aftersales.states import CaseType
from backoffice.common.errors import NotPossible
from orders.models import Order


@dataclass(frozen=True, slots=True)
class LineRequest:
    """One order line of a request. Without an amount all is asked for that may be refunded for so many pieces."""

    order_line_external_id: str
    quantity: int = 1
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """A request for lines of one order: each line becomes a case of its own.

    An empty currency stands for the order's. `number` is another system's own for the case, where there is one line.
    """

    order: Order
    type: CaseType
    reason: str
    lines: tuple[LineRequest, ...]
    description: str = ""
    images: tuple[str, ...] = ()
    currency: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line for which no case was made: `field` names the part of the request that stands in the way."""

    order_line_external_id: str
    field: str
    message: str


class Created(NamedTuple):
    """What came of a request."""

    cases: list[Case]
    refused: list[RefusedLine]


class NoneCreated(NotPossible):
    """Every line of a request was refused, so nothing was made."""

    code = "no_case_created"

    def __init__(self, refused: Sequence[RefusedLine]) -> None:
        said = " ".join(dict.fromkeys(one.message for one in refused))
        super().__init__(f"No case was made. {said}")
        self.refused = tuple(refused)
