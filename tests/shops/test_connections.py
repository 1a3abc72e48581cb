"""How a call is made until it succeeds: tries, waits, token renewals, counts."""

from uuid import uuid4

import pytest

from shops.connections import (
    MOST_RENEWALS,
    AddressNotAllowed,
    CallCounts,
    Postponed,
    ShopConnection,
    build_connection,
    open_connection,
)
from shops.marketplaces import errors
from shops.marketplaces.contract import ShopKeys
from shops.marketplaces.http import CallReport
from shops.marketplaces.rate_limit import Lane, NoLimit, RedisRateLimiter
from shops.marketplaces.records import Token
from tests.factories.shops import make_app, make_shop


class Connector:
    token = Token("first")


class Caller:
    """A connection whose calls end as the script says."""

    def __init__(self, *script):
        self.script = list(script)
        self.made = 0
        self.tokens: list[str] = []
        self.renewed: list[str] = []
        self.connection = ShopConnection(Connector(), self.renew)  # type: ignore[arg-type]

    def renew(self, stale, connector):
        self.renewed.append(stale.access_token)
        return Token(f"{stale.access_token}+")

    def ask(self, connector):
        self.made += 1
        self.tokens.append(connector.token.access_token)
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def call(self):
        return self.connection.call(self.ask)


@pytest.fixture(autouse=True)
def rules(settings, monkeypatch):
    settings.MAX_REQUEST_RETRIES, settings.REQUEST_BACKOFF_SECONDS = 3, 2
    monkeypatch.setattr("shops.connections.random.random", lambda: 1.0)


def test_a_call_that_succeeds_is_made_once(waits):
    caller = Caller("answer")
    assert (caller.call(), caller.made, waits) == ("answer", 1, [])


@pytest.mark.parametrize(
    "error", [errors.ServerError, errors.NetworkFailure, errors.UnreadableAnswer, errors.Throttled]
)
def test_what_may_pass_is_tried_again_after_growing_waits(waits, error):
    caller = Caller(error(), error(), error(), "answer")
    assert (caller.call(), caller.made, waits) == ("answer", 4, [2, 4, 8])


def test_the_last_try_raises_and_does_not_wait(waits):
    caller = Caller(*[errors.ServerError(f"try {n}") for n in (1, 2, 3, 4)])
    with pytest.raises(errors.ServerError, match="try 4"):
        caller.call()
    assert (caller.made, waits) == (4, [2, 4, 8])


def test_every_call_has_its_own_tries(waits):
    caller = Caller(errors.ServerError(), errors.ServerError(), "one", errors.ServerError(), "two")
    assert (caller.call(), caller.call(), waits) == ("one", "two", [2, 4, 2])


@pytest.mark.parametrize("error", [errors.BadSignature, errors.ScopeMissing, errors.AuthorisationEnded, errors.Refused])
def test_what_cannot_succeed_is_tried_once(waits, error):
    caller = Caller(error())
    with pytest.raises(error):
        caller.call()
    assert (caller.made, waits) == (1, [])


def test_a_longer_wait_that_the_marketplace_asks_for_is_kept(waits):
    assert Caller(errors.Throttled(retry_after_seconds=9), "answer").call() == "answer"
    assert waits == [9]


def test_a_wait_that_is_too_long_to_sleep_postpones_the_work(waits):
    caller = Caller(errors.Throttled("Too many calls.", retry_after_seconds=11))
    with pytest.raises(Postponed) as postponed:
        caller.call()
    assert (postponed.value.seconds, postponed.value.reason, waits) == (11, "Too many calls.", [])
    assert str(postponed.value) == "Too many calls. It can be tried again in 11 seconds."


def test_our_own_waits_between_tries_never_postpone_the_work(waits, settings):
    settings.REQUEST_BACKOFF_SECONDS = 100
    caller = Caller(errors.ServerError(), errors.ServerError(), "answer")
    assert (caller.call(), waits) == ("answer", [10, 10])


