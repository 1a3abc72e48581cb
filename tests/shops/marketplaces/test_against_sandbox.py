"""Every connector against the sandbox: everything that a shop has is read, with its values, by the fewest calls.

Connector and sandbox share no code: both follow the marketplace's documentation, and a slip would have to be made twice
to stay unseen.
"""

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces import registry
from shops.marketplaces.contract import AppKeys, Connector, KnownOrder, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import OrderStatus, Resource, StatementRecord, Token, Window
from shops.sandbox.server import Running, start
from tests.shops.marketplaces.asking import ask_for_packages
from tests.shops.marketplaces.reading_all import read_all

Truth = dict[str, Any]
CODES = sorted(registry.MARKETPLACES)
OFFERED = [(code, resource) for code in CODES for resource in registry.find(code).connector.capabilities]
EPOCH = 1_785_571_200  # a fixed past moment, at which the world's clock stands still
EVERYTHING = Window(
    datetime.fromtimestamp(EPOCH, UTC) - timedelta(days=8), datetime.fromtimestamp(EPOCH, UTC) + timedelta(seconds=1)
)
# Every line of these is in a package with a number.
ON_THEIR_WAY = frozenset(
    {OrderStatus.AWAITING_COLLECTION, OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED, OrderStatus.COMPLETED}
)
MONEY = frozenset({"total_amount", "price", "refund_amount", "amount"})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start(port=0, seed=7, orders=120, shops=2, now=EPOCH) as running:
        ask(f"{running.control_url}/clock", {"mode": "frozen", "now": EPOCH})
        yield running


def ask(url: str, body: Mapping[str, Any] | None = None, method: str | None = None) -> bytes:
    sent = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, sent, method=method), timeout=20) as answer:
        read: bytes = answer.read()
        return read


def connect(running: Running, code: str, number: int) -> tuple[Connector, str]:
    """Connect one of the sandbox's shops; give its id beside the connector."""
    marketplaces = json.loads(ask(f"{running.control_url}/world"))["marketplaces"]
    assert code in marketplaces, f"The sandbox has no {code}: write shops/sandbox/{code}, name it in its server.py."
    known = marketplaces[code]
    shop = known["shops"][number]
    keys = AppKeys(known["app_key"], known["app_secret"], known["api_url"], known["auth_url"])
    token = Token(shop["access_token"], shop.get("refresh_token") or "")
    shop_keys = ShopKeys(shop["external_id"], shop.get("region") or "", shop.get("cipher") or "")
    build = registry.find(code).connector
    return build(keys, token, shop_keys, HttpClient(timeout_seconds=20), NoLimit(), time.time), shop["external_id"]


@pytest.mark.parametrize(("code", "resource"), OFFERED)
def test_everything_that_a_shop_has_is_read_as_it_is(sandbox: Running, code: str, resource: Resource) -> None:
    for number in (0, 1):
        connector, shop_id = connect(sandbox, code, number)
        records = read_all(connector, resource, EVERYTHING)
        statements = [record for record in records if isinstance(record, StatementRecord)]
        others = [record for record in records if not isinstance(record, StatementRecord)]
        name_statements(others, statements)
        kinds = [(resource.value, others)]
        kinds += [("statements", statements)] if connector.capabilities[resource].has_statements else []
        for kind, found in kinds:
            assert [problem for record in found for problem in record.problems] == []
            told = {record.external_id: tell(kind, record) for record in found}
            assert told == truth_of(sandbox, code, kind, shop_id), f"{kind} of {shop_id}"


