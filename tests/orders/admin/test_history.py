"""Comparing any two payloads of an order."""

from datetime import timedelta

import pytest
from django.urls import reverse

from backoffice.common import clock
from orders.models import OrderPayload
from tests.factories.orders import store_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop):
    return store_order(shop, payload={"n": "zero"})


@pytest.fixture
def rows(order):
    """Three payloads, the oldest first."""
    for number, word in enumerate(("one", "two"), start=1):
        at = clock.now() + timedelta(minutes=number)
        OrderPayload.objects.create(order=order, received_at=at, source="webhook", run_id=77, payload={"n": word})
    return list(order.payloads.order_by("received_at"))


@pytest.fixture
def compare(client, person):
    client.force_login(person)

    def text(order, **chosen):
        answer = client.get(reverse("admin:orders_order_compare", args=[order.pk]), chosen)
        assert answer.status_code == 200
        return answer.content.decode()

    return text


def differences(page):
    return ("<del>zero</del>" in page, "<del>one</del>" in page, "<del>two</del>" in page)


def test_the_last_two_are_compared_unless_others_are_chosen(compare, order, rows):
    page = compare(order)
    assert differences(page) == (False, True, False)
    assert "<ins>two</ins>" in page


def test_any_two_can_be_chosen_in_either_direction(compare, order, rows):
    first, _, last = rows
    assert differences(compare(order, **{"from": first.pk, "to": last.pk})) == (True, False, False)
    assert differences(compare(order, **{"from": last.pk, "to": first.pk})) == (False, False, True)
    assert "Nothing that is shown here differs" in compare(order, **{"from": last.pk, "to": last.pk})


def test_each_choice_names_its_door_and_its_run(compare, order, rows):
    page = compare(order)
    assert page.count("Webhook, run 77 (pruned)") == 4
    assert page.count("· Sync") == 2


@pytest.mark.parametrize("chosen", ["0", "-1", "x", "9" * 30, ""])
def test_a_choice_that_makes_no_sense_breaks_nothing(compare, order, rows, chosen):
    compare(order, **{"from": chosen, "to": chosen})


def test_a_payload_of_another_order_is_not_compared(compare, order, rows):
    other = store_order(make_shop(), "other", payload={"secret": "yes"})
    page = compare(order, **{"from": other.payloads.get().pk, "to": rows[0].pk})
    assert "One of these payloads is not there any more" in page
    assert "secret" not in page


def test_an_order_with_one_payload_or_none_has_nothing_to_compare(compare, order):
    assert "Nothing that is shown here differs" in compare(order)
    order.payloads.all().delete()
    assert "No payload of this order was kept" in compare(order)


def test_a_foreign_order_is_not_there(client, person):
    foreign = store_order(make_shop(), "foreign")
    client.force_login(person)
    assert client.get(reverse("admin:orders_order_compare", args=[foreign.pk])).status_code == 404
