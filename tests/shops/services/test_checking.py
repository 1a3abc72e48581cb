"""What is wrong with a connection is said in plain words, on every marketplace: one misconfiguration after another."""

import pytest
from cryptography.fernet import Fernet

from backoffice.common import clock
from shops.marketplaces import errors
from shops.models import MarketplaceApp, Shop, ShopCredential
from shops.services import check_shop
from shops.services.areas import find_area_fault
from shops.tokens import open_without_renewal
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
MARKETPLACES = ("tiktok", "temu", "shopee", "lazada")
everywhere = pytest.mark.parametrize("marketplace", MARKETPLACES)


@pytest.fixture
def connect(sandbox):
    """Connect a marketplace's shops, and put its switches back at the end."""
    before = sandbox.control("GET", "/switches")

    def connected(marketplace):
        sandbox.connect(marketplace)
        return Shop.objects.earliest("pk")

    yield connected
    for marketplace, switches in before.items():
        sandbox.switch(marketplace, **switches)


def check(shop):
    return check_shop(Shop.objects.get(pk=shop.pk))


def fault_of(shop):
    """The one line that is not well."""
    (fault,) = [step for step in check(shop) if not step.ok]
    return fault.text


@everywhere
def test_a_good_connection_passes_every_step(connect, marketplace):
    shop = connect(marketplace)
    before = ShopCredential.objects.values().first()
    assert [step for step in check(shop) if not step.ok] == []
    assert ShopCredential.objects.values().first() == before


@everywhere
@pytest.mark.parametrize(("change", "error"), [
    ({"app_secret": "another"}, errors.BadSignature),
    ({"app_key": "99999999"}, errors.BadAppKey),
    ({"api_url": "http://127.0.0.1:9"}, errors.NotReached),
])  # fmt: skip
def test_a_wrong_app_is_named(connect, waits, marketplace, change, error):
    shop = connect(marketplace)
    MarketplaceApp.objects.update(**change)
    assert error.advice in fault_of(shop)


@everywhere
@pytest.mark.parametrize("hours", [-3, 3])
def test_a_wrong_clock_is_named(connect, monkeypatch, marketplace, hours):
    shop = connect(marketplace)
    wrong = clock.unix_seconds() + hours * 3_600
    monkeypatch.setattr(clock, "unix_seconds", lambda: wrong)
    assert errors.ClockWrong.advice in fault_of(shop)


@everywhere
def test_a_token_that_has_ended_and_cannot_be_renewed_needs_the_seller(connect, marketplace):
    shop = connect(marketplace)
    ShopCredential.objects.update(access_token="ab" * 16, refresh_token="cd" * 16)
    assert errors.AuthorisationEnded.advice in fault_of(shop)
    assert Shop.objects.get(pk=shop.pk).state in ("needs_reauthorisation", "active")


@everywhere
def test_an_authorisation_that_the_seller_took_back_needs_the_seller(sandbox, connect, marketplace):
    shop = connect(marketplace)
    sandbox.switch(marketplace, revoked_shops=[shop.external_id])
    ShopCredential.objects.update(access_token="ab" * 16)  # Lazada's tokens live on until their end
    assert errors.AuthorisationEnded.advice in fault_of(shop)


def test_a_token_that_a_newer_one_replaced_needs_the_seller(sandbox, connect):
    shop = connect("temu")
    code = sandbox.control("POST", "/auth_codes", {"marketplace": "temu", "shop": shop.external_id})["auth_code"]
    open_without_renewal(shop).call(lambda connector: connector.fetch_token(code))
    assert errors.AuthorisationEnded.advice in fault_of(shop)


@pytest.mark.parametrize(("marketplace", "switch", "resource"), [
    ("tiktok", {"granted_scopes": ["seller.authorization.info", "seller.order.info", "seller.product.basic",
                                   "seller.return_refund.basic", "seller.fulfillment.basic"]}, "transactions"),
    ("temu", {"granted_scopes": ["bg.open.accesstoken.info.get", "bg.order.list.v2.get", "bg.local.goods.list.query",
                                 "bg.aftersales.cancel.list.get"]}, "returns"),
    ("lazada", {"forbidden_endpoints": ["products_get"]}, "products"),
])  # fmt: skip
def test_a_missing_scope_names_what_cannot_be_read_and_the_rest_is_tested_all_the_same(
    sandbox, connect, marketplace, switch, resource
):
    shop = connect(marketplace)
    sandbox.switch(marketplace, **switch)
    text = fault_of(shop)
    assert text.startswith(f"The shop's {resource} cannot be read.")
    assert errors.ScopeMissing.advice in text
    assert check(shop)[-1].name == "schedule"