@pytest.mark.parametrize("code", CODES)
def test_no_call_is_made_in_vain(sandbox: Running, code: str) -> None:
    ask(f"{sandbox.control_url}/calls", method="DELETE")
    connector, shop_id = connect(sandbox, code, 0)
    for resource in connector.capabilities:
        read_all(connector, resource, EVERYTHING)
    counted = json.loads(ask(f"{sandbox.control_url}/calls"))[code]["shops"][shop_id]
    made = sum(calls["ok"] + calls["refused"] + calls["throttled"] for calls in counted.values())
    needed = sum(calls["least_possible"] for calls in counted.values())
    assert made <= needed + max(5, needed * 2 // 100), counted


@pytest.mark.parametrize("code", CODES)
def test_known_orders_bring_their_packages_and_lines_by_the_fewest_calls(sandbox: Running, code: str) -> None:
    connector, shop_id = connect(sandbox, code, 1)
    orders = [one for one in read_all(connector, Resource.ORDERS, EVERYTHING) if one.status in ON_THEIR_WAY]
    ask(f"{sandbox.control_url}/calls", method="DELETE")
    packages = ask_for_packages(connector, *map(as_known, orders))
    counted = json.loads(ask(f"{sandbox.control_url}/calls"))[code]["shops"][shop_id]
    numbers, truth = {order.external_id for order in orders}, truth_of(sandbox, code, "shipments", shop_id)
    truth = {name: {**one, "events": []} for name, one in truth.items() if numbers & {*one["orders"]}}
    assert len(truth) > 20
    assert {one.external_id: tell("shipments", one) for one in packages} == truth
    assert {(one.events, one.problems) for one in packages} == {(None, ())}
    assert count_packed(packages, orders) == count_ordered(orders)
    lists, lines = -(-len(orders) // 50), sum(len(order.lines) for order in orders)
    expected = {"tiktok": lists + len(truth), "temu": lines, "shopee": lists + len(truth), "lazada": lists}
    assert sum(calls["ok"] for calls in counted.values()) == expected[code]
    assert sum(calls["least_possible"] for calls in counted.values()) == expected[code]


def as_known(order: Any) -> KnownOrder:
    lines = tuple((line.external_id, line.raw_status) for line in order.lines)
    return KnownOrder(order.external_id, order.raw_status, order.source_updated_at, lines)


def count_ordered(orders: Sequence[Any]) -> Counter[tuple[str, str]]:
    """Count the pieces of each order by sku: where it has a sku twice, no package tells which of the lines is in it."""
    pieces: Counter[tuple[str, str]] = Counter()
    for order in orders:
        for line in order.lines:
            pieces[order.external_id, line.sku_external_id] += line.quantity
    return pieces


def count_packed(packages: Sequence[Any], orders: Sequence[Any]) -> Counter[tuple[str, str]]:
    """Count the same by what packages say is in them; a package that several orders share names the lines alone."""
    owners = {line.external_id: (order.external_id, line.sku_external_id) for order in orders for line in order.lines}
    pieces: Counter[tuple[str, str]] = Counter()
    for content in (content for package in packages for content in package.contents):
        owner = owners.get(content["line"])
        if owner is not None:
            assert content["order"] in ("", owner[0])
            pieces[owner] += content["quantity"]
    return pieces


def name_statements(movements: list[Any], statements: list[StatementRecord]) -> None:
    """Name the statement of movements that tell its period alone, as whoever stores both does."""
    for movement in movements:
        if ends_on := movement.attributes.get("statement_period_ends_on"):
            earliest = datetime.fromisoformat(f"{ends_on}T12:00Z")
            latest = earliest + timedelta(days=7)
            fitting = [one for one in statements if earliest <= (one.source_updated_at or latest) < latest]
            movement.statement_external_id = fitting[0].external_id if len(fitting) == 1 else ""


def truth_of(running: Running, code: str, kind: str, shop_id: str) -> dict[str, Truth]:
    """Ask the sandbox what is true, in the form in which `tell` puts a record."""
    lines = ask(f"{running.control_url}/truth/{kind}?marketplace={code}&shop={shop_id}").splitlines()
    rows = [json.loads(line) for line in lines if line]
    return {row["id"]: alike({name: value for name, value in row.items() if name != "id"}) for row in rows}


def alike(value: Any, name: str = "") -> Any:
    """Bring values to one form: amounts as decimals, rows in a fixed order, what is not told as None."""
    if name == "fees":
        return {key: Decimal(amount) for key, amount in value.items() if Decimal(amount)}
    if isinstance(value, dict):
        return {key: alike(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((alike(inner) for inner in value), key=repr)
    if value is None or value == "":
        return None
    return Decimal(value) if name in MONEY else str(value) if name in ("status", "kind") else value


def tell(kind: str, record: Any) -> Truth:
    """Put a record in the words of the sandbox's truth."""
    return alike(TELLERS[kind](record))  # type: ignore[no-any-return]


def seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def tell_order(order: Any) -> Truth:
    return {
        "status": order.raw_status,
        "update_time": seconds(order.source_updated_at),
        "total_amount": order.total_amount,
        "currency": order.currency,
        "lines": [
            {"id": line.external_id, "sku_id": line.sku_external_id, "quantity": line.quantity, "price": line.price}
            for line in order.lines
        ],
    }


def tell_product(product: Any) -> Truth:
    return {
        "status": product.raw_status,
        "update_time": seconds(product.source_updated_at),
        "title": product.title,
        "skus": [
            {
                "id": sku.external_id,
                "seller_sku": sku.seller_sku,
                "price": sku.price,
                "currency": sku.currency,
                "stock": sku.stock_count,
            }
            for sku in product.skus
        ],
    }


def tell_shipment(shipment: Any) -> Truth:
    return {
        "orders": list(shipment.order_external_ids),
        "status": shipment.raw_status,
        "tracking_number": shipment.tracking_number,
        "carrier": shipment.carrier_name,
        "events": [{"time": seconds(event.happened_at), "text": event.text} for event in shipment.events or ()],
    }


def tell_return(case: Any) -> Truth:
    return {
        "order": case.order_external_id,
        "kind": case.raw_kind,
        "status": case.raw_status,
        "update_time": seconds(case.source_updated_at),
        "refund_amount": case.refund_amount,
        "currency": case.currency,
        "lines": [
            {
                "order_line": line.order_line_external_id,
                "sku_id": line.sku_external_id,
                "quantity": line.quantity,
                "refund_amount": line.refund_amount,
            }
            for line in case.lines
        ],
        "tracking_number": case.tracking_number,
    }


def tell_transaction(transaction: Any) -> Truth:
    return {
        "order": transaction.order_external_id,
        "kind": transaction.raw_kind,
        "amount": transaction.amount,
        "currency": transaction.currency,
        "time": seconds(transaction.source_updated_at),
        "statement": transaction.statement_external_id,
        "fees": dict(transaction.fees),
    }


def tell_statement(statement: Any) -> Truth:
    return {
        "amount": statement.amount,
        "currency": statement.currency,
        "time": seconds(statement.source_updated_at),
        "status": statement.raw_status,
    }


TELLERS: Mapping[str, Callable[[Any], Truth]] = {
    Resource.ORDERS: tell_order,
    Resource.PRODUCTS: tell_product,
    Resource.SHIPMENTS: tell_shipment,
    Resource.RETURNS: tell_return,
    Resource.TRANSACTIONS: tell_transaction,
    "statements": tell_statement,
}
