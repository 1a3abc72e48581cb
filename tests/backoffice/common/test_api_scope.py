"""Who was granted one shop finds nothing of another at any address of the API: by list, id, filter, search or body."""

from itertools import product
from typing import Any

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from aftersales.models import Case, CaseLog, SyncedReturn
from backoffice.common import clock
from orders.models import Order, OrderHandling, Product, Shipment, Sku, Statement, Transaction
from shops.models import Shop
from syncjobs.models import EnrichmentTask, Run
from tests.architecture.rows import make_shop_rows
from tests.factories.api import make_caller, make_chief
from tests.factories.enrichment import make_task, store_unnumbered
from tests.factories.sync import make_run

pytestmark = pytest.mark.django_db

# Which rows an address shows, and their way to the shop; written apart from the product's own rule.
LISTS: dict[str, tuple[Any, str]] = {
    "/api/v1/shops/": (Shop, "pk"),
    "/api/v1/orders/": (Order, "shop"),
    "/api/v1/products/": (Product, "shop"),
    "/api/v1/skus/": (Sku, "product__shop"),
    "/api/v1/shipments/": (Shipment, "shop"),
    "/api/v1/returns/": (SyncedReturn, "shop"),
    "/api/v1/transactions/": (Transaction, "shop"),
    "/api/v1/statements/": (Statement, "shop"),
    "/api/v1/runs/": (Run, "shop"),
    "/api/v1/aftersales/": (Case, "shop"),
}
WITH_HISTORY = ("orders", "products", "shipments", "returns", "transactions", "statements")
OF_A_SHOP = tuple(f"/api/sync/shops/{{id}}/orders/{name}" for name in ("progress", "enrich-details", "enrich-tasks"))
CALLS = ("actions", "return-shipment", "status", "information", "read-again", "send-again")
OF_A_CASE = tuple(f"/api/v1/aftersales/{{id}}/{name}/" for name in ("log", *CALLS))
BY_ORDER = ("/api/v1/aftersales/preview/", "/api/v1/aftersales/upsert/")
OF_NO_SHOP = ("/api/v1/aftersales/carriers/",)
OF_ALL_SHOPS = (
    "/api/sync/orders/enrich-tasks/stats", "/api/sync/monitoring/health", "/api/sync/monitoring/alerts",
)  # fmt: skip
FILTERS = ("shop", "external_id", "q", "tag", "assignee", "order_external_id", "seller_sku")
MARKS = ("nextdoor", "faraway")


@pytest.fixture(scope="module")
def shops(django_db_setup, django_db_blocker):
    """Our own shop, one of the same app, and one of another; made once, as that takes longer than any test."""
    with django_db_blocker.unblock(), transaction.atomic():
        rows = [make_shop_rows("ownown")]
        rows += [make_shop_rows("nextdoor", rows[0].shop.app), make_shop_rows("faraway")]
        for mark in rows[1:]:
            order = mark.shop.orders.earliest("pk")
            OrderHandling.objects.create(order=order, note=mark.mark, changed_at=order.synced_at)
        yield rows
        transaction.set_rollback(True)


@pytest.fixture
def own(shops, db):
    return shops[0]


@pytest.fixture
def foreign(shops, db):
    return [mark.shop for mark in shops[1:]]


@pytest.fixture(params=["person", "token of a person with all shops", "token of a superuser"])
def caller(request, own, foreign):
    if request.param == "person":
        return make_caller(own.shop)
    if request.param == "token of a superuser":
        return make_chief(only=(own.shop,))
    return make_caller(own.shop, *foreign, only=(own.shop,))


def test_every_address_of_the_document_is_known_here():
    paths = set(SchemaGenerator().get_schema(request=None, public=True)["paths"])
    rows = {path for address in LISTS for path in (address, f"{address}{{id}}/")}
    histories = {f"/api/v1/{name}/{{id}}/history/" for name in WITH_HISTORY}
    assert paths == rows | histories | {*OF_A_SHOP, *OF_ALL_SHOPS, *OF_A_CASE, *BY_ORDER, *OF_NO_SHOP}


