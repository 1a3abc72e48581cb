"""Token renewal: one at a time per authorisation, a stale writer loses, and no answer is lost on its way to the rows.

Refresh tokens rotate at most marketplaces, and at some each is good only once: two processes that refresh the same
token at once would make each other's answer worthless, and an answer that is not kept cannot be asked for again. So:

1. Whoever gets the lock first asks; who comes second takes what is stored by then. The lock holds no transaction open.
2. That a renewal begins is committed before the call. Where it stands already, a process died between answer and
   storing, or no answer came: the old refresh token is tried once more, as some marketplaces take it for a while.
3. The answer is committed before anything else happens. A database that does not take it finds it in a file later.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction

from backoffice.common import clock
from backoffice.common.locks import wait_advisory_lock
from backoffice.common.outages import drop_broken_connection, is_outage
from shops.choices import ShopState
from shops.connections import NoCredential, ShopConnection, as_token
from shops.connections import open_connection as open_with
from shops.marketplaces import registry
from shops.marketplaces.contract import Connector
from shops.marketplaces.errors import Action, AuthorisationEnded, MarketplaceError
from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Token
from shops.models import Shop, ShopCredential
from shops.tokens.kept import KeptToken, forget_kept, keep_token, list_kept, read_kept

log = structlog.get_logger(__name__)

RENEW_BEFORE_END = timedelta(minutes=2)  # a token this close to its end is not worth a call that may be refused


def open_connection(shop: Shop, lane: Lane = Lane.INTERACTIVE) -> ShopConnection:
    """Open a shop's connection in a lane, with a token that is good for at least some minutes."""

    def renew(stale: Token, connector: Connector) -> Token:
        return renew_token(shop.pk, stale, connector)

    connection = open_with(shop, renew, lane)
    ends_at = connection.connector.token.access_token_expires_at
    if ends_at is not None and ends_at - RENEW_BEFORE_END <= clock.now():
        connection.connector.token = renew(connection.connector.token, connection.connector)
    return connection


def open_without_renewal(shop: Shop) -> ShopConnection:
    """Open a shop's connection for whoever renews its token themselves."""
    return open_with(shop, lambda stale, _: stale)


def renew_token(shop_id: int, stale: Token, connector: Connector) -> Token:
    """Return a token newer than `stale`: the stored one if somebody renewed it meanwhile, else a fresh one, stored.

    Raises MarketplaceError; where the authorisation has ended, all its shops need a person and leave the schedule.
    """
    authorisation = _read(shop_id).authorisation
    with wait_advisory_lock("token", authorisation):
        store_kept_token(authorisation)
        credential = _read(shop_id)
        if credential.access_token != stale.access_token:
            return as_token(credential)
        cut_off_at = credential.renewal_began_at
        with transaction.atomic(durable=True):
            is_mine = _change(credential, renewal_began_at=clock.now())
        if not is_mine:
            return as_token(_read(shop_id))
        connector.token = as_token(credential)
        try:
            fresh = connector.fetch_refreshed_token()
        except MarketplaceError as error:
            return _settle_refusal(credential, error, cut_off_at)
        return _store_or_keep(credential, fresh)


def _settle_refusal(credential: ShopCredential, error: MarketplaceError, cut_off_at: datetime | None) -> Token:
    """Raise what the refusal means, or return the token that somebody stored meanwhile."""
    if error.action == Action.RETRY:  # whether the refresh token was taken is not known: what has begun stays noted
        raise error
    if error.action not in (Action.REAUTHORISE, Action.REFRESH_TOKEN):
        _change(credential, renewal_began_at=None)
        raise error
    if not _change(credential, renewal_began_at=None):
        return as_token(_read(credential.shop_id))
    ended = AuthorisationEnded(_explain(credential, error, cut_off_at), code=error.code, http_status=error.http_status)
    shops = Shop.objects.filter(credential__authorisation=credential.authorisation)
    _take_off_the_schedule(list(shops.values_list("pk", flat=True)), f"{ended} {error.advice}")
    raise ended from error


