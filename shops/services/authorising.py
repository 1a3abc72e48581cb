"""The way to a marketplace's consent page and back: one attempt, bound to a person, good once and not for long.

1. `start_attempt` notes who leaves, and for which app. `write_state` seals its number for the marketplace's address.
2. `arrive` takes what the browser brings back: checks the seal and whose attempt it is, spends it, exchanges the code.
   A pasted token takes the short way: `take_token`.
3. `read_answer` tells which shops are reached; `finish_attempt` connects those that were chosen.

Tokens wait encrypted in the attempt's row, never in the browser.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.contrib.auth.models import AbstractUser
from django.core import signing

from backoffice.common import clock
from backoffice.common.errors import BackofficeError, NotPossible
from shops.connections import ShopConnection, build_connection
from shops.marketplaces.contract import ShopKeys
from shops.marketplaces.errors import MarketplaceError
from shops.marketplaces.records import ShopRecord, Token
from shops.models import ConnectAttempt, MarketplaceApp, Shop
from shops.services.connecting import connect_reached, fetch_reach
from shops.services.registering import AppSpec, draft_app, register_app
from shops.tokens import read_moment, read_token, write_token

STATE_LIFE = timedelta(minutes=10)
CHOICE_LIFE = timedelta(minutes=30)
KEPT = timedelta(days=1)  # then an attempt that nobody finished is deleted, and with it what it brought back
_SEAL = signing.TimestampSigner(salt="shops.authorising")
_LONGEST_REFUSAL = 200  # characters of a marketplace's words that are repeated


class AttemptRefused(NotPossible):
    """What a browser brought back belongs to no attempt that may go on."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What an authorisation opens."""

    token: Token
    records: tuple[ShopRecord, ...]


@dataclass(frozen=True, slots=True)
class Connected:
    """What became of one shop that was chosen: the shop, or why it is not connected."""

    record: ShopRecord
    shop: Shop | None
    trouble: str = ""


def start_attempt(
    person: AbstractUser,
    session_key: str,
    *,
    app: MarketplaceApp | None = None,
    spec: AppSpec | None = None,
    shop: Shop | None = None,
) -> ConnectAttempt:
    """Note that a person sets out to let a known or a new app in, for new shops or for one that needs it again."""
    forget_attempts()
    if spec is not None:
        draft_app(spec)  # refuses addresses before anything is written
    return ConnectAttempt.objects.create(
        user_id=person.pk,
        session_hash=_hash(session_key),
        app=app,
        new_app="" if spec is None else orjson.dumps(asdict(spec)).decode(),
        shop=shop,
        started_at=clock.now(),
    )


def forget_attempts() -> None:
    """Delete attempts that are over."""
    ConnectAttempt.objects.filter(started_at__lt=clock.now() - KEPT).delete()


def write_state(attempt: ConnectAttempt) -> str:
    """Seal an attempt's number for the way through somebody else's address."""
    return _SEAL.sign(attempt.number.hex)


def find_consent_page(attempt: ConnectAttempt, callback_url: str) -> str:
    """Return the address where the seller lets the app in; raises NotPossible where there is none."""
    connection = build_connection(open_app(attempt), Token(""), lambda stale, _: stale)
    address = connection.connector.authorisation_url(write_state(attempt), callback_url)
    if not address:
        raise NotPossible("This marketplace has no page for it. Paste the token that the seller centre shows.")
    return address