@pytest.mark.parametrize("name", ["progress", "enrich-tasks"])
def test_the_tasks_of_a_foreign_shop_are_not_there(caller, own, foreign, name):
    nobodys = caller.get(f"/api/sync/shops/999999999/orders/{name}")
    for shop in foreign:
        answer = caller.get(f"/api/sync/shops/{shop.pk}/orders/{name}")
        assert answer.status_code == 404
        assert answer.json() == nobodys.json() | {"message": f"There is no shop {shop.pk} that you may see."}
    answer = caller.get(f"/api/sync/shops/{own.shop.pk}/orders/{name}")
    assert answer.status_code == 200
    assert not any(mark in answer.content.decode() for mark in MARKS)


@pytest.mark.parametrize("body", [{"all": True}, {"order_sns": ["unnumbered"]}])
def test_nothing_is_asked_for_in_a_foreign_shop(caller, own, foreign, body):
    for shop in (own.shop, *foreign):
        store_unnumbered(shop, "unnumbered")
    before = EnrichmentTask.objects.count()
    for shop in foreign:
        assert caller.post(f"/api/sync/shops/{shop.pk}/orders/enrich-details", body).status_code == 404
    assert EnrichmentTask.objects.count() == before
    assert caller.post(f"/api/sync/shops/{own.shop.pk}/orders/enrich-details", body).json()["created"] == 1


def test_counts_are_of_their_own_shops_only(caller, own, foreign):
    for shop in (own.shop, *foreign):
        make_task(shop, status="failed")
    count = EnrichmentTask.objects.filter(shop=own.shop).count()
    stats = caller.get("/api/sync/orders/enrich-tasks/stats").json()
    assert [(row["shop_id"], row["total"]) for row in stats["shops"]] == [(own.shop.pk, count)]
    assert stats["total"] == count
    everything = make_chief().get("/api/sync/orders/enrich-tasks/stats").json()
    assert everything["total"] == EnrichmentTask.objects.count() > count


def test_nothing_is_said_of_what_is_wrong_in_foreign_shops(caller, own, foreign):
    Shop.objects.filter(pk__in=[shop.pk for shop in foreign]).update(state="needs_reauthorisation")
    own_before = [caller.get(address).json() for address in OF_ALL_SHOPS[1:]]
    for shop in foreign:
        make_run(shop=shop, state="failed", finished_at=clock.now())
        make_task(shop, status="failed")
    Shop.objects.filter(pk=foreign[0].pk).update(state="active")
    own_after = [caller.get(address).json() for address in OF_ALL_SHOPS[1:]]
    assert [{**answer, "checked_at": None} for answer in own_before] == [
        {**answer, "checked_at": None} for answer in own_after
    ]
    alerts = make_chief().get(OF_ALL_SHOPS[2]).content.decode()
    assert all(mark in alerts for mark in MARKS)


def test_the_history_of_a_foreign_row_is_not_there(caller, own, foreign):
    for name, shop in product(WITH_HISTORY, (own.shop, *foreign)):
        answer = caller.get(f"/api/v1/{name}/{getattr(shop, name).earliest('pk').pk}/history/")
        assert answer.status_code == (200 if shop == own.shop else 404), name


CALLS_ON_CASES: dict[str, dict[str, Any]] = {
    "actions": {"action": "remark", "reason": "Seen."},
    "return-shipment": {"carrier": "jt", "tracking_number": "JT1"},
    "status": {"state": "CANCELLED"},
    "information": {"description": "Mine."},
    "read-again": {},
    "send-again": {},
}


def test_nothing_is_read_of_a_foreign_case_and_nothing_done_to_it(caller, own, foreign):
    for shop, name in product((own.shop, *foreign), ("log", "actions")):
        answer = caller.get(f"aftersales/{shop.cases.earliest('pk').pk}/{name}/")
        assert answer.status_code == (200 if shop == own.shop else 404), name
        assert not any(mark in answer.content.decode() for mark in MARKS)
    before = CaseLog.objects.count()
    for shop, (name, body) in product(foreign, CALLS_ON_CASES.items()):
        answer = caller.post(f"aftersales/{shop.cases.earliest('pk').pk}/{name}/", body)
        assert answer.status_code == 404
        assert answer.json() == caller.post(f"aftersales/999999999/{name}/", body).json() | {
            "message": answer.json()["message"]
        }
    assert CaseLog.objects.count() == before
    mine = own.shop.cases.earliest("pk").pk
    assert caller.post(f"aftersales/{mine}/actions/", CALLS_ON_CASES["actions"]).status_code == 200


