"""A demo that begins anew takes its own shops away with their cases, and lets the log of others only grow."""

import pytest
from django.db import InternalError, connection, transaction
from django.db.models import PROTECT
from django.db.utils import IntegrityError

from aftersales.models import Case, CaseLog
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from backoffice.management.demo.forget import forget_sandbox_shops
from orders.models import Order, OrderHandling
from shops.models import Shop
from tests.factories.buffered import make_batch_row
from tests.factories.cases import act, make_case, set_policy
from tests.factories.enrichment import make_task
from tests.factories.gaps import make_report
from tests.factories.orders import store_order
from tests.factories.shops import make_app, make_shop
from tests.factories.sync import make_chunk, make_run
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def test_cases_of_sandbox_shops_go_and_others_stay():
    for api_url in ("http://127.0.0.1:8800", ""):
        shop = make_shop(app=make_app(api_url=api_url))
        store_order(shop, "order-1")
        store_record(shop, "return", "return-1")
        make_case(shop, CaseType.RETURN_REFUND, CaseState.COMPLETED)
        act(make_case(shop, CaseType.EXCHANGE, CaseState.PENDING_EXCHANGE), Action.SHIP_REPLACEMENT)
        fill_with_all_that_names_shops(shop)
    kept = Shop.objects.get(app__api_url="")
    connection.check_constraints()  # as if the above were committed
    assert forget_sandbox_shops() == 1
    assert set(Case.objects.values_list("shop", flat=True)) == {kept.pk}
    assert (Case.objects.count(), Order.objects.count()) == (3, 4)
    connection.check_constraints()
    with pytest.raises((InternalError, IntegrityError), match="only grows"), transaction.atomic():
        CaseLog.objects.all()._raw_delete("default")


def fill_with_all_that_names_shops(shop):
    """Beside what the demo itself reads: what staff and the schedule may have left."""
    task = make_task(shop)
    OrderHandling.objects.create(order=task.order, note="Call first", changed_at=clock.now())
    make_report(shop)
    make_batch_row(shop)
    make_chunk(run=make_run(shop=shop))
    set_policy(shop, approval_timeout_hours=24)
    named = {one.related_model for one in Shop._meta.related_objects if one.on_delete is PROTECT}
    missing = {model.__name__ for model in named if not model._default_manager.filter(shop=shop).exists()}
    assert missing == {"Product", "Shipment", "Transaction", "Statement", "FailedRecord"}  # simple rows, deleted alike
