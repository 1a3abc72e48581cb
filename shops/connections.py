"""Opens a shop's connector and makes its calls: waits, retries, renews the token, counts.

The connectors decide nothing about waiting; `retry.decide` says whether and when; here is the sleeping.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from django.conf import settings

from backoffice.common import clock
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.redis import client as redis_client
from shops.marketplaces import registry
from shops.marketplaces.contract import AppKeys, Connector, ShopKeys
from shops.marketplaces.errors import Action, MarketplaceError, OwnLimitReached
from shops.marketplaces.http import CallReport, HttpClient
from shops.marketplaces.rate_limit import Lane, NoLimit, OwnWindows, RateLimiter, RedisRateLimiter
from shops.marketplaces.records import Token
from shops.marketplaces.retry import RetryPolicy, decide
from shops.models import MarketplaceApp, Shop, ShopCredential
from shops.queries import get_lane_percent, list_limits

# Longer waits put the work back with a due time instead of holding a worker; so do short ones that come to more than
# this in one call, as where other lanes take every call that becomes free.
LONGEST_SLEEP_SECONDS = 10
MOST_SLEEP_SECONDS = 30

NO_SHOP = ShopKeys()
MOST_RENEWALS = 2  # of the token within one call; a token refused after that is no matter of its age

AnswerT = TypeVar("AnswerT")
# Gets the token that failed and the connector that can ask for a new one; returns the token to go on with.
RenewToken = Callable[[Token, Connector], Token]


# Scheme, host and port, and nothing else: libraries disagree on where the host ends in addresses with user names or
# backslashes, so that one which is checked here could be called elsewhere.
_PLAIN_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?/?", re.I | re.A)


class AddressNotAllowed(NotPossible):
    """An app's address is not on the list of hosts that credentials may be sent to."""


class NoCredential(NotPossible):
    """A shop that was disconnected, so that nothing opens it."""


class Postponed(BackofficeError):
    """The next call may only be made later than a worker should sleep."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(f"{reason} It can be tried again in {seconds:.0f} seconds.")
        self.seconds = seconds
        self.reason = reason


@dataclass
class CallCounts:
    """Calls, and the seconds slept before them, since the counts were last taken."""

    call_count: int = 0
    failed_call_count: int = 0
    call_seconds: float = 0.0
    received_bytes: int = 0
    wait_seconds: float = 0.0

    def add(self, report: CallReport) -> None:
        """Count one call; the observer that the HTTP client reports to."""
        self.call_count += 1
        self.failed_call_count += not report.ok
        self.call_seconds += report.seconds
        self.received_bytes += report.received_bytes

    def take(self) -> dict[str, float]:
        """Return the counts and start again from zero."""
        taken = dict(self.__dict__)
        self.__init__()  # type: ignore[misc]
        return taken


@dataclass
class ShopConnection:
    """A connector with everything around it that makes a call succeed."""

    connector: Connector
    renew_token: RenewToken
    counts: CallCounts = field(default_factory=CallCounts)
    on_attempt: Callable[[], None] = lambda: None
    announce: Callable[[str], None] = lambda purpose: None

    def call(self, ask: Callable[[Connector], AnswerT], *, once: bool = False) -> AnswerT:
        """Make one call until it succeeds; raises MarketplaceError if it cannot, Postponed if it should wait long.

        With `once` it is not repeated where it may have been executed: `retry.is_in_doubt` says so of the error.
        """
        policy = RetryPolicy(settings.MAX_REQUEST_RETRIES, settings.REQUEST_BACKOFF_SECONDS, LONGEST_SLEEP_SECONDS)
        attempt, renewals, is_stale, held_back_seconds = 1, 0, False, 0.0
        while True:
            try:
                self.on_attempt()
                if is_stale:
                    self.connector.token = self.renew_token(self.connector.token, self.connector)
                    is_stale = False
                return ask(self.connector)
            except MarketplaceError as error:
                if error.action == Action.REFRESH_TOKEN and renewals < MOST_RENEWALS:
                    renewals, is_stale = renewals + 1, True
                    continue
                decision = decide(error, attempt, policy, random.random, once=once and not is_stale)
                if not decision.retry:
                    raise
                if isinstance(error, OwnLimitReached):
                    held_back_seconds += decision.wait_seconds
                else:
                    attempt += 1
                self._wait(decision.wait_seconds, held_back_seconds, error)

    def _wait(self, seconds: float, held_back_seconds: float, error: MarketplaceError) -> None:
        """Sleep, or leave the work for later; a worker that was held back for long turns to other work for a while."""
        if seconds > LONGEST_SLEEP_SECONDS:
            raise Postponed(seconds, str(error)) from error
        if held_back_seconds > MOST_SLEEP_SECONDS:
            raise Postponed(LONGEST_SLEEP_SECONDS, str(error)) from error
        self.counts.wait_seconds += seconds
        clock.sleep(seconds)


def check_address(url: str) -> None:
    """Refuse an address that credentials must not be sent to; raises AddressNotAllowed.

    Otherwise whoever may edit an app could send its tokens anywhere.
    """
    plain = _PLAIN_ADDRESS.fullmatch(url)
    if plain:
        scheme, host, port = plain["scheme"].lower(), plain["host"].lower(), plain["port"]
        if settings.ALLOW_SANDBOX and scheme == "http" and host in ("127.0.0.1", "localhost"):
            return
        if scheme == "https" and host in settings.MARKETPLACE_HOSTS and port in (None, "443"):
            return
    raise AddressNotAllowed(
        f"{url!r} is not an address that credentials may be sent to. Allowed are https addresses of "
        f"{', '.join(settings.MARKETPLACE_HOSTS)} (setting MARKETPLACE_HOSTS), and the sandbox on this machine with "
        "ALLOW_SANDBOX=true."
    )


def open_connection(shop: Shop, renew_token: RenewToken, lane: Lane = Lane.INTERACTIVE) -> ShopConnection:
    """Build the connection of a shop from its app and its stored credential; its calls use the lane's share."""
    try:
        credential = shop.credential
    except ShopCredential.DoesNotExist:
        raise NoCredential("The shop has no credential. Connect it again with connect_shop.") from None
    keys = ShopKeys(shop.external_id, shop.region, credential.cipher)
    return build_connection(shop.app, as_token(credential), renew_token, shop=keys, lane=lane)