def _explain(credential: ShopCredential, error: MarketplaceError, cut_off_at: datetime | None) -> str:
    """Say what happened where it was not the seller who took the authorisation back."""
    marketplace = registry.find(credential.shop.marketplace)
    if cut_off_at is None or not marketplace.connector.authorisation.is_refresh_token_single_use:
        return error.message
    return (
        f"A renewal of the token began at {cut_off_at:%Y-%m-%d %H:%M} UTC, and no answer of it was stored: the process "
        f"or the connection was cut off. {marketplace.label} takes a refresh token only once, and it refused this one "
        f"when it was tried again: {error.message}"
    )


def _store_or_keep(credential: ShopCredential, fresh: Token) -> Token:
    """Commit the answer, or write it to a file where the database does not take it; either way it can be used."""
    try:
        store_token(credential, fresh)
    except DatabaseError as error:
        if not is_outage(error):
            raise
        keep_token(KeptToken(credential.authorisation, credential.version, _complete(credential, fresh)))
        log.warning("token_kept_in_file", shop=credential.shop_id, error=str(error).partition("\n")[0])
        drop_broken_connection()
        return fresh
    return as_token(credential)


def _read(shop_id: int) -> ShopCredential:
    try:
        return ShopCredential.objects.get(shop_id=shop_id)
    except ShopCredential.DoesNotExist:
        raise NoCredential("The shop was disconnected meanwhile. Connect it again.") from None


def store_token(credential: ShopCredential, token: Token) -> bool:
    """Commit a whole token set, unless the credential changed since it was read; for all shops that share it.

    Shops that had left the schedule for want of it come back. The credential is read again; False for who came late.
    """
    complete = _complete(credential, token)
    with transaction.atomic(durable=True):  # never inside of something longer, which could still fail
        is_stored = _change(
            credential,
            access_token=complete.access_token,
            refresh_token=complete.refresh_token,
            access_token_expires_at=complete.access_token_expires_at,
            refresh_token_expires_at=complete.refresh_token_expires_at,
            scopes=list(complete.scopes),
            renewal_began_at=None,
            version=credential.version + 1,
            changed_at=clock.now(),
        )
        if is_stored:
            healed = Shop.objects.filter(
                credential__authorisation=credential.authorisation, state=ShopState.NEEDS_REAUTHORISATION
            )
            healed.update(state=ShopState.ACTIVE, state_reason="")
    credential.refresh_from_db()
    return is_stored


def store_kept_token(authorisation: UUID) -> bool:
    """Store the answer of a renewal that waits in a file of this host, if there is one. Call with the lock held."""
    kept = read_kept(authorisation)
    if kept is None:
        return False
    credential = ShopCredential.objects.filter(authorisation=authorisation, version=kept.version).first()
    is_stored = credential is not None and store_token(credential, kept.token)
    forget_kept(authorisation)  # where somebody stored a newer one meanwhile, it is worth nothing
    return is_stored


def store_kept_tokens() -> int:
    """Store all answers that wait in files of this host; return how many were still worth it."""
    count = 0
    for authorisation in list_kept():
        with wait_advisory_lock("token", authorisation):
            count += store_kept_token(authorisation)
    return count


def mark_needs_reauthorisation(shop_id: int, error: MarketplaceError, used: Token | None = None) -> None:
    """Take a shop with a dead credential off the schedule, with the reason; not if `used` is no longer its token."""
    if used is not None:
        stored = ShopCredential.objects.filter(shop_id=shop_id).first()
        if stored is not None and stored.access_token != used.access_token:
            return
    _take_off_the_schedule([shop_id], f"{error} {error.advice}")


def _take_off_the_schedule(shop_ids: list[int], reason: str) -> None:
    Shop.objects.filter(pk__in=shop_ids, state=ShopState.ACTIVE).update(
        state=ShopState.NEEDS_REAUTHORISATION, state_reason=reason[:500]
    )


def _change(credential: ShopCredential, **columns: object) -> bool:
    """Change all that share the token, if it is still the one that was read."""
    sharing = ShopCredential.objects.filter(authorisation=credential.authorisation, version=credential.version)
    return bool(sharing.update(**columns))


def _complete(credential: ShopCredential, token: Token) -> Token:
    """Fill in what an answer did not say."""
    return replace(
        token,
        refresh_token=token.refresh_token or credential.refresh_token,
        refresh_token_expires_at=token.refresh_token_expires_at or credential.refresh_token_expires_at,
        scopes=token.scopes or tuple(credential.scopes),
    )
