"""The connector against the stand-in that was written apart from it: what it brings is what the truth says."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.request import Request, urlopen

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import AppKeys, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.lazada.client import LazadaConnector
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import Resource, StatementRecord, Token, Window
from shops.sandbox.server import Running, start
from tests.shops.marketplaces.reading_all import read_all

Row = dict[str, Any]
BACK_TO = timedelta(days=20)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start(port=0, seed=5, orders=260, shops=2) as running:
        ask(running, "/clock", {"mode": "frozen"})  # else the truth of one call is not that of the next
        yield running


def ask(sandbox: Running, path: str, body: Row | None = None) -> bytes:
    sent = None if body is None else json.dumps(body).encode()
    answer: bytes = urlopen(Request(sandbox.control_url + path, data=sent)).read()
    return answer


def world(sandbox: Running) -> Row:
    found: Row = json.loads(ask(sandbox, "/world"))["marketplaces"]["lazada"]
    return found


def past(sandbox: Running) -> Window:
    """Give the window of everything up to the world's present second."""
    end = datetime.fromtimestamp(json.loads(ask(sandbox, "/clock"))["now"] + 1, UTC)
    return Window(end - BACK_TO, end)


def truth_of(sandbox: Running, kind: str, connector: LazadaConnector) -> list[Row]:
    rows = ask(sandbox, f"/truth/{kind}?marketplace=lazada&shop={connector.shop.external_id}").splitlines()
    return [json.loads(row) for row in rows]


def build(sandbox: Running, number: int, *, secret: str = "", access_token: str = "") -> LazadaConnector:
    told = world(sandbox)
    shop = told["shops"][number]
    keys = AppKeys(told["app_key"], secret or told["app_secret"], told["api_url"], told["auth_url"])
    token = Token(access_token or shop["access_token"], shop["refresh_token"])
    return LazadaConnector(keys, token, ShopKeys(shop["external_id"], shop["region"]), HttpClient(), NoLimit())


def seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def tell_order(record: Any) -> Row:
    return {
        "status": record.raw_status,
        "update_time": seconds(record.source_updated_at),
        "total_amount": record.total_amount,
        "currency": record.currency,
        "lines": {line.external_id: (line.sku_external_id, line.price) for line in record.lines},
    }


def tell_product(record: Any) -> Row:
    return {
        "status": record.raw_status,
        "update_time": seconds(record.source_updated_at),
        "title": record.title,
        "skus": {sku.external_id: (sku.seller_sku, sku.price, sku.currency, sku.stock_count) for sku in record.skus},
    }


def tell_shipment(record: Any) -> Row:
    return {
        "orders": list(record.order_external_ids),
        "status": record.raw_status,
        "tracking_number": record.tracking_number,
        "carrier": record.carrier_name,
        "events": sorted((seconds(event.happened_at), event.text) for event in record.events or ()),
    }


def tell_return(record: Any) -> Row:
    return {
        "order": record.order_external_id,
        "kind": record.raw_kind,
        "status": record.raw_status,
        "update_time": seconds(record.source_updated_at),
        "refund_amount": record.refund_amount,
        "currency": record.currency,
        "lines": {line.order_line_external_id: (line.sku_external_id, line.refund_amount) for line in record.lines},
        "tracking_number": record.tracking_number,
    }


def tell_transaction(record: Any) -> Row:
    return {
        "order": record.order_external_id,
        "kind": record.raw_kind,
        "amount": record.amount,
        "currency": record.currency,
        "time": seconds(record.source_updated_at),
        "fees": {name: Decimal(fee) for name, fee in record.fees.items()},
    }


OURS: dict[Resource, Callable[[Any], Row]] = {
    Resource.ORDERS: tell_order,
    Resource.PRODUCTS: tell_product,
    Resource.SHIPMENTS: tell_shipment,
    Resource.RETURNS: tell_return,
    Resource.TRANSACTIONS: tell_transaction,
}


def theirs(resource: Resource, row: Row) -> Row:
    """Give a row of the truth in the form of ours. The statement's number stands in no answer about transactions."""
    told = {key: value for key, value in row.items() if key not in ("id", "statement")}
    for key in ("total_amount", "refund_amount", "amount"):
        if key in told:
            told[key] = Decimal(told[key])
    if "skus" in told:
        told["skus"] = {
            sku["id"]: (sku["seller_sku"], Decimal(sku["price"]), sku["currency"], sku["stock"]) for sku in told["skus"]
        }
    if "events" in told:
        told["events"] = sorted((event["time"], event["text"]) for event in told["events"])
    if "fees" in told:
        told["fees"] = {name: Decimal(fee) for name, fee in told["fees"].items()}
    if resource is Resource.ORDERS:
        told["lines"] = {line["id"]: (line["sku_id"], Decimal(line["price"])) for line in told["lines"]}
    if resource is Resource.RETURNS:
        told["lines"] = {line["order_line"]: (line["sku_id"], Decimal(line["refund_amount"])) for line in told["lines"]}
    return told


@pytest.mark.parametrize("number", [0, 1], ids=["VN", "TH"])
@pytest.mark.parametrize("resource", Resource)
def test_brings_what_the_truth_says(sandbox: Running, resource: Resource, number: int) -> None:
    connector = build(sandbox, number)
    found = read_all(connector, resource, past(sandbox))
    records = [record for record in found if not isinstance(record, StatementRecord)]
    truth = {row["id"]: theirs(resource, row) for row in truth_of(sandbox, resource, connector)}
    assert truth
    assert {record.external_id: OURS[resource](record) for record in records} == truth
    assert [record.problems for record in found if record.problems] == []


def test_statements_come_beside_the_transactions(sandbox: Running) -> None:
    connector = build(sandbox, 1)
    found = read_all(connector, Resource.TRANSACTIONS, past(sandbox))
    ours = {record.external_id: record.amount for record in found if isinstance(record, StatementRecord)}
    assert ours == {row["id"]: Decimal(row["amount"]) for row in truth_of(sandbox, "statements", connector)}


def test_a_code_brings_a_token_that_names_its_shop_and_can_be_renewed(sandbox: Running) -> None:
    connector = build(sandbox, 1)
    asked = {"marketplace": "lazada", "shop": connector.shop.external_id}
    code = json.loads(ask(sandbox, "/auth_codes", asked))["auth_code"]
    connector.token = connector.fetch_token(code)
    assert connector.token.shop_external_ids == (connector.shop.external_id,)
    first_end = connector.token.refresh_token_expires_at
    connector.token = connector.fetch_refreshed_token()
    assert connector.token.refresh_token_expires_at == first_end
    assert [(shop.external_id, shop.region) for shop in connector.fetch_shops()] == [(connector.shop.external_id, "TH")]
    with pytest.raises(errors.AuthorisationEnded):
        connector.fetch_token(code)


def test_a_wrong_secret_and_a_dead_token_are_told_apart(sandbox: Running) -> None:
    with pytest.raises(errors.BadSignature):
        build(sandbox, 0, secret="another").fetch_shops()
    with pytest.raises(errors.TokenInvalid):
        build(sandbox, 0, access_token="50000none").fetch_shops()