def as_token(credential: ShopCredential) -> Token:
    """Return the stored credential as a connector uses it."""
    return Token(
        access_token=credential.access_token,
        refresh_token=credential.refresh_token,
        access_token_expires_at=credential.access_token_expires_at,
        refresh_token_expires_at=credential.refresh_token_expires_at,
        scopes=tuple(credential.scopes),
    )


def build_connection(
    app: MarketplaceApp,
    token: Token,
    renew_token: RenewToken,
    *,
    shop: ShopKeys = NO_SHOP,
    lane: Lane = Lane.INTERACTIVE,
) -> ShopConnection:
    """Build a connection from parts, e.g. while a shop is being connected; raises AddressNotAllowed."""
    for url in (app.api_url, app.auth_url):  # here, as this is where secrets set out from
        check_address(url)
    counts = CallCounts()
    http = HttpClient(timeout_seconds=settings.REQUEST_TIMEOUT, observe=counts.add)
    connector = registry.find(app.marketplace).connector(
        keys=AppKeys(app.app_key, app.app_secret, app.api_url, app.auth_url, _consent_url(app), app.service_id),
        token=token,
        shop=shop,
        http=http,
        limiter=_limiter(app, shop.external_id, lane),
        clock=clock.unix_seconds,
    )
    return ShopConnection(connector, renew_token, counts, announce=http.announce)


def build_mapper(shop: Shop) -> Connector:
    """Build a connector that makes records of a shop's kept payloads. It makes no call, so it needs no token either."""
    keys = ShopKeys(shop.external_id, shop.region)
    return build_connection(shop.app, Token("", ""), lambda stale, _: stale, shop=keys).connector


def _consent_url(app: MarketplaceApp) -> str:
    return app.consent_url or registry.find(app.marketplace).consent_url


def _limiter(app: MarketplaceApp, shop_id: str, lane: Lane) -> RateLimiter:
    """Limit by the app's numbers. The shop's rule is first: the server's "wait" holds back the shop."""
    limits = list_limits(app, shop_id)
    if not any(rule.calls for rule in limits):
        return NoLimit()
    return RedisRateLimiter(redis_client(), limits, _own_windows(), lane, get_lane_percent(lane))


@cache
def _own_windows() -> OwnWindows:
    return OwnWindows(settings.RATE_LIMIT_PROCESSES)
