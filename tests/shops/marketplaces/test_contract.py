"""What every connector promises, asked of each marketplace in the registry.

Whoever adds one learns here what is missing: failures say in words what to add, and where. The same list to be read
beforehand is `docs/adding-a-marketplace.md`.
"""

import importlib.util
import inspect
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from shops.choices import Marketplace
from shops.forms import WORDS
from shops.management.commands.connect_shop import PARTS
from shops.marketplaces import errors, registry
from shops.marketplaces.base import BaseConnector, ResourceReader
from shops.marketplaces.contract import ANY_LENGTH, ASKED_ORDER, Connector, KnownOrder
from shops.marketplaces.rate_limit import NoLimit
from shops.marketplaces.records import OrderStatus, Resource, Stub, Token, Window
from shops.sandbox.server import MARKETPLACES as SANDBOXES
from shops.services.registering import first_limits
from tests.shops.marketplaces.building import SHOP, TOKEN, build
from tests.shops.marketplaces.samples import SAMPLES
from tests.shops.marketplaces.scripted_server import ScriptedServer

HERE = Path(__file__).parent
CODES = sorted(registry.MARKETPLACES)
OFFERED = [(code, resource) for code in CODES for resource in registry.find(code).connector.capabilities]
MODULES = {
    "client": "the calls, and one reader for each resource",
    "signing": "request parts and secret in, signature out",
    "mapping": "payloads into records",
    "errors": "the marketplace's codes into our errors",
    "webhooks": "push messages: verify, parse",
}
START = datetime(2026, 7, 31, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
# "All is well", in the words of every marketplace, but without what was asked for.
HOLLOW = {"code": 0, "error": "", "success": True, "errorCode": 1000000, "data": {}, "response": {}, "result": {}}


class Waiting(NoLimit):
    """A limit that has no room."""

    def acquire(self) -> float:
        return 3.0


def told(what: str, missing: Sequence[str]) -> str:
    """Put what is missing in words, whole: pytest shortens lists."""
    return f"{what}:\n" + "\n".join(f"  {one}" for one in missing)


@pytest.mark.parametrize("code", CODES)
def test_has_the_five_modules(code: str) -> None:
    missing = [
        f"shops/marketplaces/{code}/{name}: {purpose}"
        for name, purpose in MODULES.items()
        if not importlib.util.find_spec(f"shops.marketplaces.{code}.{name}")
    ]
    assert not missing, told("Write these, each a module or a package", missing)
    webhooks = importlib.import_module(f"shops.marketplaces.{code}.webhooks")
    for name in ("verify", "parse"):
        assert callable(getattr(webhooks, name, None)), f"shops/marketplaces/{code}/webhooks.py needs {name}()."


@pytest.mark.parametrize("code", CODES)
def test_has_tests_samples_and_sign_vectors(code: str) -> None:
    paths = (f"{code}/test_signing.py", f"{code}/test_errors.py", f"payloads/{code}/sign_vectors.json")
    missing = [path for path in paths if not (HERE / path).exists()]
    assert not missing, told("Add these to tests/shops/marketplaces", missing)
    assert code in SAMPLES, f"Add the payloads of {code} to tests/shops/marketplaces/samples.py."
    samples = SAMPLES[code]()
    unshown = [resource for resource in registry.find(code).connector.capabilities if not samples.get(resource)]
    assert not unshown, told(f"Add payloads of these to the samples of {code}", unshown)


@pytest.mark.parametrize("code", CODES)
def test_is_registered_with_addresses_and_can_be_chosen(code: str) -> None:
    entry = registry.find(code)
    assert entry.connector.marketplace == code, f"{entry.connector} calls itself {entry.connector.marketplace!r}."
    assert entry.label, f"{code} needs a label for people in registry.py."
    for name in ("api_url", "auth_url"):
        assert getattr(entry, name).startswith("https://"), f"The {name} of {code} in registry.py is no https address."
    assert code in Marketplace.values, f"Add {code} to Marketplace in shops/choices.py."


@pytest.mark.parametrize("code", CODES)
def test_is_known_wherever_a_marketplace_must_be(code: str) -> None:
    entry = registry.find(code)
    hosts = {urlsplit(url).hostname for url in (entry.api_url, entry.auth_url, entry.consent_url) if url}
    wanted = {
        "MARKETPLACE_HOSTS in backoffice/settings.py: its addresses": hosts <= {*settings.MARKETPLACE_HOSTS},
        "first_limits in shops/services/registering.py: the calls of a new app": has_first_limits(code),
        "WORDS in shops/forms.py: what it calls an app's key, and what its tokens need": code in WORDS,
        "PARTS in shops/management/commands/connect_shop.py: its variables": code in PARTS,
        "MARKETPLACES in shops/sandbox/server.py: its stand-in": code in {name for name, *_ in SANDBOXES},
    }
    missing = [place for place, is_known in wanted.items() if not is_known]
    assert not missing, told(f"Name {code} in these", missing)


def has_first_limits(code: str) -> bool:
    try:
        return bool(first_limits(code))
    except KeyError:
        return False


@pytest.mark.parametrize("code", CODES)
def test_has_every_method_of_the_contract_with_its_arguments(code: str) -> None:
    connector = type(build(code))
    promises = {n: one for n, one in inspect.getmembers(Connector, inspect.isfunction) if not n.startswith("_")}
    missing = [f"{name}{inspect.signature(one)}" for name, one in promises.items() if not hasattr(connector, name)]
    assert not missing, told(f"{connector.__name__} needs these; the contract says what each is for", missing)
    for name, promised in promises.items():
        offered = inspect.signature(getattr(connector, name)).parameters
        assert list(offered) == list(inspect.signature(promised).parameters), f"{code}: arguments of {name}()"


@pytest.mark.parametrize(("code", "resource"), OFFERED)
def test_capabilities_make_sense(code: str, resource: Resource) -> None:
    connector = build(code)
    offered = connector.capabilities[resource]
    assert offered.page_size > 0
    assert offered.longest_window >= timedelta(hours=1)
    assert offered.is_windowed or offered.longest_window == ANY_LENGTH, "a list without a window has no longest one"
    assert all(limit > 0 for limit in offered.details.values())
    assert offered.may_be_empty <= set(offered.details), "may_be_empty names a step that is not in details"
    assert offered.ids_limit >= 0
    assert offered.note.endswith("."), f"{code}, {resource}: say in a sentence or two how it is read (Capability.note)."
    assert len(offered.note) < 400


@pytest.mark.parametrize(("code", "resource"), OFFERED)
def test_readers_have_the_methods_that_their_capability_speaks_of(code: str, resource: Resource) -> None:
    connector = build(code)
    assert isinstance(connector, BaseConnector)
    offered, reader = connector.capabilities[resource], type(connector.readers[resource])
    has_details = reader.fetch_details is not ResourceReader.fetch_details
    has_ids = reader.fetch_by_ids is not ResourceReader.fetch_by_ids
    assert has_details == bool(offered.details), f"{code}, {resource}: fetch_details and Capability.details disagree."
    assert has_ids == bool(offered.ids_limit), f"{code}, {resource}: fetch_by_ids and Capability.ids_limit disagree."


@pytest.mark.parametrize("code", CODES)
def test_gives_orders_and_says_how_a_seller_lets_it_in(code: str) -> None:
    connector = build(code)
    assert Resource.ORDERS in connector.capabilities, "a connector gives orders at least"
    assert connector.authorisation.note.endswith(".")
    address = connector.authorisation_url("a state", "https://back.example/callback")
    assert bool(address) == connector.authorisation.is_redirect
    if connector.authorisation.returns_state and address:
        assert "state=a" in address


@pytest.mark.parametrize("code", CODES)
def test_without_a_refresh_token_only_the_seller_can_help(code: str, server: ScriptedServer) -> None:
    with pytest.raises(errors.AuthorisationEnded):
        build(code, server.url, token=Token("only an access token")).fetch_refreshed_token()
    assert server.requests == []


@pytest.mark.parametrize(("code", "resource"), OFFERED)
def test_plans_lists_that_differ(code: str, resource: Resource) -> None:
    planned = build(code).plan_lists(resource, DAY)
    assert planned, f"{code} plans no list for {resource}."
    assert all(query.resource == resource for query in planned)
    assert len(set(planned)) == len(planned), "two lists are the same"
    assert all(query.window.start <= DAY.start and DAY.end <= query.window.end for query in planned)


@pytest.mark.parametrize("code", CODES)
def test_searches_by_our_statuses(code: str) -> None:
    connector = build(code)
    assert Resource.ORDERS in connector.capabilities, "a connector gives orders at least"
    planned = {status: connector.plan_lists(Resource.ORDERS, DAY, status) for status in OrderStatus}
    assert planned[OrderStatus.AWAITING_SHIPMENT], "orders that wait for shipment can be searched for everywhere"
    assert planned[OrderStatus.UNKNOWN] == (), "there is no word for a status that we do not know"
    words = [query.raw_status for queries in planned.values() for query in queries]
    assert all(words), "a search for a status names its word"


@pytest.mark.parametrize(("code", "resource"), OFFERED)
@given(garbage=JSON)
def test_garbage_is_mapped_to_something(code: str, resource: Resource, garbage: Any) -> None:
    build(code).map_payload(resource, garbage)


@pytest.mark.parametrize(("code", "resource"), OFFERED)
@pytest.mark.parametrize("body", [{}, [], "x", HOLLOW, b"", b"<html>maintenance</html>", b'{"code": 0, "data": ['])
def test_no_broken_answer_passes_for_an_empty_list(
    server: ScriptedServer, code: str, resource: Resource, body: Any
) -> None:
    server.answer(body)
    connector = build(code, server.url)
    with pytest.raises(errors.MarketplaceError):
        connector.fetch_page(connector.plan_lists(resource, DAY)[0])
    assert len(server.requests) == 1


@pytest.mark.parametrize(("code", "resource"), OFFERED)
def test_details_are_bounded_and_garbage_in_a_stub_is_no_crash(
    server: ScriptedServer, code: str, resource: Resource
) -> None:
    connector = build(code, server.url)
    for step, limit in connector.capabilities[resource].details.items():
        stub = Stub("7495000000000000002", step, {})
        with pytest.raises(ValueError, match=f"at most {limit}"):
            connector.fetch_details(resource, [stub] * (limit + 1))
        server.answer(HOLLOW)
        try:
            page = connector.fetch_details(resource, [stub])
        except errors.MarketplaceError:
            continue
        assert page.unreadable, f"The {step} call of {code} took a hollow answer for one without {resource}."
    assert len(server.requests) <= len(connector.capabilities[resource].details)


@pytest.mark.parametrize("code", [code for code, resource in OFFERED if resource is Resource.SHIPMENTS])
def test_a_known_order_becomes_a_stub_of_its_packages_and_a_broken_answer_never_one_without(
    server: ScriptedServer, code: str
) -> None:
    connector = build(code, server.url)
    orders = [KnownOrder(number, "4", START, (("line", "4"),)) for number in ("7", "8")]
    stubs = connector.plan_packages(orders)
    assert server.requests == []
    assert [stub.external_id for stub in stubs] == [stub.payload[ASKED_ORDER] for stub in stubs] == ["7", "8"]
    assert {stub.source_updated_at for stub in stubs} == {None}, "an order's number is no package's: it is never spared"
    server.answer(HOLLOW)
    with pytest.raises(errors.MarketplaceError):
        connector.fetch_details(Resource.SHIPMENTS, stubs[:1])


@pytest.mark.parametrize("code", CODES)
def test_the_limit_is_asked_before_every_call(server: ScriptedServer, code: str) -> None:
    connector = build(code, server.url, limiter=Waiting())
    lists = [connector.plan_lists(resource, DAY)[0] for resource in connector.capabilities]
    calls: list[Callable[[], object]] = [connector.fetch_shops]
    calls += [partial(connector.fetch_page, query) for query in lists]
    for call in calls:
        with pytest.raises(errors.OwnLimitReached):
            call()
    assert server.requests == []


@pytest.mark.parametrize("code", CODES)
def test_a_server_that_repeats_our_secrets_does_not_spread_them(server: ScriptedServer, code: str) -> None:
    spoken = f"bad: a secret, {TOKEN.access_token}, {TOKEN.refresh_token}, {SHOP.cipher}"
    words = dict.fromkeys(("message", "msg", "errorMsg", "detail"), spoken)
    body = {**HOLLOW, **words, "code": "17", "error": "error_unheard_of", "errorCode": 17, "success": False}
    server.answer(body, status=400)
    with pytest.raises(errors.MarketplaceError) as caught:
        build(code, server.url).fetch_shops()
    for secret in ("a secret", TOKEN.access_token, TOKEN.refresh_token, SHOP.cipher):
        assert secret not in str(caught.value)


def test_an_unknown_marketplace_is_named_and_not_retried() -> None:
    with pytest.raises(errors.UnknownMarketplace, match="'amazon'; there are: tiktok") as caught:
        registry.find("amazon")
    assert caught.value.action is errors.Action.GIVE_UP
