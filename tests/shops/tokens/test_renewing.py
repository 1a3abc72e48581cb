"""Token renewal: one at a time, and a stale writer loses."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from backoffice.common import clock
from shops.marketplaces import errors
from shops.marketplaces.records import Token
from shops.models import Shop, ShopCredential
from shops.tokens import (
    as_token,
    mark_needs_reauthorisation,
    open_connection,
    renew_token,
    renewing,
    store_kept_tokens,
    store_token,
)
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
STALE = Token("access-token", "refresh-token")


class TokenHost:
    """Gives each time another token, or the error it was made with."""

    def __init__(self, error: Exception | None = None, seconds: float = 0.0) -> None:
        self.token = STALE
        self.error = error
        self.seconds = seconds
        self.asked_with: list[str] = []
        self.noted_before_the_call: list[bool] = []

    def fetch_refreshed_token(self) -> Token:
        self.asked_with.append(self.token.refresh_token)
        began = ShopCredential.objects.values_list("renewal_began_at", flat=True).first()
        self.noted_before_the_call.append(began is not None)
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


def test_all_shops_of_one_authorisation_get_the_token_that_one_of_them_renewed(shop):
    other = make_shop(app=shop.app)
    ShopCredential.objects.filter(shop=other).update(authorisation=shop.credential.authorisation)
    host = TokenHost()
    renew(shop, host)
    assert renew(other, host).access_token == "access 1"
    assert len(host.asked_with) == 1


def test_all_shops_of_a_dead_authorisation_leave_the_schedule_and_no_other(shop):
    other, foreign = make_shop(app=shop.app), make_shop(app=shop.app)
    ShopCredential.objects.filter(shop=other).update(authorisation=shop.credential.authorisation)
    with pytest.raises(errors.AuthorisationEnded):
        renew(shop, TokenHost(errors.AuthorisationEnded("It is revoked.")))
    states = {one.pk: one.state for one in Shop.objects.all()}
    assert states == {shop.pk: "needs_reauthorisation", other.pk: "needs_reauthorisation", foreign.pk: "active"}


def test_a_renewal_brings_a_shop_back_onto_the_schedule():
    shop = make_shop(state="needs_reauthorisation", state_reason="It was refused.")
    renew(shop, TokenHost())
    shop.refresh_from_db()
    assert (shop.state, shop.state_reason) == ("active", "")


def test_a_refusal_is_no_matter_where_somebody_stored_a_new_token_meanwhile(shop):
    class Overtaken(TokenHost):
        def fetch_refreshed_token(self) -> Token:
            store_token(ShopCredential.objects.get(), Token("of a new authorisation", "its refresh token"))
            raise errors.AuthorisationEnded("The old one has ended.")

    assert renew(shop, Overtaken()).access_token == "of a new authorisation"
    assert Shop.objects.get().state == "active"


def test_a_token_that_was_replaced_meanwhile_takes_no_shop_off_the_schedule(shop):
    mark_needs_reauthorisation(shop.pk, errors.AuthorisationEnded("It has ended."), Token("an older one"))
    assert Shop.objects.get().state == "active"
    mark_needs_reauthorisation(shop.pk, errors.AuthorisationEnded("It has ended."), as_token(shop.credential))
    assert Shop.objects.get().state == "needs_reauthorisation"


def test_that_a_renewal_begins_is_stored_before_the_call_and_no_longer_after_it(shop):
    host = TokenHost()
    renew(shop, host)
    assert host.noted_before_the_call == [True]
    assert ShopCredential.objects.get().renewal_began_at is None


@pytest.mark.parametrize(("error", "stays"), [
    (errors.NetworkFailure, True), (errors.UnreadableAnswer, True), (errors.ServerError, True),
    (errors.Throttled, False), (errors.BadSignature, False),
])  # fmt: skip
def test_it_stays_noted_where_the_answer_may_have_been_lost(shop, error, stays):
    with pytest.raises(error):
        renew(shop, TokenHost(error()))
    assert (ShopCredential.objects.get().renewal_began_at is not None) == stays


def cut_off(shop):
    """As a process leaves it that is killed between the answer and the storing."""
    ShopCredential.objects.filter(shop=shop).update(renewal_began_at=clock.now() - timedelta(minutes=5))


def test_after_a_renewal_that_was_cut_off_the_old_refresh_token_is_tried_once_more(shop):
    cut_off(shop)
    host = TokenHost()
    assert renew(shop, host).access_token == "access 1"
    assert host.asked_with == ["refresh-token"]


@pytest.mark.parametrize(("marketplace", "explains"), [("shopee", True), ("lazada", False)])
def test_where_it_is_taken_only_once_the_reason_tells_that_an_answer_was_lost(marketplace, explains):
    shop = make_shop(app=make_app(marketplace=marketplace))
    cut_off(shop)
    with pytest.raises(errors.AuthorisationEnded):
        renew(shop, TokenHost(errors.AuthorisationEnded("Invalid refresh_token.")))
    reason = Shop.objects.get().state_reason
    assert ("no answer of it was stored" in reason) == explains
    assert "Invalid refresh_token." in reason
    assert errors.AuthorisationEnded.advice in reason


@pytest.fixture
def folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "tokens"


@pytest.fixture
def database_is_away(monkeypatch):
    def refuse(*_):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(renewing, "store_token", refuse)


def test_an_answer_that_the_database_does_not_take_is_used_and_kept_encrypted_for_this_account_only(
    shop, folder, database_is_away
):
    assert renew(shop, TokenHost()).access_token == "access 1"
    (file,) = folder.iterdir()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "access 1" not in file.read_text()
    assert "refresh 1" not in file.read_text()
    assert ShopCredential.objects.get().access_token == "access-token"


def test_the_next_renewal_finds_it_and_asks_nobody(shop, folder, database_is_away, monkeypatch):
    renew(shop, TokenHost())
    monkeypatch.setattr(renewing, "store_token", store_token)
    host = TokenHost()
    assert renew(shop, host).access_token == "access 1"
    assert host.asked_with == []
    assert ShopCredential.objects.get().refresh_token == "refresh 1"
    assert list(folder.iterdir()) == []


def test_the_sweep_stores_it_and_heals_a_shop_that_was_refused_meanwhile(shop, folder, database_is_away, monkeypatch):
    renew(shop, TokenHost())
    Shop.objects.update(state="needs_reauthorisation")
    monkeypatch.setattr(renewing, "store_token", store_token)
    assert store_kept_tokens() == 1
    assert ShopCredential.objects.get().access_token == "access 1"
    assert Shop.objects.get().state == "active"
    assert store_kept_tokens() == 0


def test_one_that_comes_after_a_newer_token_loses(shop, folder, database_is_away, monkeypatch):
    renew(shop, TokenHost())
    monkeypatch.setattr(renewing, "store_token", store_token)
    store_token(ShopCredential.objects.get(), Token("newer", "newer"))
    assert store_kept_tokens() == 0
    assert ShopCredential.objects.get().access_token == "newer"
    assert list(folder.iterdir()) == []


def test_one_that_no_key_opens_stays_and_stops_nothing(shop, folder, database_is_away, monkeypatch):
    renew(shop, TokenHost())
    monkeypatch.setattr(renewing, "store_token", store_token)
    (file,) = folder.iterdir()
    file.write_text("nonsense")
    assert renew(shop, TokenHost()).access_token == "access 1"
    assert file.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_asked_inside_of_a_transaction_that_could_undo_the_storing():
    shop, host = make_shop(), TokenHost()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        renew(shop, host)
    assert host.asked_with == []


@pytest.mark.django_db(transaction=True)
def test_the_answer_stands_in_the_database_whatever_fails_after_it():
    shop = make_shop()
    with pytest.raises(ZeroDivisionError):
        renew(shop, TokenHost())
        raise ZeroDivisionError
    connection.close()
    assert ShopCredential.objects.get().access_token == "access 1"


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
