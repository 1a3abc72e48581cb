"""Requests that wait for an answer at a sandbox: the first shop of each marketplace, connected as people do."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from aftersales.ingest import ingest_returns
from aftersales.models import Case
from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.marketplaces.records import Resource, ReturnKind, ReturnRecord, ReturnStatus, Window
from shops.models import Shop
from shops.sandbox.server import start
from shops.tokens import open_connection
from tests.factories.cases import set_policy
from tests.factories.sandboxes import Sandbox
from tests.shops.marketplaces.reading_all import read_all

Take = Callable[..., Case]
WORLD: dict[str, Any] = {"seed": 7, "orders": 50_000, "shops": 2, "now": int(time.time()) - 300}


@pytest.fixture(scope="package")
def requests() -> dict[str, list[ReturnRecord]]:
    """What waits for an answer, by marketplace: read once, as each test has the same world to itself."""
    return {}


@pytest.fixture
def sandbox(settings: Any) -> Iterator[Sandbox]:
    settings.REQUEST_BACKOFF_SECONDS = 0
    with start(port=0, **WORLD) as running:
        yield Sandbox(running.control_url, WORLD["now"])


@pytest.fixture
def take(db: Any, sandbox: Sandbox, requests: dict[str, list[ReturnRecord]]) -> Take:
    """Read a request that was not taken yet, of a marketplace and a kind, as a case of a connected shop."""
    taken = set[str]()

    def take_one(marketplace: str = "tiktok", kind: ReturnKind = ReturnKind.REFUND, **policy: Any) -> Case:
        shop = connect(sandbox, marketplace)
        set_policy(shop, **{"calls_marketplace": True, **policy})
        if marketplace not in requests:
            end = datetime.fromtimestamp(sandbox.now + 1, UTC)
            window = Window(end - timedelta(hours=10), end)
            records = read_all(open_connection(shop).connector, Resource.RETURNS, window)
            waiting = [one for one in records if one.status == ReturnStatus.REQUESTED]
            requests[marketplace] = sorted(waiting, key=lambda one: len(one.lines))
        record = next(one for one in requests[marketplace] if one.kind == kind and one.external_id not in taken)
        taken.add(record.external_id)
        with transaction.atomic():
            ingest_returns(shop.pk, [record], Origin("poll", clock.now()))
        return Case.objects.get(shop=shop, number=record.external_id)

    return take_one


def connect(sandbox: Sandbox, marketplace: str) -> Shop:
    known = Shop.objects.filter(marketplace=marketplace).order_by("pk")
    return known.first() or next(one for one in sandbox.connect(marketplace) if one.marketplace == marketplace)
