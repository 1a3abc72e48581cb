"""Orders over the API: what is shown, what they can be narrowed by, and how many queries that takes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.common import clock
from orders.models import Order, OrderHandling
from shops.marketplaces.records import OrderStatus
from tests.factories.orders import store, store_order
from tests.factories.records import make_line, make_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def test_an_order_is_shown_with_its_lines_and_packages(shop, caller):
    order = store_order(shop)
    shown = caller.get(f"orders/{order.pk}/").json()
    assert (shown["id"], shown["shop"], shown["external_id"]) == (order.pk, shop.pk, order.external_id)
    assert (shown["status"], shown["currency"], shown["total_amount"]) == ("awaiting_shipment", "VND", "440000")
    assert [(line["external_id"], line["price"]) for line in shown["lines"]] == [
        ("line-1", "146667"),
        ("line-2", "146667"),
    ]
    assert shown["packages"][0]["contents"] == [{"line": "line-1", "quantity": 1}]
    assert shown["recipient"]["clarity"] == "masked"
    assert (shown["handling"], shown["paid_at"], shown["tax_amount"]) == (None, None, None)


def test_a_list_shows_the_same_as_a_single_order(shop, caller):
    single = caller.get(f"orders/{store_order(shop).pk}/").json()
    assert caller.get("orders/").json()["results"] == [{n: value for n, value in single.items() if n != "links"}]


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/Los_Angeles"])
def test_times_are_utc_whatever_zone_the_pages_have(shop, caller, settings, zone):
    settings.OPERATOR_TIME_ZONE = zone
    store_order(shop, source_updated_at=datetime(2026, 8, 1, 8, 0, 0, 120_000, UTC))
    assert caller.get("orders/").json()["results"][0]["source_updated_at"] == "2026-08-01T08:00:00.120000Z"


@pytest.mark.parametrize(("amount", "currency", "shown"), [
    ("440000", "VND", "440000"), ("440000.5", "VND", "440000.5"), ("12.5", "USD", "12.50"),
    ("12.3456", "USD", "12.3456"),
    ("0", "USD", "0.00"), ("-3", "VND", "-3"), ("99999999999999.9999", "USD", "99999999999999.9999"), ("1", "", "1.00"),
    ("1000", "USD", "1000.00"),
])  # fmt: skip
def test_amounts_are_exact_texts_with_the_digits_of_their_currency(shop, caller, amount, currency, shown):
    store_order(shop, total_amount=Decimal(amount), currency=currency)
    assert caller.get("orders/").json()["results"][0]["total_amount"] == shown


def test_what_staff_keep_is_shown(shop, caller):
    order = store_order(shop)
    OrderHandling.objects.create(
        order=order, note="<b>call</b>", tags=["gift"], assignee=caller.user, changed_at=clock.now()
    )
    handling = caller.get(f"orders/{order.pk}/").json()["handling"]
    assert (handling["note"], handling["tags"], handling["assignee"]) == ("<b>call</b>", ["gift"], caller.user.username)


@pytest.mark.parametrize(("parameters", "found"), [
    ({}, ["a1", "b2"]), ({"status": "completed"}, ["b2"]),
    ({"status": ["completed", "awaiting_shipment"]}, ["a1", "b2"]),
    ({"external_id": "a1"}, ["a1"]), ({"q": "SKU-7"}, ["b2"]), ({"q": "b2"}, []), ({"is_valid": "true"}, ["a1", "b2"]),
    ({"is_valid": "false"}, []), ({"changed_from": "2026-08-01T08:00:01Z"}, ["b2"]), ({"status": ""}, ["a1", "b2"]),
    ({"changed_to": "2026-08-01T08:00:01Z"}, ["a1"]), ({"marketplace": "tiktok"}, ["a1", "b2"]), ({"tag": "gift"}, []),
    ({"updated_since": "2100-01-01T00:00:00Z"}, []), ({"updated_since": "2020-01-01"}, ["a1", "b2"]),
])  # fmt: skip
def test_filters_narrow_the_list(shop, caller, parameters, found):
    store(
        shop,
        make_order("a1"),
        make_order("b2", later_by=1, status=OrderStatus.COMPLETED, lines=(make_line(1, seller_sku="SKU-7"),)),
    )
    rows = caller.get("orders/", **parameters).json()["results"]
    assert sorted(row["external_id"] for row in rows) == found


@pytest.mark.parametrize(("name", "value"), [
    ("status", "no"), ("status", "<script>"), ("shop", "abc"), ("shop", "9" * 40), ("shop", "-1"), ("shop", "1.5"),
    ("marketplace", "amazon"), ("ship_by", "never"), ("is_valid", "maybe"), ("is_valid", "1"),
    ("updated_since", "yesterday"), ("updated_since", "2026-08-01T08:00:00"), ("updated_since", "2026-13-01"),
    ("updated_since", "9999-12-31T23:59:59-12:00"), ("updated_since", "0001-01-01T00:00:00Z"),
    ("ordered_to", "9999-12-31"), ("changed_from", "\x00"), ("q", "a\x00b"), ("external_id", "\x00"), ("tag", "\x00"),
    ("assignee", "\x00"), ("ordered_from", "1" * 10_000),
])  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_with_the_reason(shop, caller, name, value):
    answer = caller.get("orders/", **{name: value})
    assert answer.status_code == 400, answer.content
    body = answer.json()
    assert (body["code"], list(body["fields"])) == ("invalid", [name])
    assert body["fields"][name][0]


@pytest.mark.parametrize(("name", "value"), [
    ("q", "x" * 10_000), ("q", "'; DROP TABLE orders_order; --"), ("q", "%_%"), ("external_id", "\ufffd"),
    ("tag", "🙂"), ("assignee", "nobody"),
])  # fmt: skip
def test_odd_texts_find_nothing(shop, caller, name, value):
    store_order(shop)
    assert caller.ids("orders/", **{name: value}) == []


@pytest.mark.parametrize("name", ["status", "ship_by", "marketplace", "ordered_in"])
def test_a_wrong_choice_is_answered_with_those_there_are(caller, name):
    *_, allowed = caller.get("orders/", **{name: "no"}).json()["fields"][name]
    for value in allowed.removeprefix("Allowed: ").rstrip(".").split(", "):
        assert caller.get("orders/", **{name: value}).status_code == 200


def test_a_wrong_shop_is_not_answered_with_the_shops_there_are(shop, caller):
    assert str(shop) not in str(caller.get("orders/", shop=0).json())


def test_every_wrong_parameter_is_named_at_once(caller):
    fields = caller.get("orders/", status="no", ship_by="never").json()["fields"]
    assert set(fields) == {"status", "ship_by"}


def count_queries(caller, address):
    with CaptureQueriesContext(connection) as queries:
        assert caller.get(address).status_code == 200
    return len(queries), " ".join(query["sql"] for query in queries)


def test_the_number_of_queries_is_the_same_for_one_order_and_for_many(shop, caller):
    caller.get("orders/")  # its first call of a minute is stamped
    store_order(shop, "0")
    few, _ = count_queries(caller, "orders/")
    store(shop, *(make_order(str(n), lines=tuple(make_line(k) for k in range(n % 5 + 1))) for n in range(1, 40)))
    OrderHandling.objects.bulk_create(
        OrderHandling(order=order, assignee=caller.user, changed_at=clock.now()) for order in Order.objects.all()
    )
    assert count_queries(caller, "orders/")[0] == few
    assert few <= 9


def test_payloads_and_other_wide_columns_are_never_read(shop, caller):
    order = store_order(shop)
    for address in ("orders/", f"orders/{order.pk}/"):
        said = count_queries(caller, address)[1]
        for column in (
            "orders_orderpayload",
            '"payload_hash"',
            '"attributes"',
            '"recipient_details"',
            '"other_amounts"',
        ):
            assert column not in said


def test_a_filter_by_a_shop_that_may_not_be_seen_is_as_one_that_is_not_there(shop, caller):
    foreign, gone = (caller.get("orders/", shop=pk) for pk in (make_shop().pk, 999_999_999))
    assert foreign.status_code == gone.status_code == 400
    shown = [answer.json()["fields"]["shop"][0].replace(number, "?") for answer, number in (
        (foreign, str(foreign.wsgi_request.GET["shop"])), (gone, "999999999"),
    )]  # fmt: skip
    assert shown[0] == shown[1]
