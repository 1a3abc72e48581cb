"""Refusals say what is wrong in words that fit whoever reads them."""

from decimal import Decimal

import pytest

from aftersales.services.asking import Inputs, NotAllowed, Unacceptable
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import act, make_case
from tests.factories.orders import store_order
from tests.factories.records import make_line

pytestmark = pytest.mark.django_db


def test_a_case_that_alone_asks_for_too_much_is_not_said_to_have_company(shop):
    order = store_order(shop, lines=(make_line(1, price=Decimal(100_000)),))
    case = make_case(shop, CaseType.REFUND_ONLY, order=order, quantity=2)
    with pytest.raises(NotAllowed, match="all cases of its order line claim more pieces or money than the line has"):
        act(case, Action.APPROVE)


def test_the_most_that_an_amount_may_be_is_written_as_people_write_it(shop):
    case = make_case(shop)
    with pytest.raises(Unacceptable, match="Between 0 and what was asked for these pieces, 100,000 VND"):
        act(case, Action.CHANGE_AMOUNT, Inputs(reason="More than that.", amount=Decimal(100_001)))


def test_fewer_pieces_than_at_first_ask_for_no_more_than_their_share(shop):
    order = store_order(shop, lines=(make_line(1, quantity=3, price=Decimal(100_000)),))
    case = make_case(shop, order=order, quantity=3, amount=Decimal(300_000), state=CaseState.PENDING_RECEIVE)
    act(case, Action.PARTIAL_RECEIPT, Inputs(reason="One was missing.", quantity=2))
    for action in (Action.ESCALATE, Action.RESOLVE_REJECT, Action.AMEND):
        act(case, action)
    for amount in (300_000, 200_001):
        with pytest.raises(Unacceptable, match="Between 0 and what was asked for these pieces, 200,000 VND"):
            act(case, Action.SUBMIT, Inputs(amount=Decimal(amount)))
    assert act(case, Action.SUBMIT, Inputs(amount=Decimal(200_000))).amount == Decimal(200_000)
    with pytest.raises(Unacceptable, match="200,000 VND"):
        act(case, Action.CHANGE_AMOUNT, Inputs(reason="All of it.", amount=Decimal(200_001)))


@pytest.mark.parametrize(
    ("quantity", "said"), [(3, "Accept between 1 and 2 of 3 pieces"), (1, "One piece has no part")]
)
def test_who_accepts_too_much_for_a_part_is_told_how_many_make_one(shop, quantity, said):
    order = store_order(shop, lines=(make_line(1, quantity=3, price=Decimal(100_000)),))
    case = make_case(shop, order=order, quantity=quantity, state=CaseState.PENDING_RECEIVE)
    with pytest.raises(Unacceptable, match=said):
        act(case, Action.PARTIAL_RECEIPT, Inputs(reason="It is torn.", quantity=quantity))
