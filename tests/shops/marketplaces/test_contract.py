"""What every connector promises, asked of each marketplace in the registry."""

import copy
import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shops.marketplaces import registry
from shops.marketplaces.contract import AppKeys, Connector
from shops.marketplaces.errors import Action, UnknownMarketplace
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import OrderRecord, OrderStatus, Token, UnreadableRecord
from tests.shops.marketplaces import payloads

SEARCH_PAGES = {"tiktok": "tiktok/order_search_vn"}
CODES = sorted(registry.MARKETPLACES)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


def build(code: str) -> Connector:
    keys = AppKeys("key", "secret", "http://127.0.0.1:1", "http://127.0.0.1:1")
    return registry.find(code).connector(keys, Token("token"), "shop", HttpClient(), NoLimit())


def orders(code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = payloads.load(SEARCH_PAGES[code])["data"]["orders"]
    return found


@pytest.mark.parametrize("code", CODES)
def test_has_everything_that_the_contract_names(code: str) -> None:
    connector = build(code)
    assert connector.marketplace == code
    assert connector.order_page_size > 0 < connector.order_details_limit
    for name, promised in inspect.getmembers(Connector, inspect.isfunction):
        if not name.startswith("_"):
            offered = inspect.signature(getattr(type(connector), name)).parameters
            assert list(offered) == list(inspect.signature(promised).parameters), name


@pytest.mark.parametrize("code", CODES)
def test_maps_its_own_orders_without_a_problem(code: str) -> None:
    for payload in orders(code):
        record = build(code).map_order(payload)
        assert isinstance(record, OrderRecord)
        assert record.is_valid
        assert record.payload == payload


@pytest.mark.parametrize("code", CODES)
@given(garbage=JSON)
def test_garbage_in_any_place_raises_nothing(code: str, garbage: Any) -> None:
    connector = build(code)
    for key in orders(code)[0]:
        payload = copy.deepcopy(orders(code)[0])
        payload[key] = garbage
        record = connector.map_order(payload)
        assert isinstance(record, OrderRecord | UnreadableRecord)


@pytest.mark.parametrize("code", CODES)
def test_translates_our_statuses_there_and_back(code: str) -> None:
    connector = build(code)
    words = {word: status for status in OrderStatus for word in connector.raw_statuses(status)}
    assert OrderStatus.AWAITING_SHIPMENT in words.values()
    assert connector.raw_statuses(OrderStatus.UNKNOWN) == ()


def test_an_unknown_marketplace_is_named_and_not_retried() -> None:
    with pytest.raises(UnknownMarketplace, match="'amazon'; there are: tiktok") as caught:
        registry.find("amazon")
    assert caught.value.action is Action.GIVE_UP
