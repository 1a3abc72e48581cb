"""How many queries each admin page needs is written down, is the same for few rows and for many, and does not grow.

A number that has to change is changed in query_counts.json, where the review sees it.
"""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.architecture.rows import list_registered, make_more_rows, make_shop_rows, make_superuser, make_unscoped_rows
from tests.architecture.test_admin_pages import page

pytestmark = pytest.mark.django_db

PINNED = json.loads(Path(__file__).with_name("query_counts.json").read_text(encoding="utf-8"))
MANY = 12


@pytest.fixture
def rows(client):
    make_unscoped_rows()
    client.force_login(make_superuser())
    return make_shop_rows("first")


def count_queries(client, address):
    client.get(address)  # what is kept for the next page is none of this one's
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", list_registered(), ids=lambda model: model._meta.label)
def test_the_number_of_queries_is_the_one_written_down(client, rows, model):
    first = model._default_manager.order_by("pk").first()
    addresses = {"list": page(model, "changelist"), "row": page(model, "change", first.pk)}
    few = {name: count_queries(client, address) for name, address in addresses.items()}
    make_more_rows(rows, MANY)
    many = {name: count_queries(client, address) for name, address in addresses.items()}
    assert many == few, "a query for each row"
    assert few == PINNED.get(model._meta.label)


def test_nothing_is_written_down_that_is_gone():
    assert set(PINNED) == {model._meta.label for model in list_registered()}
