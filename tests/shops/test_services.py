"""Connecting, checking, and where credentials may go."""

import pytest
from cryptography.fernet import Fernet

from shops.connections import AddressNotAllowed, ShopConnection, check_address
from shops.marketplaces import errors
from shops.marketplaces.contract import AppKeys
from shops.marketplaces.records import ShopRecord, Token
from shops.models import MarketplaceApp, Shop, ShopCredential
from shops.services import (
    AppSpec,
    check_shop,
    connect_app_and_shop,
    connect_shop,
    list_sandbox_shops,
    register_app,
)
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
API, AUTH = "https://open-api.tiktokglobalshop.com", "https://auth.tiktok-shops.com"


def spec(**changes):
    facts = {"marketplace": "tiktok", "app_key": "key", "app_secret": "secret", "api_url": API, "auth_url": AUTH}
    return AppSpec(**{**facts, **changes})


@pytest.mark.parametrize("url", [API, f"{API}/", f"{API}:443", "HTTPS://Open-Api.TikTokGlobalShop.com", AUTH])
def test_the_marketplaces_addresses_are_allowed(settings, url):
    settings.ALLOW_SANDBOX = False
    check_address(url)


TRICKS = [
    "http://open-api.tiktokglobalshop.com", "https://evil.com", "https://open-api.tiktokglobalshop.com.evil.com",
    "https://evilopen-api.tiktokglobalshop.com", "https://open-api.tiktokglobalshop.com@evil.com",
    "https://open-api.tiktokglobalshop.com:pw@evil.com", "https://user@open-api.tiktokglobalshop.com",
    "https://evil.com\\@open-api.tiktokglobalshop.com", "https://evil.com/https://open-api.tiktokglobalshop.com",
    "https://evil.com#open-api.tiktokglobalshop.com", "https://evil.com?open-api.tiktokglobalshop.com",
    "https://open-api.tiktokglobalshop.com:8443", "https://open-api.tiktokglobalshop.com:99999999",
    "https://open-api.tiktokglobalshop.com:x", "https://open-api.tiktokglobalshop.com\n.evil.com",
    "https://open-api.tiktokglobalshop.com\t.evil.com", "https://open-api.tiktokglobalshop.com?", " " + API, API + "\n",
    "https://open-api.tiktokglobalshop。com", "https://open-api.ti\u212atokglobalshop.com",
    "https://ｏpen-api.tiktokglobalshop.com", "https://[::1", "https://[::1]",
    "file:///etc/passwd", "ftp://open-api.tiktokglobalshop.com", "open-api.tiktokglobalshop.com", "https://", "", "://",
    "http://127.0.0.1.evil.com", "http://127.0.0.1@evil.com", "http://127.0.0.1\\@evil.com", "http://evil.com\\@127.0.0.1",
    "https://127.0.0.1", "http://localhost.evil.com", "http://127.0.0.2", "http://0.0.0.0", "http://2130706433",
]  # fmt: skip


