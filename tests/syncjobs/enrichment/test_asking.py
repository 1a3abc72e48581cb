"""The four marketplaces asked for packages: an order that is not the shop's is refused, and costs no other its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shops.connections import ShopConnection
from shops.marketplaces.contract import KnownOrder
from shops.marketplaces.records import OrderStatus, Resource, Window
from shops.sandbox.server import Running, start
from syncjobs.enrichment import asking
from tests.shops.marketplaces.reading_all import read_all
from tests.shops.marketplaces.test_against_sandbox import CODES, EPOCH, ask, connect

LAST_DAYS = Window(datetime.fromtimestamp(EPOCH, UTC) - timedelta(days=8), datetime.fromtimestamp(EPOCH + 1, UTC))
INVENTED = "9000000000000000007"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start(port=0, seed=5, orders=80, shops=2, now=EPOCH) as running:
        ask(f"{running.control_url}/clock", {"mode": "frozen", "now": EPOCH})
        yield running


def delivered_orders(running: Running, code: str, number: int) -> list[Any]:
    orders = read_all(connect(running, code, number)[0], Resource.ORDERS, LAST_DAYS)
    return [order for order in orders if order.status in (OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED)][:4]


def as_task(number: str, lines: tuple[tuple[str, str], ...]) -> Any:
    return SimpleNamespace(parent_order_sn=number, order=KnownOrder(number, "4", None, lines))


@pytest.mark.parametrize("code", CODES)
def test_foreign_and_invented_orders_are_refused_and_the_others_have_their_packages(
    sandbox: Running, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_as_known", lambda task: task.order)
    mine, foreign = delivered_orders(sandbox, code, 0), delivered_orders(sandbox, code, 1)[0]
    asked = [*mine[:2], foreign, *mine[2:]]
    tasks = [as_task(one.external_id, tuple((line.external_id, "4") for line in one.lines)) for one in asked]
    tasks.append(as_task(INVENTED, ((INVENTED, "4"),)))
    connector, _ = connect(sandbox, code, 0)
    answers = asking.ask_for_packages(ShopConnection(connector, lambda token, _: token), tasks)
    assert (answers.error, answers.unasked) == (None, set())
    assert answers.refused.keys() == {foreign.external_id, INVENTED}
    assert all(reason.endswith(".") for reason in answers.refused.values())
    assert answers.found.keys() == {order.external_id for order in mine}
    for order in mine:
        packed = [line for package in answers.found[order.external_id] for line in package.pieces]
        assert set(packed) <= {line.external_id for line in order.lines}
    assert {number for record in answers.records for number in record.order_external_ids} == answers.found.keys()
