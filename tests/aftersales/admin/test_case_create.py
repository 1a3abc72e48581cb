"""Cases that staff make from the page of an order: what is offered, made and refused, and who may."""

from decimal import Decimal

import pytest
from django.urls import reverse

from aftersales.models import Case
from backoffice.common import clock
from shops.marketplaces.records import OrderStatus
from tests.factories.cases import make_case
from tests.factories.orders import store_order
from tests.factories.pages import address, log_in
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
CREATE = "admin:aftersales_case_create"
RIGHTS = ("aftersales.view_case", "aftersales.add_case", "orders.view_order")


@pytest.fixture
def order(shop):
    return store_order(shop, "order-1", status=OrderStatus.AWAITING_SHIPMENT, source_created_at=clock.now())


@pytest.fixture
def send(client, shop, order):
    log_in(client, *RIGHTS, shops=[shop])

    def post(**given):
        asked = {"type": "refund_only", "reason": "dont_want", "take_0": "on", "quantity_0": "1", **given}
        return client.post(f"{reverse(CREATE)}?order={order.pk}", asked, follow=True).content.decode()

    return post


def test_the_order_leads_to_a_form_that_shows_what_may_be_refunded(client, shop, order):
    log_in(client, *RIGHTS, shops=[shop])
    where = f"{reverse(CREATE)}?order={order.pk}"
    assert where in client.get(address(order, "change")).content.decode()
    page = client.get(where).content.decode()
    way_back = f'href="{address(order, "change")}"'
    for part in ("Make a case of order order-1</h2>", "146,667 VND", "Áo thun", f"<a {way_back} class="):
        assert part in page, part


def test_a_case_is_made_and_shown(send, order):
    page = send(description="Ordered twice", images="https://shop.example/1.jpg\n https://shop.example/2.jpg\n")
    case = Case.objects.get()
    assert case.images == ["https://shop.example/1.jpg", "https://shop.example/2.jpg"]
    assert (case.order, case.type, case.reason, case.amount) == (order, "refund_only", "dont_want", Decimal(146_667))
    assert f"Made: {case.number}." in page
    assert "Ordered twice" in page
    assert case.log.get().operator_kind == "ADMIN"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"take_0": ""}, "Choose at least one line."),
        ({"images": "javascript:alert(1)"}, "is no address of an image"),
        ({"amount_0": "146668"}, "146,667"),
        ({"amount_0": "0.5"}, "decimal"),
        ({"quantity_0": "9"}, "less than or equal to 1"),
        ({"type": "unknown"}, "Select a valid choice."),
        ({"reason": "unknown"}, "Select a valid choice."),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(send, given, said):
    assert said in send(**given)
    assert not Case.objects.exists()


def test_a_line_that_is_claimed_already_is_said_to_be(send, order):
    make_case(order.shop, order=order)
    page = send()
    assert Case.objects.count() == 1
    assert ('name="take_0"' in page, 'name="take_1"' in page) == (False, True)
    assert "Choose at least one line." in page


def test_what_is_too_old_says_why_nothing_can_be_asked_for(client, shop):
    log_in(client, *RIGHTS, shops=[shop])
    old = store_order(shop, "order-2", status=OrderStatus.AWAITING_SHIPMENT)
    assert "The order is older than 30 days." in client.get(f"{reverse(CREATE)}?order={old.pk}").content.decode()


def test_who_may_not_make_cases_or_does_not_see_the_order_cannot(client, shop, order):
    where = f"{reverse(CREATE)}?order={order.pk}"
    log_in(client, "aftersales.view_case", "orders.view_order", shops=[shop])
    assert client.get(where).status_code == 403
    assert reverse(CREATE) not in client.get(address(order, "change")).content.decode()


@pytest.mark.parametrize("query", ["order={pk}", "", "order=x", "order=99999999999999999999"])
def test_a_foreign_or_missing_order_is_not_there(client, order, query):
    log_in(client, *RIGHTS, shops=[make_shop()])
    where = f"{reverse(CREATE)}?{query.format(pk=order.pk)}"
    assert (client.get(where).status_code, client.post(where, {}).status_code) == (404, 404)