@pytest.mark.parametrize(("marketplace", "address", "right"), [
    ("temu", "https://openapi-b-eu.temu.com", "https://openapi-b-us.temu.com"),
    ("shopee", "https://openplatform.shopee.com.br", "https://partner.shopeemobile.com"),
])  # fmt: skip
def test_the_address_of_another_area_is_named_before_anything_is_sent(connect, marketplace, address, right):
    shop = connect(marketplace)
    MarketplaceApp.objects.update(api_url=address)
    assert right in fault_of(shop)


@pytest.mark.parametrize(("region", "host", "is_wrong"), [
    ("US", "openapi-b-us.temu.com", False), ("DE", "openapi-b-eu.temu.com", False),
    ("MX", "openapi-b-global.temu.com", False), ("MX", "openapi-b-us.temu.com", True),
    ("US", "127.0.0.1:9102", False), ("", "openapi-b-us.temu.com", False),
])  # fmt: skip
def test_areas_of_temu(region, host, is_wrong):
    assert bool(find_area_fault("temu", f"https://{host}", region)) == is_wrong


@pytest.mark.parametrize("marketplace", ["tiktok", "temu"])
def test_a_token_of_another_shop_is_named(connect, marketplace):
    shop = connect(marketplace)
    other = ShopCredential.objects.exclude(shop=shop).get()
    ShopCredential.objects.filter(shop=shop).update(access_token=other.access_token)
    assert f"It reaches: {other.shop.external_id}." in fault_of(shop)


def test_a_wrong_cipher_is_named(connect):
    shop = connect("tiktok")
    ShopCredential.objects.update(cipher="another")
    assert fault_of(shop) == "The stored cipher is not the shop's present one. Connect the shop again."


@everywhere
@pytest.mark.parametrize("place", ["api_url", "auth_url", "consent_url"])
def test_an_address_that_is_not_allowed_is_named_before_anything_is_sent(sandbox, connect, marketplace, place):
    shop = connect(marketplace)
    MarketplaceApp.objects.update(**{place: "https://evil.com"})
    sandbox.forget_calls()
    assert "'https://evil.com' is not an address that credentials may be sent to" in fault_of(shop)
    assert sandbox.control("GET", "/calls")[marketplace]["total"]["ok"] == 0


def test_an_address_of_ours_that_the_marketplace_does_not_know_is_named(sandbox, connect):
    shop = connect("temu")
    sandbox.switch("temu", is_ip_refused=True)
    assert errors.AccessDenied.advice in fault_of(shop)


def test_a_credential_that_no_key_opens_is_named(connect, settings):
    shop = Shop.objects.defer("app").get(pk=connect("tiktok").pk)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    (step,) = check_shop(shop)
    assert (step.name, step.ok) == ("credential", False)
    assert "cannot be decrypted with the keys in CREDENTIAL_KEYS" in step.text


@everywhere
def test_a_quota_that_is_used_up_is_named_with_the_time_to_wait(sandbox, connect, waits, marketplace):
    shop = connect(marketplace)
    fault = {"kind": "throttled", "marketplace": marketplace, "retry_after": 300, "rate": 1.0}
    sandbox.control("POST", "/faults", fault)
    text = fault_of(shop)
    assert "Too many calls" in text
    assert ("It can be tried again in" in text) == (marketplace != "temu")  # which tells no time


def test_the_quota_of_a_day_is_named(sandbox, connect):
    shop = connect("shopee")
    sandbox.switch("shopee", daily_limit_reached=True)
    assert "Too many calls" in fault_of(shop)


def test_a_limit_of_ours_that_is_used_up_is_named(connect):
    shop = connect("tiktok")
    MarketplaceApp.objects.update(calls_per_day=1)
    check(shop)
    assert "Our own rate limit" in fault_of(shop) or "Held back" in fault_of(shop)


@pytest.mark.parametrize(("state", "words"), [
    ("paused", "the shop is paused by a person. Paused by Mai."),
    ("needs_reauthorisation", "the shop needs re-authorisation. Paused by Mai."),
])  # fmt: skip
def test_a_shop_that_is_off_the_schedule_is_named_although_its_connection_works(connect, state, words):
    shop = connect("tiktok")
    Shop.objects.filter(pk=shop.pk).update(state=state, state_reason="Paused by Mai.")
    assert words in fault_of(shop)


def test_a_disconnected_shop_is_told_to_connect():
    shop = make_shop(app=make_app(), state="disconnected", state_reason="Disconnected by Mai.")
    ShopCredential.objects.all().delete()
    assert fault_of(shop) == "The shop is disconnected. Disconnected by Mai. Connect it again."
