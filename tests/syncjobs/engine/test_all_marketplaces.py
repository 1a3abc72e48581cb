"""Everything that a shop of each marketplace has, read over HTTP: in the end it is here as it is there."""

import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db.models import Sum

from backoffice.common import clock
from backoffice.management.demo.result import list_wasteful
from backoffice.management.demo.truths import list_kinds
from backoffice.management.demo.world import FAULT_KINDS, list_fault_kinds
from orders.models import Statement, Transaction
from shops.marketplaces.registry import MARKETPLACES, find_capability
from shops.models import Shop
from shops.sandbox.server import start
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Chunk, ChunkState, Run, RunState, Watermark
from syncjobs.services import start_run
from syncjobs.streams import STREAMS
from tests.factories.sandboxes import Sandbox

pytestmark = pytest.mark.django_db

ORDERS = 40  # of the two shops of a marketplace
READINGS_AT_MOST = 50


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    now = int(time.time()) - 300
    with start(port=0, seed=7, orders=ORDERS, shops=2, now=now) as running:
        yield Sandbox(running.control_url, now)


@pytest.fixture
def sandbox(small_sandbox: Sandbox, settings) -> Sandbox:
    settings.REQUEST_BACKOFF_SECONDS = 0
    settings.SYNC_CHUNK_DAYS = 7
    small_sandbox.put_in_order()
    return small_sandbox


@pytest.fixture(params=MARKETPLACES)
def shops(request, sandbox: Sandbox) -> list[Shop]:
    shops = sandbox.connect(request.param)
    sandbox.forget_calls()
    return shops


def sync_all(shops: list[Shop]) -> list[Run]:
    """Read every resource of the shops to the end, from the beginning; what is due later is due now."""
    Watermark.objects.all().delete()
    runs = []
    for shop in shops:
        for resource in STREAMS:
            if find_capability(shop.marketplace, resource):
                run = start_run(shop, kind="incremental", trigger="command", resource=resource)
                assert run is not None
                runs.append(run.pk)
                read_to_the_end(run)
    return list(Run.objects.filter(pk__in=runs).order_by("pk"))


def read_to_the_end(run: Run) -> None:
    for _ in range(READINGS_AT_MOST):
        work_on_run(run.pk, seconds=60)
        run.refresh_from_db()
        if run.state != RunState.OPEN:
            return
        Chunk.objects.filter(state=ChunkState.DUE).update(due_at=clock.now())
    raise AssertionError(f"{run} does not end: {run.reason}")


def assert_same(sandbox: Sandbox, shops: list[Shop]) -> None:
    for kind in list_kinds(shops[0].marketplace):
        result = sandbox.compare(*shops, kind=kind)
        assert result.is_equal, (kind, result)
        assert result.there == result.here > 0, (kind, result)


def assert_statements_add_up(shops: list[Shop]) -> None:
    on_statements = Transaction.objects.filter(shop__in=shops).exclude(statement_external_id="")
    sums = dict(on_statements.values_list("statement_external_id").annotate(Sum("amount")).order_by())
    for statement in Statement.objects.filter(shop__in=shops):
        assert sums.get(statement.external_id, Decimal(0)) == statement.amount, statement


def test_everything_arrives_by_the_least_possible_calls_and_stays(sandbox, shops):
    for run in sync_all(shops):
        assert run.state == RunState.DONE, (run, run.reason)
        assert (run.invalid_count, run.unreadable_count, run.failed_call_count) == (0, 0, 0), run
    assert_same(sandbox, shops)
    assert_statements_add_up(shops)
    assert list(list_wasteful(sandbox.control("GET", "/calls"))) == []
    for run in sync_all(shops):
        assert (run.state, run.inserted_count, run.updated_count) == (RunState.DONE, 0, 0), (run, run.reason)


def test_everything_arrives_whatever_goes_wrong(sandbox, shops):
    marketplace = shops[0].marketplace
    for kind in list_fault_kinds(marketplace, FAULT_KINDS.keys() - {"slow"}):
        options = FAULT_KINDS[kind] | ({"retry_after": 0} if kind == "throttled" else {})
        sandbox.fault(kind, marketplace=marketplace, **options)
    sync_all(shops)
    assert sandbox.struck() > 0
    sandbox.control("DELETE", "/faults")
    for run in sync_all(shops):
        assert run.state == RunState.DONE, (run, run.reason)
    assert_same(sandbox, shops)
