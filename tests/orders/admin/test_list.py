"""The order list: its address speaks the words of the FilterSet, and what makes no sense shows nothing and says so."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.common import clock
from backoffice.common.sorting import order_rows
from orders.models import Order
from orders.services import change_handling
from shops.marketplaces.records import OrderStatus
from tests.factories.orders import store_order
from tests.factories.records import UPDATED_AT, make_line
from tests.factories.shops import make_shop
from tests.orders.admin.conftest import LIST

pytestmark = pytest.mark.django_db


def shown(answer):
    assert answer.status_code == 200
    return [order.external_id for order in answer.context["cl"].result_list]


def said(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.fixture
def orders(shop, person):
    """One that is overdue and handled, one that is invalid, one that is gone."""
    late = store_order(shop, "late", ship_by_at=clock.now() - timedelta(hours=3, minutes=5), later_by=1)
    store_order(shop, "odd", status=OrderStatus.UNPAID, problems=("no total",), later_by=2)
    store_order(shop, "gone", status=OrderStatus.IN_TRANSIT, source_created_at=clock.now(), later_by=3)
    change_handling(late, version=0, note="", tags=["vip"], assignee=person, person=person)


@pytest.mark.parametrize(
    ("address", "numbers"),
    [
        ("", ["gone", "odd", "late"]),
        ("status=unpaid&status=in_transit", ["gone", "odd"]),
        ("marketplace=tiktok", ["gone", "odd", "late"]),
        ("ship_by=overdue", ["late"]),
        ("ordered_in=today", ["gone"]),
        ("ordered_to=2026-08-01", ["odd", "late"]),
        ("ordered_from=2026-08-02", ["gone"]),
        ("changed_to=2026-07-31", []),
        ("changed_from=2026-08-01T08:00:02Z", ["gone", "odd"]),
        ("updated_since=2026-01-01", ["gone", "odd", "late"]),
        ("external_id=odd", ["odd"]),
        ("is_valid=false", ["odd"]),
        ("tag=vip", ["late"]),
        ("assignee=person", ["late"]),
        ("q=gone", ["gone"]),
        ("q=gone&status=unpaid", []),
        ("status=&ship_by=&q=&ordered_from=", ["gone", "odd", "late"]),
    ],
)
def test_each_filter_is_in_the_address(look, orders, address, numbers):
    answer = look(address)
    assert sorted(shown(answer)) == sorted(numbers)
    assert said(answer) == []


def test_a_shop_is_chosen_by_its_id_and_named_in_the_panel(look, orders, shop, person):
    other = make_shop(name="Other shop")
    person.shop_grants.create(shop=other)
    store_order(other, "other")
    answer = look(f"shop={other.pk}")
    assert shown(answer) == ["other"]
    page = answer.content.decode()
    options = re.findall(r'<option value="(\d+)"[^>]*>([^<]*)</option>', page)
    assert options == [(str(other.pk), "Other shop")]  # the panel never lists all shops


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("status=garbage", "Status: Select a valid choice. garbage is not one of the available choices."),
        ("status=unpaid&status=garbage", "Status: Select a valid choice."),
        ("shop=0", "Shop: Select a valid choice."),
        ("shop=abc", "Shop: “abc” is not a valid value."),
        ("ship_by=garbage", "Ship by: Select a valid choice."),
        ("ordered_from=garbage", "Ordered from: Neither a day like 2026-11-21 nor a time with its zone"),
        ("ordered_to=2026-02-30", "Ordered to: Neither a day"),
        ("is_valid=garbage", "Validity: Neither true nor false."),
        ("updated_since=garbage", "updated_since: Neither a day"),
        ("q=%00abc", "Search: Null characters are not allowed."),
        ("status__exact=unpaid", "There is no filter “status__exact”."),
        ("shop__app__app_secret__startswith=a", "There is no filter “shop__app__app_secret__startswith”."),
        ("status=<script>alert(1)</script>", "Status: Select a valid choice."),
    ],
)
def test_what_makes_no_sense_shows_nothing_and_says_why(look, orders, address, reason):
    answer = look(address)
    assert shown(answer) == []
    assert any(reason in message and "Nothing is shown" in message for message in said(answer)), said(answer)
    assert "<script>alert" not in answer.content.decode()


def test_a_foreign_shop_is_refused_as_one_that_is_not_there(look, orders):
    foreign = make_shop(name="Foreign")
    refusals = [said(look(f"shop={pk}"))[0].replace(str(pk), "") for pk in (foreign.pk, 987654321)]
    assert refusals[0] == refusals[1]
    assert "Foreign" not in look(f"shop={foreign.pk}").content.decode()


@pytest.mark.parametrize("address", ["p=0", "p=99999", "p=x", "o=1.2.3", "o=99", "o=x", "e=1", "all=", "_facets=1"])
def test_odd_places_in_the_list_are_survived(client, look, orders, address):
    answer = look(address)
    assert answer.status_code in (200, 302)


@pytest.mark.parametrize("page", ["0", "-1", "99999", "9" * 30])
def test_a_page_that_is_not_there_is_the_first_of_the_same_list(look, shop, page):
    for number in range(51):
        store_order(shop, f"584{number:03}")
    store_order(shop, "other", status=OrderStatus.UNPAID)
    answer = look(f"status=awaiting_shipment&p={page}")
    assert (len(shown(answer)), "other" in shown(answer)) == (50, False)
    assert f"There is no page {page} of this list." in said(answer)[0]


@pytest.mark.parametrize("text", ["a", "ab", "5%"])
def test_a_search_that_is_too_short_says_so(look, orders, text):
    answer = look(f"q={text}")
    assert shown(answer) == []
    assert "Type at least 3 characters" in answer.content.decode()


def test_filters_stay_when_searching_sorting_and_paging_but_not_the_page(look, shop):
    for number in range(60):
        store_order(shop, f"584{number:03}")
    answer = look("status=awaiting_shipment&ordered_from=2026-08-01&p=2")
    changelist = answer.context["cl"]
    assert len(shown(answer)) == 10
    assert changelist.get_query_string({"p": 1}) == "?ordered_from=2026-08-01&p=1&status=awaiting_shipment"
    assert 'name="p"' not in answer.content.decode()


def test_the_panel_shows_what_the_address_says(look, orders):
    page = look(
        "ordered_from=2026-08-01&ordered_to=2026-08-01T10:00:00Z&status=unpaid&ship_by=overdue"
    ).content.decode()
    assert '<input type="date" name="ordered_from" value="2026-08-01"' in page
    assert '<input type="text" name="ordered_to" value="2026-08-01T10:00:00Z"' in page  # a calendar would lose it
    assert '<option value="unpaid" selected' in page
    assert '<option value="overdue" selected' in page


@pytest.mark.parametrize(
    ("address", "columns"),
    [
        ("", ["-source_updated_at", "-id"]),
        ("ship_by=overdue", ["ship_by_at", "-id"]),
        ("ordered_in=today", ["-source_created_at", "-id"]),
        ("o=0", ["-pk"]),  # an order that no index gives is not taken from an address
        ("o=4", ["-pk"]),
        ("o=5", ["source_created_at", "-pk"]),
        ("o=-6", ["-source_updated_at", "-pk"]),
    ],
)
def test_the_list_is_read_in_orders_that_an_index_gives(look, orders, address, columns):
    read = look(address).context["cl"].queryset.query.order_by
    assert read == order_rows(Order.objects.all(), columns).query.order_by


def test_the_ship_by_time_is_shown_only_where_something_must_be_shipped(look, shop):
    due_at = clock.now() + timedelta(hours=5, minutes=5)
    store_order(shop, "open", ship_by_at=due_at)
    store_order(shop, "gone", ship_by_at=due_at, status=OrderStatus.IN_TRANSIT)
    page = look().content.decode()
    assert page.count("due in 5 h") == 1
    assert page.count('data-urgency="due"') == 1


def test_only_invalid_orders_say_so(look, orders):
    page = look().content.decode()
    assert page.count(">\n\nInvalid\n<") == page.count("Invalid\n</span>") == 1


def test_html_in_what_others_wrote_is_shown_and_not_run(look, shop, person):
    evil = "<script>alert(1)</script>"
    shop.name = evil
    shop.save()
    order = store_order(shop, evil, lines=(make_line(product_name=evil),))
    change_handling(order, version=0, note=f'"{evil}', tags=[evil.lower()], assignee=None, person=person)
    page = look(f"shop={shop.pk}&tag={evil}").content.decode()
    assert evil not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_number_of_queries_does_not_depend_on_rows_tags_or_filters(look, shop, person):
    def queries(address):
        look(address)
        with CaptureQueriesContext(connection) as captured:
            assert look(address).status_code == 200
        return len(captured)

    store_order(shop, "first")
    few = queries(f"shop={shop.pk}&status=awaiting_shipment")
    for number in range(20):
        order = store_order(shop, f"n{number}")
        change_handling(order, version=0, note="n", tags=["vip"], assignee=person, person=person)
    assert queries(f"shop={shop.pk}&status=awaiting_shipment") == few


def test_the_list_reads_no_wide_columns_and_counts_no_table(look, orders):
    with CaptureQueriesContext(connection) as captured:
        look("status=in_transit")
    selects = [query["sql"] for query in captured if '"orders_order"."external_id"' in query["sql"]]
    assert selects
    assert not any("attributes" in sql or "validation_errors" in sql or "DISTINCT" in sql for sql in selects)
    assert not any("COUNT(*) AS" in query["sql"] and "LIMIT" not in query["sql"] for query in captured)


def test_quick_links_are_plain_addresses_and_the_present_one_is_marked(look, orders):
    bar = look("assignee=person").context["list_bar"]["quick_links"]
    assert {link["label"]: link["query"] for link in bar}["Assigned to me"] == "assignee=person"
    assert [link["label"] for link in bar if link["active"]] == ["Assigned to me"]
    for link in bar:
        answer = look(link["query"])
        assert answer.status_code == 200
        assert said(answer) == []


def test_orders_of_a_foreign_shop_are_not_listed(look, orders):
    store_order(make_shop(), "foreign")
    assert "foreign" not in shown(look())


def test_nobody_opens_the_list_without_leave(client, person):
    person.user_permissions.clear()
    client.force_login(person)
    assert client.get(LIST).status_code == 403


def test_another_page_that_refers_to_orders_can_search_them(admin_client, shop):
    store_order(shop, "584001", source_updated_at=UPDATED_AT)
    query = {"app_label": "orders", "model_name": "orderline", "field_name": "order", "term": "584"}
    answer = admin_client.get(reverse("admin:autocomplete"), query)
    assert [one["text"] for one in answer.json()["results"]] == ["584001"]
    assert Order.objects.count() == 1