def test_no_case_is_made_of_a_foreign_order_and_nothing_shown_of_it(caller, foreign):
    body = {"type": "return_refund", "reason": "damaged", "lines": [{"order_line_external_id": "line-1"}]}
    before = Case.objects.count()
    for shop in foreign:
        order = shop.orders.latest("pk")
        for named in ({"order": order.pk}, {"shop": shop.pk, "order_external_id": order.external_id}):
            answers = [
                caller.get(BY_ORDER[0], **named), caller.post("aftersales/", {**body, **named}),
                caller.post(BY_ORDER[1], {**body, **named, "number": "1"}),
            ]  # fmt: skip
            assert [answer.status_code for answer in answers] == [400, 400, 400]
            assert all(shop.name not in answer.content.decode() for answer in answers)
    assert Case.objects.count() == before


def test_everybody_else_sees_them(own, foreign):
    """Else the other tests would pass on an empty answer."""
    chief = make_chief()
    for address, (model, _) in LISTS.items():
        assert set(chief.ids(address)) == set(model.objects.values_list("pk", flat=True)), address
        assert all(mark in str(chief.get(address).json()) for mark in MARKS), address


def test_a_list_shows_their_own_rows_only(caller, own):
    for address, (model, path) in LISTS.items():
        mine = set(model.objects.filter(**{path: own.shop.pk}).values_list("pk", flat=True))
        assert set(caller.ids(address)) == mine, address
        assert not any(mark in caller.get(address).content.decode() for mark in MARKS), address


@pytest.mark.parametrize("address", LISTS)
def test_foreign_rows_are_not_found_by_id(caller, own, foreign, address):
    model, path = LISTS[address]
    for pk in model.objects.filter(**{f"{path}__in": [shop.pk for shop in foreign]}).values_list("pk", flat=True):
        answer = caller.get(f"{address}{pk}/")
        assert answer.status_code == 404
        assert answer.json() == caller.get(f"{address}999999999/").json() | {"message": answer.json()["message"]}
    for pk in model.objects.filter(**{path: own.shop.pk}).values_list("pk", flat=True):
        assert caller.get(f"{address}{pk}/").status_code == 200


@pytest.mark.parametrize("address", LISTS)
def test_foreign_rows_are_not_found_by_a_filter(caller, foreign, address):
    # A name that a list does not know is refused whatever its value, so one is enough.
    known = [name for name in FILTERS if b"Not known here" not in caller.get(address, **{name: ""}).content]
    for shop in foreign:
        number = shop.products.get(external_id__in=MARKS).external_id
        named = (shop.orders.first().external_id, number, f"{number}sku")
        for name, value in product(known, (shop.pk, shop.external_id, shop.name, *named)):
            answer = caller.get(address, **{name: value})
            assert answer.status_code == 400 or answer.json()["results"] == [], (name, value)


def test_no_message_names_a_foreign_row(caller, foreign):
    for shop, address in product(foreign, LISTS):
        for answer in (caller.get(address, shop=shop.pk), caller.get(f"{address}{shop.pk}/")):
            assert shop.name not in answer.content.decode()


def test_nothing_is_started_for_a_foreign_shop(caller, foreign):
    before = Run.objects.count()
    for shop in foreign:
        for body in ({"shop": shop.pk, "kind": "full"}, {"shop": shop.pk, "kind": "incremental"}):
            answer = caller.post("runs/", body)
            assert answer.status_code == 400
            assert shop.name not in answer.content.decode()
    assert Run.objects.count() == before


def test_a_key_of_a_call_opens_no_run_of_another_shop(own, foreign):
    everywhere = make_caller(own.shop, *foreign)
    assert (
        everywhere.post("runs/", {"shop": foreign[0].pk, "kind": "full"}, **{"Idempotency-Key": "k"}).status_code == 201
    )
    limited = make_caller(person=everywhere.user, only=(own.shop,))
    answer = limited.post("runs/", {"shop": own.shop.pk, "kind": "full"}, **{"Idempotency-Key": "k"})
    assert answer.status_code == 409
    assert "nextdoor" not in answer.content.decode()
