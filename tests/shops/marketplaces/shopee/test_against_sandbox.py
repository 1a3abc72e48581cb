"""What only Shopee has, against the stand-in that was written apart from the connector."""

import dataclasses
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from urllib.request import build_opener, urlopen

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import AppKeys, Capability, ShopKeys
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import Resource, Token, Window
from shops.marketplaces.shopee.client import ShopeeConnector
from shops.marketplaces.shopee.client.products import ProductReader
from shops.marketplaces.shopee.client.transactions import TransactionReader
from shops.sandbox.server import Running, start
from tests.shops.marketplaces.reading_all import read_all

EPOCH = 1_785_571_200  # a fixed past moment
END = datetime.fromtimestamp(EPOCH, UTC)
WEEK = Window(END - timedelta(days=8), END)


class ManyAtOnce(TransactionReader):
    capability: ClassVar[Capability] = dataclasses.replace(TransactionReader.capability, details={"escrow": 20})


class PostedManyAtOnce(ManyAtOnce):
    is_batch_posted: ClassVar[bool] = True


class Shallow(ProductReader):
    deepest_offset: ClassVar[int] = 3


class Switched(ShopeeConnector):
    reader_classes: ClassVar[Any] = (Shallow, ManyAtOnce)
    capabilities = {**ShopeeConnector.capabilities, Resource.TRANSACTIONS: ManyAtOnce.capability}


class SwitchedToPost(Switched):
    reader_classes: ClassVar[Any] = (Shallow, PostedManyAtOnce)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start(port=0, seed=3, orders=300, shops=1, now=EPOCH) as running:
        yield running


def connect(sandbox: Running, kind: type[ShopeeConnector] = ShopeeConnector, secret: str = "") -> ShopeeConnector:
    told = json.loads(urlopen(f"{sandbox.control_url}/world").read())["marketplaces"]["shopee"]
    shop = told["shops"][0]
    url = told["api_url"]
    keys = AppKeys(told["app_key"], secret or told["app_secret"], url, url, url)
    token = Token(shop["access_token"], shop["refresh_token"])
    shop_keys = ShopKeys(shop["external_id"], shop["region"])
    return kind(keys, token, shop_keys, HttpClient(), NoLimit())


def test_a_refresh_token_works_once(sandbox: Running) -> None:
    connector = connect(sandbox)
    fresh = connector.fetch_refreshed_token()
    with pytest.raises(errors.AuthorisationEnded):
        connector.fetch_refreshed_token()
    connector.token = fresh
    assert connector.fetch_shops()[0].external_id == connector.shop.external_id
    connector.token = connector.fetch_refreshed_token()
    assert connector.fetch_shops()[0].authorised_until is not None


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_seller_comes_back_with_a_code_and_our_state(sandbox: Running, is_signed: bool) -> None:
    class Consent(ShopeeConnector):
        is_consent_link_signed = is_signed

    connector = connect(sandbox, Consent)
    page = connector.authorisation_url("our state", f"{sandbox.control_url}/world?back=1")
    with build_opener().open(f"{page}&shop={connector.shop.external_id}") as answer:
        back = {name: value for name, (value,) in parse_qs(urlsplit(answer.url).query).items()}
    assert (back["back"], back["state"], back["shop_id"]) == ("1", "our state", connector.shop.external_id)
    token = connector.fetch_token(back["code"], back["shop_id"])
    assert token.shop_external_ids == (connector.shop.external_id,)
    with pytest.raises(errors.AuthorisationEnded):
        connector.fetch_token(back["code"], back["shop_id"])


@pytest.mark.parametrize("kind", [Switched, SwitchedToPost])
def test_many_escrows_at_once_are_the_same_escrows(sandbox: Running, kind: type[ShopeeConnector]) -> None:
    one_by_one = read_all(connect(sandbox), Resource.TRANSACTIONS, WEEK)
    at_once = read_all(connect(sandbox, kind), Resource.TRANSACTIONS, WEEK)
    assert len(one_by_one) > 20
    assert at_once == one_by_one


def test_a_list_read_in_halves_is_the_same_list(sandbox: Running) -> None:
    whole = read_all(connect(sandbox), Resource.PRODUCTS, WEEK)
    halved = read_all(connect(sandbox, Switched), Resource.PRODUCTS, WEEK)
    assert len(whole) > Shallow.deepest_offset
    assert sorted(halved, key=lambda one: one.external_id) == sorted(whole, key=lambda one: one.external_id)


def test_what_is_wrong_is_named_as_such(sandbox: Running) -> None:
    with pytest.raises(errors.BadSignature):
        connect(sandbox, secret="another").fetch_shops()
    late = connect(sandbox)
    late.clock = lambda: time.time() - 400
    with pytest.raises(errors.ClockWrong):
        late.fetch_shops()
    stranger = connect(sandbox)
    stranger.token = Token("another token")
    with pytest.raises(errors.TokenInvalid):
        stranger.fetch_shops()
    too_long = Window(END - timedelta(days=16), END)
    connector = connect(sandbox)
    with pytest.raises(errors.BadRequest):
        connector.fetch_page(connector.plan_lists(Resource.ORDERS, too_long)[0])