def test_a_call_that_our_own_limit_held_back_is_no_try(waits):
    held_back = [errors.OwnLimitReached(retry_after_seconds=3)] * 10
    caller = Caller(*held_back, errors.ServerError(), errors.ServerError(), errors.ServerError(), "answer")
    assert caller.call() == "answer"
    assert waits == [3] * 10 + [2, 4, 8]


def test_a_call_that_is_held_back_again_and_again_lets_the_worker_go_for_a_while(waits):
    caller = Caller(*[errors.OwnLimitReached("Held back.", retry_after_seconds=4)] * 10)
    with pytest.raises(Postponed) as postponed:
        caller.call()
    assert (postponed.value.seconds, sum(waits)) == (10, 28)
    caller.script[:0] = ["another call"]
    assert caller.call() == "another call"


def test_the_seconds_slept_are_counted(waits):
    caller = Caller(errors.OwnLimitReached(retry_after_seconds=3), errors.ServerError(), "answer")
    caller.call()
    assert caller.connection.counts.take()["wait_seconds"] == 3 + 2
    assert caller.connection.counts.wait_seconds == 0


def test_the_lease_is_kept_between_any_two_waits(waits):
    caller = Caller(*[errors.OwnLimitReached(retry_after_seconds=9)] * 3, "answer")
    caller.connection.on_attempt = lambda: waits.append("kept")
    caller.call()
    assert waits == ["kept", 9, "kept", 9, "kept", 9, "kept"]


def test_a_long_wait_for_our_own_limit_postpones_the_work(waits):
    with pytest.raises(Postponed):
        Caller(errors.OwnLimitReached(retry_after_seconds=3600)).call()
    assert waits == []


@pytest.mark.parametrize("error", [errors.TokenExpired, errors.TokenInvalid])
def test_a_refused_token_is_renewed_and_the_call_made_again(waits, error):
    caller = Caller(error(), "answer")
    assert caller.call() == "answer"
    assert (caller.tokens, caller.renewed, waits) == (["first", "first+"], ["first"], [])


def test_a_token_that_is_refused_again_and_again_is_given_up(waits):
    caller = Caller(*[errors.TokenInvalid("No.") for _ in range(10)])
    with pytest.raises(errors.TokenInvalid, match="No"):
        caller.call()
    assert (len(caller.renewed), caller.made) == (MOST_RENEWALS, MOST_RENEWALS + 1)


def test_a_renewal_takes_no_try_from_the_call(waits):
    caller = Caller(errors.TokenExpired(), *[errors.ServerError()] * 3, "answer")
    assert caller.call() == "answer"


def test_a_renewal_that_meets_a_passing_fault_is_tried_again(waits):
    caller = Caller(errors.TokenExpired(), "answer")
    renew, faults = caller.connection.renew_token, [errors.ServerError()]

    def stumble(stale, connector):
        if faults:
            raise faults.pop()
        return renew(stale, connector)

    caller.connection.renew_token = stumble
    assert caller.call() == "answer"


def test_a_renewal_that_fails_ends_the_call(waits):
    caller = Caller(errors.TokenExpired())

    def refuse(stale, connector):
        raise errors.AuthorisationEnded("Gone.")

    caller.connection.renew_token = refuse
    with pytest.raises(errors.AuthorisationEnded):
        caller.call()


def test_what_must_be_done_before_each_attempt_is_done(waits):
    attempts = []
    caller = Caller(errors.ServerError(), errors.TokenExpired(), "answer")
    caller.connection.on_attempt = lambda: attempts.append(caller.made)
    caller.call()
    assert attempts == [0, 1, 2]


def test_an_error_that_is_no_marketplaces_passes_through(waits):
    with pytest.raises(KeyError):
        Caller(KeyError("bug")).call()


def test_counts_are_taken_once():
    counts = CallCounts()
    counts.add(CallReport("GET", "", "", "", 200, 0.5, 100, True))
    counts.add(CallReport("GET", "", "", "", 500, 0.25, 10, False))
    taken = {"call_count": 2, "failed_call_count": 1, "call_seconds": 0.75, "received_bytes": 110, "wait_seconds": 0}
    assert counts.take() == taken
    assert counts.take() == dict.fromkeys(taken, 0)


