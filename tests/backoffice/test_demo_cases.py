"""The demo's own cases: many states, two that are overdue, and no more of them when it is started again."""

from datetime import timedelta

import pytest

from aftersales.choices import Due
from aftersales.models import Case
from aftersales.queries.case_filters import narrow_by_due
from aftersales.states import CaseOrigin, CaseState
from backoffice.common import clock
from backoffice.management.demo.cases import make_demo_cases
from orders.models import Order
from shops.models import Shop
from tests.factories.orders import store_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def arrived(db: None) -> Shop:
    """A shop whose orders came to their buyers yesterday."""
    shop = make_shop()
    for number in range(16):
        store_order(shop, f"order-{number}")
    yesterday = clock.now() - timedelta(days=1)
    Order.objects.update(
        status="delivered", source_created_at=yesterday, paid_at=yesterday, shipped_at=yesterday, delivered_at=yesterday
    )
    return shop


def test_cases_of_many_states_are_made_once(arrived):
    assert make_demo_cases([arrived]) == 15
    cases = Case.objects.filter(origin=CaseOrigin.INTERNAL)
    assert set(cases.values_list("state", flat=True)) == set(CaseState) - {
        CaseState.APPROVED, CaseState.TIMEOUT, CaseState.UNKNOWN,
    }  # fmt: skip
    assert narrow_by_due(cases, Due.OVERDUE).count() == 2
    assert narrow_by_due(cases, Due.DUE_24H).count() == 1
    assert make_demo_cases([arrived]) == 0
    assert cases.count() == 15


def test_a_world_without_orders_gets_none(db):
    assert make_demo_cases([make_shop()]) == 0
