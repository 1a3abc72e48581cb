"""Making cases from a request, under the lock of the order: two requests at once cannot both have a line."""

import secrets
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction

from aftersales.models import Case, CaseLine
from aftersales.services.asking import Operator, Unacceptable
from aftersales.services.claims import lock_orders
from aftersales.services.creating.asked import CaseRequest, Created, LineRequest, NoneCreated, RefusedLine
from aftersales.services.creating.checks import check_free, check_line, check_request
from aftersales.services.creating.standing import Standing, read_standing
from aftersales.services.moving import Start, start_cases
from aftersales.services.reviewing import review_quietly
from aftersales.states import CaseOrigin, CaseState
from backoffice.common.errors import NotPossible
from orders.models import Order, OrderLine

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another


def create_cases(asked: CaseRequest, operator: Operator, *, request_id: str = "") -> Created:
    """Make one case for each line that can be claimed, all in one transaction, and say why others cannot.

    Raises Unacceptable where the request itself is wrong, and NoneCreated where every line is refused. Automatic
    review, where the shop wants it, runs once the cases are stored.
    """
    asked = _clean(asked)
    check_request(asked)
    try:
        with transaction.atomic():
            lock_orders([asked.order.pk])
            standing = read_standing(asked.order.pk)
            check_free(asked, standing)
            starts, refused = _plan_starts(asked, standing)
            if not starts:
                raise NoneCreated(refused)
            start_cases(starts, operator, request_id=request_id)
            cases = [start.case for start in starts]
            if standing.policy.reviews_automatically:
                transaction.on_commit(partial(review_quietly, [case.pk for case in cases]))
    except IntegrityError as error:  # the constraints decide: somebody else took the number or the line just now
        raise NotPossible("The same case is being made by somebody else at this moment. Look at it first.") from error
    return Created(cases, refused)


def _plan_starts(asked: CaseRequest, standing: Standing) -> tuple[list[Start], list[RefusedLine]]:
    starts: list[Start] = []
    refused: list[RefusedLine] = []
    seen: set[str] = set()
    for wanted in asked.lines:
        line_id = wanted.order_line_external_id
        try:
            if line_id in seen:
                raise Unacceptable("order_line_external_id", "The request names this order line twice.")
            seen.add(line_id)
            line = _get_line(line_id, standing)
            amount = check_line(asked, line, wanted, standing)
        except Unacceptable as error:
            refused.append(RefusedLine(line_id, error.field, str(error)))
        else:
            starts.append(_make_start(asked, line, wanted, amount, standing))
    return starts, refused


def _get_line(line_id: str, standing: Standing) -> OrderLine:
    line = standing.lines.get(line_id)
    if line is None:
        raise Unacceptable("order_line_external_id", "The order has no such line.")
    return line


def _make_start(asked: CaseRequest, line: OrderLine, wanted: LineRequest, amount: Decimal, standing: Standing) -> Start:
    order = standing.order
    case = Case(
        shop=order.shop,
        number=asked.number or make_number(standing.at),
        origin=CaseOrigin.INTERNAL.value,
        type=asked.type.value,
        order=order,
        order_external_id=order.external_id,
        reason=asked.reason,
        description=asked.description,
        images=list(asked.images),
        currency=standing.currency_of(line),
        requested_amount=amount,
        amount=amount,
        snapshot=_describe(order),
    )
    row = CaseLine(
        order=order,
        external_id=line.external_id,
        order_line_external_id=line.external_id,
        quantity=wanted.quantity,
        requested_quantity=wanted.quantity,
        ordered_quantity=line.quantity,
        unit_price=line.price,
        requested_amount=amount,
        amount=amount,
        product_external_id=line.product_external_id,
        sku_external_id=line.sku_external_id,
        seller_sku=line.seller_sku,
        product_name=line.product_name,
        sku_name=line.sku_name,
        image_url=line.image_url,
    )
    return Start(case, [row], CaseState.PENDING_APPROVAL, standing.at)


def make_number(at: datetime) -> str:
    """Make a case number: the day, and letters that cannot be guessed from another case's."""
    return f"AS{at:%y%m%d}{''.join(secrets.choice(_LETTERS) for _ in range(8))}"


def _describe(order: Order) -> dict[str, str | None]:
    times = {name: getattr(order, name) for name in ("paid_at", "shipped_at", "delivered_at")}
    return {"status": order.status, **{name: at.isoformat() if at else None for name, at in times.items()}}


def _clean(asked: CaseRequest) -> CaseRequest:
    return replace(asked, description=asked.description.replace("\x00", "").strip())