@pytest.mark.parametrize("url", TRICKS)
def test_credentials_go_nowhere_else(settings, url):
    settings.ALLOW_SANDBOX = True
    with pytest.raises(AddressNotAllowed, match="is not an address that credentials may be sent to"):
        check_address(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9101", "http://localhost:9101/", "http://127.0.0.1"])
def test_the_sandbox_is_allowed_only_where_the_setting_says_so(settings, url):
    settings.ALLOW_SANDBOX = True
    check_address(url)
    settings.ALLOW_SANDBOX = False
    with pytest.raises(AddressNotAllowed):
        check_address(url)


def test_the_list_of_hosts_is_a_setting(settings):
    settings.MARKETPLACE_HOSTS = ["api.example.com"]
    check_address("https://api.example.com")
    with pytest.raises(AddressNotAllowed, match=r"Allowed are https addresses of api\.example\.com"):
        check_address(API)


@pytest.mark.parametrize("place", ["api_url", "auth_url"])
def test_an_app_with_a_forbidden_address_is_not_stored(place):
    with pytest.raises(AddressNotAllowed):
        register_app(spec(**{place: "https://evil.com"}))
    assert not MarketplaceApp.objects.exists()


def test_a_new_app_starts_with_the_marketplaces_limits(settings):
    settings.PLATFORM_RATE_LIMIT_TIKTOK = 77
    app = register_app(spec())
    assert (app.name, app.app_secret, app.api_url, app.auth_url) == ("TikTok Shop app", "secret", API, AUTH)
    assert (app.shop_calls_per_minute, app.calls_per_hour, app.calls_per_day) == (77, 1_000, 10_000)
    assert app.page_spacing_seconds == 1


def test_a_sandbox_app_has_no_limits():
    app = register_app(spec(has_limits=False, name="Sandbox"))
    limits = (app.shop_calls_per_minute, app.calls_per_hour, app.calls_per_day, app.page_spacing_seconds)
    assert (app.name, limits) == ("Sandbox", (0, 0, 0, 0))


def test_registering_again_replaces_secret_and_addresses_and_keeps_edited_limits():
    app = register_app(spec())
    MarketplaceApp.objects.update(calls_per_day=5, name="Ours")
    again = register_app(spec(app_secret="new secret", api_url=AUTH, name="Other"))
    assert (again.pk, again.app_secret, again.api_url) == (app.pk, "new secret", AUTH)
    assert (again.calls_per_day, again.name) == (5, "Ours")


def test_a_secret_that_no_key_can_read_is_replaced(settings):
    app = register_app(spec())
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert register_app(spec(app_secret="known again")).pk == app.pk
    assert MarketplaceApp.objects.get().app_secret == "known again"


@pytest.fixture
def app(sandbox):
    facts = sandbox.app
    urls = {"api_url": facts["api_url"], "auth_url": facts["auth_url"]}
    return register_app(spec(app_key=facts["app_key"], app_secret=facts["app_secret"], has_limits=False, **urls))


def token_of(sandbox, number=0):
    facts = sandbox.shop_facts(number)
    return Token(facts["access_token"], facts["refresh_token"])


def test_connecting_stores_the_shop_that_the_token_reaches(sandbox, app):
    facts = sandbox.shop_facts()
    shop = connect_shop(app, token_of(sandbox))
    assert (shop.external_id, shop.name, shop.region) == (facts["external_id"], facts["name"], facts["region"])
    assert (shop.currency, shop.timezone, shop.state) == (facts["currency"], facts["timezone"], "active")
    credential = ShopCredential.objects.get(shop=shop)
    assert (credential.access_token, credential.refresh_token) == (facts["access_token"], facts["refresh_token"])
    assert credential.cipher == facts["cipher"]


def test_a_mistyped_secret_replaces_none_that_works(sandbox, app, waits):
    mistyped = spec(app_key=app.app_key, app_secret="mistyped", api_url=app.api_url, auth_url=app.auth_url)
    with pytest.raises(errors.BadSignature):
        connect_app_and_shop(mistyped, token_of(sandbox))
    assert MarketplaceApp.objects.get(pk=app.pk).app_secret == app.app_secret


def test_connecting_again_leaves_a_shop_paused_that_a_person_paused(sandbox, app):
    connect_shop(app, token_of(sandbox))
    Shop.objects.update(state="paused", state_reason="Stock-taking.")
    again = connect_shop(app, token_of(sandbox))
    assert (again.state, again.state_reason) == ("paused", "Stock-taking.")


def test_connecting_again_keeps_the_row_and_its_edits_and_takes_the_new_credential(sandbox, app):
    shop = connect_shop(app, token_of(sandbox))
    Shop.objects.update(timezone="UTC", state="needs_reauthorisation", state_reason="It is revoked.")
    ShopCredential.objects.update(access_token="old")
    again = connect_shop(app, token_of(sandbox))
    again.refresh_from_db()
    assert (again.pk, again.timezone, again.state, again.state_reason) == (shop.pk, "UTC", "active", "")
    credential = ShopCredential.objects.get()
    assert (credential.access_token, credential.version) == (sandbox.shop_facts()["access_token"], 2)


def test_a_credential_that_no_key_can_read_is_replaced(sandbox, app, settings):
    connect_shop(app, token_of(sandbox))
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    MarketplaceApp.objects.update(app_secret=sandbox.app["app_secret"])
    connect_shop(MarketplaceApp.objects.get(), token_of(sandbox))
    assert ShopCredential.objects.get().access_token == sandbox.shop_facts()["access_token"]


@pytest.mark.parametrize("wanted", [{"external_id": "123"}, {"cipher": "another"}])
def test_an_unknown_shop_is_answered_with_what_the_token_reaches(sandbox, app, wanted):
    facts = sandbox.shop_facts()
    with pytest.raises(errors.UnknownShop) as error:
        connect_shop(app, token_of(sandbox), **wanted)
    assert f"reaches these shops: {facts['external_id']} ({facts['name']}, {facts['region']})" in str(error.value)
    assert not Shop.objects.exists()


class TwoShops:
    """A connector whose token reaches two shops."""

    def fetch_shops(self):
        return tuple(ShopRecord(number, f"Shop {number}", "VN", f"cipher {number}") for number in ("1", "2"))


@pytest.fixture
def two_shops(monkeypatch):
    connection = ShopConnection(TwoShops(), lambda stale, connector: stale)  # type: ignore[arg-type]
    monkeypatch.setattr("shops.services.connecting.build_connection", lambda *_, **__: connection)


@pytest.mark.parametrize("wanted", [{"external_id": "2"}, {"cipher": "cipher 2"}])
def test_of_several_shops_the_one_meant_is_connected(two_shops, wanted):
    shop = connect_shop(make_app(), Token("token"), **wanted)
    assert (shop.external_id, shop.credential.cipher) == ("2", "cipher 2")


@pytest.mark.parametrize("wanted", [{}, {"external_id": "1", "cipher": "cipher 2"}])
def test_of_several_shops_none_is_guessed(two_shops, wanted):
    with pytest.raises(errors.UnknownShop, match=r"1 \(Shop 1, VN\), 2 \(Shop 2, VN\)"):
        connect_shop(make_app(), Token("token"), **wanted)
    assert not Shop.objects.exists()


class OneShopInTwoRegions:
    """A connector whose token reaches one number in two regions, each with a cipher and a long name of its own."""

    capabilities: dict[str, object] = {}

    def fetch_shops(self):
        return tuple(ShopRecord("1", region * 150, region, f"cipher {region}") for region in ("VN", "TH"))


@pytest.fixture
def two_regions(monkeypatch):
    connection = ShopConnection(OneShopInTwoRegions(), lambda stale, connector: stale)  # type: ignore[arg-type]
    for name in ("connecting.build_connection", "checking.open_connection"):
        monkeypatch.setattr(f"shops.services.{name}", lambda *_, **__: connection)


@pytest.mark.parametrize("region", ["VN", "TH"])
def test_one_number_in_two_regions_is_two_shops(two_regions, region):
    shop = connect_shop(make_app(), Token("token"), cipher=f"cipher {region}")
    assert shop.region == region
    assert [step.text for step in check_shop(shop) if not step.ok] == []


def test_a_name_longer_than_its_column_is_cut(two_regions):
    assert connect_shop(make_app(), Token("token"), cipher="cipher VN").name == "VN" * 100


def test_secrets_are_in_no_text_that_an_error_page_or_a_log_may_show():
    keys = AppKeys("key", "hidden-1", API, AUTH)
    token = Token("hidden-2", "hidden-3")
    shop = ShopRecord("1", "name", "VN", cipher="hidden-4")
    assert "hidden" not in f"{keys!r} {token!r} {shop!r} {spec(app_secret='hidden-5')!r}"


def test_an_expired_token_is_renewed_while_connecting_and_the_new_one_is_stored(sandbox, app):
    old = token_of(sandbox)
    sandbox.fault("expired_token", endpoint="authorized_shops")
    connect_shop(app, old)
    credential = ShopCredential.objects.get()
    assert old.access_token != credential.access_token == sandbox.shop_facts()["access_token"]
    assert credential.access_token_expires_at is not None


def test_a_refused_token_connects_nothing(sandbox, app):
    with pytest.raises(errors.AuthorisationEnded):
        connect_shop(app, Token("nonsense", "nonsense"))
    assert not Shop.objects.exists()


@pytest.fixture
def shop(sandbox, app):
    return connect_shop(app, token_of(sandbox))


def test_sandbox_shops_are_those_whose_app_points_to_this_machine(shop):
    for url in (API, "http://127.0.0.1.evil.com:80"):
        make_shop(app__api_url=url)
    assert list(list_sandbox_shops()) == [shop]
