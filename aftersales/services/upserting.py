"""Cases of another system, by its own numbers: made where they are not here, corrected where they are."""

from decimal import Decimal
from typing import NamedTuple

from aftersales.models import Case
from aftersales.services.asking import Operator, Unacceptable
from aftersales.services.creating import CaseRequest, create_cases
from aftersales.services.informing import change_information
from aftersales.states import CaseOrigin
from backoffice.common.errors import BackofficeError


class Upserted(NamedTuple):
    """The case, and whether it was made now."""

    case: Case
    is_new: bool


def upsert_case(asked: CaseRequest, operator: Operator, *, request_id: str = "") -> Upserted:
    """Make the case with this number, or change the description, the images and the reason of the one that is here.

    What is claimed cannot be changed so: another type, order, line, quantity or amount is refused. Words and images
    that are not given stay as they are.
    """
    known = _find(asked)
    if known is None:
        try:
            return Upserted(create_cases(asked, operator, request_id=request_id).cases[0], is_new=True)
        except BackofficeError:
            known = _find(asked)  # somebody else may have made it at this moment
            if known is None:
                raise
    if known.origin == CaseOrigin.INTERNAL:
        _refuse_other_claim(known, asked)
    case = change_information(
        known.pk,
        operator,
        description=asked.description.strip() or None,
        images=asked.images or None,
        reason=asked.reason,
        request_id=request_id,
    )
    return Upserted(case, is_new=False)


def _find(asked: CaseRequest) -> Case | None:
    return Case.objects.filter(shop=asked.order.shop_id, number=asked.number).first()


def _refuse_other_claim(known: Case, asked: CaseRequest) -> None:
    (wanted,), line = asked.lines, known.lines.order_by("pk").first()
    stand: list[tuple[str, object, object]] = [
        ("order", known.order_id, asked.order.pk),
        ("type", known.type, asked.type.value),
        ("currency", known.currency, asked.currency or known.currency),
    ]
    if line is not None:
        amount: Decimal | None = line.requested_amount if wanted.amount is None else wanted.amount
        stand += [
            ("order_line_external_id", line.order_line_external_id, wanted.order_line_external_id),
            ("quantity", line.requested_quantity, wanted.quantity),
            ("amount", line.requested_amount, amount),
        ]
    for name, here, given in stand:
        if here != given:
            raise Unacceptable(
                name, f"The shop has a case {known.number} with another {name.replace('_', ' ')}, which stays as it is."
            )
