"""Attacks the API with its own document: no answer with a 5xx, and none that the document does not know.

The calls are the same ones each time. They go through the whole WSGI application, with real rows and a token.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from aftersales.api.cases.examples import CLAIMED, UPSERT
from aftersales.states import CaseState, CaseType
from backoffice.common import clock
from orders.models import Order, OrderHandling, OrderLine
from tests.factories.api import Caller, make_chief
from tests.factories.cases import make_carrier, make_case
from tests.factories.enrichment import make_task
from tests.factories.orders import store
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run
from tests.factories.synced import KINDS, store_record

pytestmark = pytest.mark.django_db

DOCUMENT = "/api/v1/schema/"
CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, unsupported_method, allow_header_conformance,
)  # fmt: skip
EXAMPLES = 15  # of each operation and mode
SYNCED = ("orders", "products", "shipments", "returns", "transactions", "statements")
LISTS = tuple(f"/api/v1/{name}/" for name in (*SYNCED, "skus", "runs", "shops", "aftersales"))
CASE = "/api/v1/aftersales/{id}/"
CALLS_ON_A_CASE = ("actions", "return-shipment", "status", "information", "read-again", "send-again")
TASKS = "/api/sync/shops/{id}/orders/enrich-tasks"
OPERATIONS = [
    *(("GET", address) for address in LISTS), *(("GET", f"{address}{{id}}/") for address in LISTS),
    *(("GET", f"/api/v1/{name}/{{id}}/history/") for name in SYNCED), ("POST", "/api/v1/runs/"),
    ("GET", "/api/sync/shops/{id}/orders/progress"), ("POST", "/api/sync/shops/{id}/orders/enrich-details"),
    ("GET", TASKS), ("GET", "/api/sync/orders/enrich-tasks/stats"), ("GET", "/api/sync/monitoring/health"),
    ("GET", "/api/sync/monitoring/alerts"), ("POST", "/api/v1/aftersales/"), ("POST", "/api/v1/aftersales/upsert/"),
    ("GET", "/api/v1/aftersales/preview/"), ("GET", "/api/v1/aftersales/carriers/"), ("GET", f"{CASE}log/"),
    ("GET", f"{CASE}actions/"),
    *(("POST", f"{CASE}{name}/") for name in CALLS_ON_A_CASE),
]  # fmt: skip


@pytest.fixture(scope="module")
def chief(django_db_setup, django_db_blocker) -> Iterator[Caller]:
    """Somebody who may do everything, where there is something of everything; made once, undone at the end."""
    with django_db_blocker.unblock(), connection_kept(), transaction.atomic():
        count_from_one()
        fill()
        yield make_chief()
        transaction.set_rollback(True)


@contextmanager
def connection_kept() -> Iterator[None]:
    """Let a request not close the connection that holds the transaction; Django's own test client does the same."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def count_from_one() -> None:
    """Give the ids that examples and chance try first."""
    statements = connection.ops.sequence_reset_by_name_sql(no_style(), connection.introspection.sequence_list())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def fill() -> None:
    shop = make_shop()
    orders = store(shop, *(make_order(str(number), later_by=number) for number in range(30)))
    assignee = User.objects.create(username="lan")
    OrderHandling.objects.create(
        order=orders[0], note="call", tags=["gift"], assignee=assignee, changed_at=clock.now(), changed_by=assignee
    )
    make_chunk(run=make_run(shop=shop, state="failed", reason="Chunk 1: no"), state="failed", error="no")
    make_chunk(run=make_run(shop=shop, kind="window"))
    for status in ("pending", "failed", "completed"):
        make_task(shop, status=status, cause="refused", error_message="It was refused.")
    for kind in KINDS:
        for number in range(3):
            store_record(shop, kind, str(number), later_by=number)
    make_carrier()
    for order, state in zip(orders, ("PENDING_APPROVAL", "PENDING_RETURN", "PENDING_REFUND", "REJECTED"), strict=False):
        make_case(shop, state=CaseState(state), order=order)
    make_case(shop, CaseType.RESEND, CaseState.PENDING_EXCHANGE)
    make_examples(orders[11], orders[12])


def make_examples(*orders: Order) -> None:
    """Let the orders be as the examples of calls that make cases say: by our id, and by the marketplace's number."""
    now = clock.now()
    for order in orders:
        Order.objects.filter(pk=order.pk).update(
            status="delivered", source_created_at=now, paid_at=now, shipped_at=now, delivered_at=now
        )
        OrderLine.objects.filter(pk=order.lines.earliest("pk").pk).update(external_id=CLAIMED["order_line_external_id"])
    Order.objects.filter(pk=orders[1].pk).update(external_id=UPSERT.value["order_external_id"])


@pytest.fixture(scope="module")
def document(chief):
    return schemathesis.openapi.from_wsgi(DOCUMENT, get_wsgi_application(), headers=chief.headers)


@pytest.fixture(params=OPERATIONS, ids=" ".join)
def operation(request, document):
    method, path = request.param
    return document[path][method]


def test_every_operation_of_the_document_is_attacked(document):
    assert {(method.upper(), path) for path in document for method in document[path]} == set(OPERATIONS)


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_no_answer_to_chance_is_missing_in_the_document(operation, chief, mode):
    @given(case=operation.as_strategy(mode))
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def attack(case):
        case.call_and_validate(headers=chief.headers, checks=CHECKS)

    attack()


@pytest.mark.long
def test_no_answer_to_the_borders_of_each_parameter_is_missing_in_the_document(operation, document, chief):
    generation = document.config.generation_for(operation=operation)
    cases = document.iter_coverage_cases(operation, generation_modes=list(GenerationMode), generation_config=generation)
    sent = [case.call_and_validate(headers=chief.headers, checks=CHECKS).status_code for case in cases]
    assert set(sent) & {200, 201, 404}
    has_borders = bool(operation.query or operation.body)
    assert 400 in sent or "{id}" in operation.path or not has_borders


def test_real_rows_are_as_the_document_says(document, chief):
    for path in LISTS:
        listed = document[path]["GET"].Case().call_and_validate(headers=chief.headers, checks=CHECKS)
        rows = listed.json()["results"]
        assert rows
        for row in rows[:3]:
            single = document[f"{path}{{id}}/"]["GET"].Case(path_parameters={"id": row["id"]})
            assert single.call_and_validate(headers=chief.headers, checks=CHECKS).status_code == 200


def test_the_tasks_of_a_shop_are_as_the_document_says(document, chief):
    listed = document[TASKS]["GET"].Case(path_parameters={"id": 1})
    assert len(listed.call_and_validate(headers=chief.headers, checks=CHECKS).json()["results"]) == 3


def test_without_a_login_every_operation_answers_401_as_the_document_says(document):
    for path in document:
        for method in document[path]:
            case = document[path][method].Case(path_parameters={"id": 1} if "{id}" in path else {})
            assert case.call_and_validate(checks=CHECKS).status_code == 401
