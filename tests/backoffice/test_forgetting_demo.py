"""A demo that begins anew takes its own shops away with their cases, and lets the log of others only grow."""

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from aftersales.models import Case, CaseLog
from aftersales.states import Action, CaseState, CaseType
from backoffice.management.demo.forget import forget_sandbox_shops
from orders.models import Order
from shops.models import Shop
from tests.factories.cases import act, make_case
from tests.factories.orders import store_order
from tests.factories.shops import make_app, make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def test_cases_of_sandbox_shops_go_and_others_stay():
    for api_url in ("http://127.0.0.1:8800", ""):
        shop = make_shop(app=make_app(api_url=api_url))
        store_order(shop, "order-1")
        store_record(shop, "return", "return-1")
        make_case(shop, CaseType.RETURN_REFUND, CaseState.COMPLETED)
        act(make_case(shop, CaseType.EXCHANGE, CaseState.PENDING_EXCHANGE), Action.SHIP_REPLACEMENT)
    kept = Shop.objects.get(app__api_url="")
    connection.check_constraints()  # as if the above were committed
    assert forget_sandbox_shops() == 1
    assert set(Case.objects.values_list("shop", flat=True)) == {kept.pk}
    assert (Case.objects.count(), Order.objects.count()) == (3, 3)
    connection.check_constraints()
    with pytest.raises((InternalError, IntegrityError), match="only grows"), transaction.atomic():
        CaseLog.objects.all()._raw_delete("default")
