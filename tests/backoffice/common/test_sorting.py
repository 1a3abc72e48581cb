"""Few rows are sorted once they are found; the words for it change neither which rows come nor their order."""

import pytest

from backoffice.common import sorting
from backoffice.common.sorting import hide_order, order_rows, sort_few
from orders.models import Order
from tests.factories.orders import store_order

pytestmark = pytest.mark.django_db
HIDDEN = 'GREATEST("orders_order"."source_updated_at")'


@pytest.fixture
def orders(shop):
    for number in range(4):
        store_order(shop, str(number), later_by=60 * (number % 2))
    return Order.objects.filter(shop=shop).order_by("-source_updated_at", "-id")


def test_few_rows_come_in_their_order(orders):
    assert HIDDEN in str(sort_few(orders).query)
    assert [order.external_id for order in sort_few(orders)[:3]] == ["3", "1", "2"]
    assert [order.external_id for order in sort_few(orders.order_by("source_updated_at", "id"))] == ["0", "2", "1", "3"]


def test_many_rows_are_left_to_an_index(orders, monkeypatch):
    monkeypatch.setattr(sorting, "SORTED_AT_MOST", 3)
    assert HIDDEN not in str(sort_few(orders).query)
    assert HIDDEN not in str(sort_few(orders, found=4).query)
    assert HIDDEN in str(sort_few(orders, found=3).query)


def test_a_known_number_is_not_counted_again(orders, django_assert_num_queries):
    with django_assert_num_queries(0):
        sort_few(orders, found=4)


def test_a_list_that_is_not_narrowed_is_left_to_an_index(orders, django_assert_num_queries):
    everything = Order.objects.order_by("-source_updated_at", "-id")
    with django_assert_num_queries(0):
        assert sort_few(everything) is everything


@pytest.mark.parametrize("hide", [lambda rows: rows, hide_order])
def test_a_row_without_a_time_of_change_is_never_taken_for_the_newest(orders, hide):
    orders.filter(external_id="3").update(source_updated_at=None)
    for keys, numbers in (
        (("-source_updated_at", "-id"), ["1", "2", "0", "3"]),
        (("source_updated_at", "id"), ["3", "0", "2", "1"]),
        (("-external_id",), ["3", "2", "1", "0"]),
    ):
        assert [order.external_id for order in hide(order_rows(orders, keys))] == numbers


@pytest.mark.parametrize("keys", [(), ("shop__name",), ("shop",), ("?",)])
def test_an_order_that_no_column_of_the_table_has_is_left_alone(orders, keys):
    assert str(hide_order(orders.order_by(*keys)).query) == str(orders.order_by(*keys).query) or keys == ("?",)
