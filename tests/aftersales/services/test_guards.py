"""Refusals say what is wrong in words that fit whoever reads them."""

from decimal import Decimal

import pytest

from aftersales.services.asking import Inputs, NotAllowed, Unacceptable
from aftersales.states import Action, CaseType
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
    with pytest.raises(Unacceptable, match="Between 0 and what was asked for, 100,000 VND"):
        act(case, Action.CHANGE_AMOUNT, Inputs(reason="More than that.", amount=Decimal(100_001)))