@pytest.mark.django_db
def test_an_app_without_limits_is_not_limited():
    connection = build_connection(make_app(), Token("t"), lambda stale, connector: stale)
    assert isinstance(connection.connector.limiter, NoLimit)  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_apps_numbers_are_its_limits(waits):
    app = make_app(app_key=uuid4().hex, shop_calls_per_minute=2, calls_per_hour=3)  # the counters outlive the test
    one, other = (
        build_connection(app, Token("t"), lambda stale, connector: stale, shop=ShopKeys(shop)).connector.limiter  # type: ignore[attr-defined]
        for shop in ("one", "other")
    )
    assert isinstance(one, RedisRateLimiter)
    assert [one.acquire() > 0 for _ in range(3)] == [False, False, True]
    assert [other.acquire() > 0 for _ in range(2)] == [False, True]


@pytest.mark.django_db
def test_each_lane_has_its_share_of_the_apps_limits(settings):
    settings.RATE_LIMIT_HIGH_PERCENT = 75
    settings.RATE_LIMIT_INCREMENTAL_PERCENT, settings.RATE_LIMIT_BACKFILL_PERCENT = 50, 25
    shop = make_shop(app=make_app(app_key=uuid4().hex, calls_per_hour=8))
    passed = []
    for lane in sorted(Lane, reverse=True):
        limiter = open_connection(shop, lambda stale, connector: stale, lane).connector.limiter  # type: ignore[attr-defined]
        passed.append([limiter.acquire() == 0 for _ in range(3)].count(True))
    assert passed == [2, 2, 2, 2]
    assert limiter.acquire() > 0


@pytest.mark.django_db
def test_a_refusal_that_does_not_say_how_long_holds_back_all_workers_of_the_shop(sandbox):
    shop, _ = sandbox.connect()
    shop.app.calls_per_hour = 1_000
    first, second = (open_connection(shop, lambda stale, connector: stale) for _ in range(2))
    sandbox.fault("throttled_silent")
    with pytest.raises(errors.Throttled):
        first.connector.fetch_shops()
    assert second.connector.limiter.acquire() > 0  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_connection_knows_the_scopes_of_its_token():
    shop = make_shop()
    shop.credential.scopes = ["bg.order.list.v2.get"]
    token = open_connection(shop, lambda stale, connector: stale).connector.token
    assert token.scopes == ("bg.order.list.v2.get",)  # else what was never granted is asked for again in every run


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["api_url", "auth_url"])
def test_no_connection_is_opened_to_an_address_that_is_not_allowed(settings, place):
    settings.ALLOW_SANDBOX = True
    shop = make_shop()
    setattr(shop.app, place, "https://evil.com")
    with pytest.raises(AddressNotAllowed, match="evil"):
        open_connection(shop, lambda stale, connector: stale)


@pytest.mark.parametrize("error", [errors.ServerError, errors.NetworkFailure, errors.UnreadableAnswer])
def test_what_must_not_happen_twice_is_not_repeated_where_it_may_have_happened(waits, error):
    caller = Caller(error(), "never asked for")
    with pytest.raises(error):
        caller.connection.call(caller.ask, once=True)
    assert (caller.made, waits) == (1, [])


def test_what_must_not_happen_twice_is_repeated_where_it_certainly_did_not_happen(waits):
    refusals = (errors.Throttled(), errors.OwnLimitReached(retry_after_seconds=1), errors.NotReached())
    caller = Caller(*refusals, errors.TokenExpired(), "answer")
    assert caller.connection.call(caller.ask, once=True) == "answer"
    assert caller.made == 5


def test_a_renewal_may_be_repeated_whatever_waits_for_it(waits):
    caller = Caller(errors.TokenExpired(), "answer")
    renewals = [errors.ServerError(), Token("renewed")]

    def renew(stale, connector):
        step = renewals.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    caller.connection.renew_token = renew
    assert caller.connection.call(caller.ask, once=True) == "answer"
    assert caller.tokens == ["first", "renewed"]