def check_state(state: str) -> UUID:
    """Read a sealed number; raises AttemptRefused with a sentence for people."""
    try:
        return UUID(hex=_SEAL.unsign(state, max_age=STATE_LIFE))
    except signing.SignatureExpired:
        minutes = int(STATE_LIFE.total_seconds() // 60)
        raise AttemptRefused(f"It took longer than {minutes} minutes, so it was given up.") from None
    except (signing.BadSignature, ValueError):
        raise AttemptRefused("The address that you came back with is none that was given out here.") from None


def arrive(person: AbstractUser, session_key: str, answer: Mapping[str, str]) -> ConnectAttempt:
    """Take what the browser brought back from the marketplace, once; raises AttemptRefused or MarketplaceError."""
    attempt = _spend(person, session_key, check_state(answer.get("state", "")))
    code, refusal = answer.get("code", ""), answer.get("error", "")
    if refusal or code in ("", "null"):
        told = f" ({refusal[:_LONGEST_REFUSAL]})" if refusal else ""
        raise AttemptRefused(f"The seller did not let the app in{told}.")
    shop, account = answer.get("shop_id", ""), answer.get("main_account_id", "")
    # A token this fresh is never renewed here: the first renewal may make it one of a single shop.
    connection = build_connection(open_app(attempt), Token(""), lambda stale, _: stale, shop=ShopKeys(shop))
    token = connection.call(lambda connector: connector.fetch_token(code, shop, account))
    connection.connector.token = token
    keep_reach(attempt, token, _list_reached(connection, token))
    return attempt


def _list_reached(connection: ShopConnection, token: Token) -> tuple[ShopRecord, ...]:
    """List the shops of a fresh token; where each will need one of its own, their numbers are enough for now."""
    try:
        return connection.call(lambda connector: connector.fetch_shops())
    except MarketplaceError:
        if not connection.connector.authorisation.is_token_per_shop or len(token.shop_external_ids) < 2:
            raise
        return tuple(ShopRecord(number, "", "") for number in token.shop_external_ids)


def _spend(person: AbstractUser, session_key: str, number: UUID) -> ConnectAttempt:
    """Use an attempt up. It is its person's: in the session that began it, or after logging in anew since then."""
    now = clock.now()
    attempt = ConnectAttempt.objects.filter(number=number, user_id=person.pk, started_at__gt=now - STATE_LIFE).first()
    last_login = getattr(person, "last_login", None)
    if attempt is None:
        raise AttemptRefused("Somebody else began this, or it was begun too long ago.")
    if attempt.session_hash != _hash(session_key) and not (last_login and last_login >= attempt.started_at):
        raise AttemptRefused("This was begun in another browser.")
    if not ConnectAttempt.objects.filter(pk=attempt.pk, arrived_at=None).update(arrived_at=now):
        raise AttemptRefused("This address has been used already; it works once.")
    attempt.refresh_from_db()
    return attempt


def take_token(attempt: ConnectAttempt, token: Token, keys: ShopKeys) -> None:
    """Take a token that was pasted: ask what it opens, and keep both."""
    keep_reach(attempt, *fetch_reach(open_app(attempt), token, keys))


def keep_reach(attempt: ConnectAttempt, token: Token, records: tuple[ShopRecord, ...]) -> None:
    """Keep what was brought back until shops are chosen."""
    facts = {"token": write_token(token), "records": [asdict(record) for record in records]}
    attempt.answer = orjson.dumps(facts).decode()
    attempt.arrived_at = attempt.arrived_at or clock.now()
    attempt.save(update_fields=["answer", "arrived_at"])


def find_attempt(person: AbstractUser, number: UUID) -> ConnectAttempt:
    """Return a person's attempt whose shops are still to be chosen; raises AttemptRefused."""
    attempts = ConnectAttempt.objects.filter(user_id=person.pk, number=number, ended_at=None).exclude(answer="")
    attempt = attempts.filter(arrived_at__gt=clock.now() - CHOICE_LIFE).select_related("shop").first()
    if attempt is None:
        raise AttemptRefused("These shops have been chosen already, or it took too long.")
    return attempt


def open_app(attempt: ConnectAttempt) -> MarketplaceApp:
    """Return the app to make calls with; a new one is not stored yet."""
    return attempt.app or draft_app(_spec_of(attempt))


def read_answer(attempt: ConnectAttempt) -> Reach:
    """Read which shops an attempt reached."""
    facts = orjson.loads(attempt.answer)
    return Reach(read_token(facts["token"]), tuple(_read_record(record) for record in facts["records"]))


def finish_attempt(attempt: ConnectAttempt, chosen: Collection[str]) -> Iterator[Connected]:
    """Connect the chosen ones (region:number), each at once; what hinders one hinders no other.

    Raises AttemptRefused for an attempt that is over.
    """
    reach = read_answer(attempt)
    open_ones = ConnectAttempt.objects.filter(pk=attempt.pk, ended_at=None)
    if not open_ones.update(ended_at=clock.now(), answer="", new_app=""):
        raise AttemptRefused("These shops have been chosen already.")
    app = attempt.app or register_app(_spec_of(attempt))
    authorisation = uuid4()
    for record in reach.records:
        if name_record(record) not in chosen:
            continue
        try:
            yield Connected(record, connect_reached(app, reach.token, record, authorisation))
        except MarketplaceError as error:
            yield Connected(record, None, f"{error} {error.advice}")
        except BackofficeError as error:
            yield Connected(record, None, str(error))


def name_record(record: ShopRecord) -> str:
    """Return what tells the shops of one answer apart: the same number may stand for a shop in several regions."""
    return f"{record.region}:{record.external_id}"


def _spec_of(attempt: ConnectAttempt) -> AppSpec:
    return AppSpec(**orjson.loads(attempt.new_app))


def _read_record(facts: dict[str, Any]) -> ShopRecord:
    return ShopRecord(**{**facts, "authorised_until": read_moment(facts["authorised_until"])})


def _hash(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()
