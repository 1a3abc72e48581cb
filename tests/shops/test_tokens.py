"""Token renewal: one at a time, and a stale writer loses."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from backoffice.common import clock
from shops.marketplaces import errors
from shops.marketplaces.records import Token
from shops.models import Shop, ShopCredential
from shops.tokens import as_token, open_connection, renew_token, store_token
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
STALE = Token("access-token", "refresh-token")


class TokenHost:
    """Gives each time another token, or the error it was made with."""

    def __init__(self, error: Exception | None = None, seconds: float = 0.0) -> None:
        self.token = STALE
        self.error = error
        self.seconds = seconds
        self.asked_with: list[str] = []

    def fetch_refreshed_token(self) -> Token:
        self.asked_with.append(self.token.refresh_token)
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        number = len(self.asked_with)
        return Token(f"access {number}", f"refresh {number}", clock.now() + timedelta(days=7), scopes=("orders",))


def renew(shop, host, stale=STALE):
    return renew_token(shop.pk, stale, host)


def test_a_fresh_token_is_asked_for_and_stored(shop):
    host = TokenHost()
    fresh = renew(shop, host)
    credential = ShopCredential.objects.get()
    assert fresh.access_token == "access 1"
    assert as_token(credential) == fresh
    assert (credential.version, host.asked_with) == (2, ["refresh-token"])


def test_who_comes_with_a_token_that_was_renewed_meanwhile_takes_the_stored_one(shop):
    host = TokenHost()
    renew(shop, host)
    assert renew(shop, host).access_token == "access 1"
    assert len(host.asked_with) == 1


def test_the_refresh_token_that_is_stored_is_used_not_the_one_in_memory(shop):
    ShopCredential.objects.update(refresh_token="stored by a person")
    host = TokenHost()
    renew(shop, host)
    assert host.asked_with == ["stored by a person"]


@pytest.mark.django_db(transaction=True)
def test_two_that_renew_at_once_ask_the_token_host_once_and_both_go_on():
    shop = make_shop()
    host, gate, got = TokenHost(seconds=0.1), threading.Barrier(2), []

    def work():
        try:
            gate.wait()
            got.append(renew(shop, host).access_token)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, len(host.asked_with)) == (["access 1"] * 2, 1)


def test_a_stale_writer_loses(shop):
    stale = ShopCredential.objects.get()
    store_token(ShopCredential.objects.get(), Token("newer", "newer"))
    store_token(stale, Token("older", "older"))
    assert (ShopCredential.objects.get().access_token, ShopCredential.objects.get().version) == ("newer", 2)


def test_what_the_token_host_does_not_say_stays(shop):
    ends_at = clock.now() + timedelta(days=300)
    ShopCredential.objects.update(refresh_token_expires_at=ends_at, scopes=["orders"])
    store_token(ShopCredential.objects.get(), Token("fresh"))
    credential = ShopCredential.objects.get()
    assert (credential.access_token, credential.refresh_token) == ("fresh", "refresh-token")
    assert (credential.refresh_token_expires_at, credential.scopes) == (ends_at, ["orders"])


@pytest.mark.parametrize("error", [errors.AuthorisationEnded, errors.TokenInvalid, errors.TokenExpired])
def test_a_refused_refresh_takes_the_shop_off_the_schedule(shop, error):
    with pytest.raises(errors.AuthorisationEnded):
        renew(shop, TokenHost(error("It is revoked.")))
    shop.refresh_from_db()
    assert shop.state == "needs_reauthorisation"
    assert shop.state_reason == f"It is revoked. {error.advice}"
    assert ShopCredential.objects.get().version == 1


@pytest.mark.parametrize("error", [errors.ServerError, errors.NetworkFailure, errors.Throttled, errors.BadRequest])
def test_a_token_host_that_is_out_of_order_says_nothing_about_the_authorisation(shop, error):
    with pytest.raises(error):
        renew(shop, TokenHost(error()))
    assert Shop.objects.get().state == "active"


def test_a_paused_shop_stays_paused_when_its_token_is_refused():
    shop = make_shop(state="paused")
    with pytest.raises(errors.AuthorisationEnded):
        renew(shop, TokenHost(errors.AuthorisationEnded()))
    assert Shop.objects.get().state == "paused"


@pytest.fixture
def connected(sandbox):
    shop = sandbox.connect()[0]
    sandbox.forget_calls()
    return shop


def set_end(shop, **left):
    ShopCredential.objects.filter(shop=shop).update(access_token_expires_at=clock.now() + timedelta(**left))
    return Shop.objects.get(pk=shop.pk)


@pytest.mark.parametrize("left", [{"seconds": -5}, {"seconds": 60}])
def test_a_token_close_to_its_end_is_renewed_before_it_is_used(sandbox, connected, left):
    before = connected.credential.access_token
    opened = open_connection(set_end(connected, **left))
    stored = ShopCredential.objects.get(shop=connected)
    assert opened.connector.token.access_token == stored.access_token == sandbox.shop_facts()["access_token"] != before
    assert stored.access_token_expires_at is not None
    assert stored.access_token_expires_at > clock.now() + timedelta(days=6)
    assert (sandbox.calls()["ok"], opened.counts.call_count) == (1, 1)


def test_a_token_with_time_left_or_of_unknown_end_is_used_as_it_is(sandbox, connected):
    open_connection(set_end(connected, minutes=5))
    ShopCredential.objects.update(access_token_expires_at=None)
    open_connection(Shop.objects.get(pk=connected.pk))
    assert sandbox.calls()["ok"] == 0
