"""People at the order list: one who sees one shop, with or without leave to change what is kept."""

import pytest
from django.urls import reverse

from tests.factories.orders import make_staff

LIST = reverse("admin:orders_order_changelist")


@pytest.fixture
def person(shop):
    return make_staff("person", shop)


@pytest.fixture
def editor(shop):
    return make_staff("editor", shop, may=("view_order", "change_orderhandling"))


@pytest.fixture
def look(client, person):
    """Open the list with an address, as a person who sees one shop."""
    client.force_login(person)
    return lambda address="": client.get(f"{LIST}?{address}")
