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
from shops.marketplaces.records import Resource, ReturnKind, ReturnStatus, Window
from shops.models import Shop
from shops.sandbox.server import start
from shops.tokens import open_connection
from tests.factories.cases import set_policy
from tests.factories.sandboxes import Sandbox
from tests.shops.marketplaces.reading_all import read_all

Take = Callable[..., Case]


@pytest.fixture(scope="package")
def world() -> Iterator[tuple[Sandbox, dict[str, list[Any]]]]:
    now = int(time.time()) - 300
    with start(port=0, seed=7, orders=50_000, shops=2, now=now) as running:
        yield Sandbox(running.control_url, now), {}


@pytest.fixture
def sandbox(world: tuple[Sandbox, Any], settings: Any) -> Sandbox:
    settings.REQUEST_BACKOFF_SECONDS = 0
    world[0].put_in_order()
    return world[0]


@pytest.fixture
def take(db, world, sandbox) -> Take:
    """Read a request that no other test has taken, of a marketplace and a kind, as a case of a connected shop."""

    def take_one(marketplace: str = "tiktok", kind: ReturnKind = ReturnKind.REFUND, **policy: Any) -> Case:
        shop = connect(sandbox, marketplace)
        set_policy(shop, **{"calls_marketplace": True, **policy})
        found = world[1].setdefault(marketplace, [])
        if not found:
            end = datetime.fromtimestamp(sandbox.now + 1, UTC)
            connector = open_connection(shop).connector
            records = read_all(connector, Resource.RETURNS, Window(end - timedelta(hours=10), end))
            found += sorted(records, key=lambda one: len(one.lines))
        record = next(one for one in found if (one.status, one.kind) == (ReturnStatus.REQUESTED, kind))
        found.remove(record)
        with transaction.atomic():
            ingest_returns(shop.pk, [record], Origin("poll", clock.now()))
        return Case.objects.get(shop=shop, number=record.external_id)

    return take_one


def connect(sandbox: Sandbox, marketplace: str) -> Shop:
    known = Shop.objects.filter(marketplace=marketplace).order_by("pk")
    return known.first() or next(one for one in sandbox.connect(marketplace) if one.marketplace == marketplace)
