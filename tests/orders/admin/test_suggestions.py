"""What fields suggest while somebody types: within the person's scope, a few at once, for those who may look."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.factories.orders import make_staff, store_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client, person):
    client.force_login(person)

    def texts(name, *arguments, **query):
        answer = client.get(reverse(f"admin:orders_order_{name}", args=arguments), query)
        assert answer.status_code == 200
        return [one["text"] for one in answer.json()["results"]]

    return texts


def test_a_choice_carries_what_the_filter_takes(client, person):
    client.force_login(person)
    [choice] = client.get(reverse("admin:orders_order_people")).json()["results"]
    assert choice == {"id": "person", "text": "person"}


def test_people_are_those_who_share_a_shop(ask, shop):
    make_staff("colleague", shop)
    make_staff("stranger", make_shop())
    User.objects.create(username="customer", is_staff=False)
    chief = User.objects.create(username="chief", is_staff=True, is_superuser=True, first_name="Minh", last_name="Lê")
    assert ask("people") == ["Minh Lê (chief)", "colleague", "person"]
    assert ask("people", term="lê") == ask("people", term="MIN") == ask("people", term="chi") == ["Minh Lê (chief)"]
    chief.is_active = False
    chief.save()
    assert ask("people") == ["colleague", "person"]


def test_assignees_of_an_order_are_those_who_see_its_shop(ask, shop, person):
    other = make_shop()
    person.shop_grants.create(shop=other)
    make_staff("there", other)
    assert ask("assignees", store_order(other).pk) == ["person", "there"]
    assert ask("assignees", store_order(shop).pk) == ["person"]


def test_a_superuser_is_suggested_all_active_staff(ask, shop, admin_client):
    make_staff("stranger", make_shop())
    answer = admin_client.get(reverse("admin:orders_order_people"))
    assert [one["id"] for one in answer.json()["results"]] == ["admin", "person", "stranger"]


def test_the_order_of_a_foreign_shop_suggests_nobody(client, person):
    foreign = store_order(make_shop())
    client.force_login(person)
    assert client.get(reverse("admin:orders_order_assignees", args=[foreign.pk])).status_code == 404


def test_who_may_not_see_orders_is_suggested_nothing(client, person, shop):
    person.user_permissions.clear()
    client.force_login(person)
    for address in (
        reverse("admin:orders_order_people"),
        reverse("admin:orders_order_assignees", args=[store_order(shop).pk]),
    ):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("term", ["%", "_", "\x00", "'", "x" * 10_000, "<b>"])
def test_odd_terms_find_nothing_by_accident(ask, term):
    assert ask("people", term=f"z{term}") == []


def test_many_people_come_a_page_at_a_time(client, person, shop):
    for number in range(30):
        make_staff(f"z{number:02}", shop)
    client.force_login(person)
    first, second = (
        client.get(reverse("admin:orders_order_people"), {"term": "z", "page": page}).json() for page in (1, 2)
    )
    assert (len(first["results"]), first["pagination"]["more"]) == (20, True)
    assert (len(second["results"]), second["pagination"]["more"]) == (10, False)


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.5", "99999999999999999999", "٣"])
def test_odd_pages_are_the_first_one(ask, page):
    assert ask("people", page=page) == ["person"]
