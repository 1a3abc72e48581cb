"""Token renewal: one at a time per shop, and a stale writer loses.

Refresh tokens rotate at most marketplaces: two processes that refresh the same token at once would each make the
other's answer worthless. So whoever gets the lock first asks; who comes second takes what is stored by then.
"""

from datetime import timedelta
from uuid import UUID

from backoffice.common import clock
from backoffice.common.locks import advisory_lock
from shops.choices import ShopState
from shops.connections import ShopConnection
from shops.connections import open_connection as open_with
from shops.marketplaces.contract import Connector
from shops.marketplaces.errors import Action, AuthorisationEnded, MarketplaceError
from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Token
from shops.models import Shop, ShopCredential

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


def renew_token(shop_id: int, stale: Token, connector: Connector) -> Token:
    """Return a token newer than `stale`: the stored one if somebody renewed it meanwhile, else a fresh one, stored.

    Raises MarketplaceError; where the authorisation has ended the shop needs a person and is taken off the schedule.
    """
    try:
        with advisory_lock("token", _get_authorisation(shop_id)):
            credential = ShopCredential.objects.get(shop_id=shop_id)
            if credential.access_token != stale.access_token:
                return as_token(credential)
            connector.token = as_token(credential)
            fresh = connector.fetch_refreshed_token()
            store_token(credential, fresh)
            return fresh
    except MarketplaceError as error:
        if error.action in (Action.REAUTHORISE, Action.REFRESH_TOKEN):
            mark_needs_reauthorisation(shop_id, error)
            raise AuthorisationEnded(error.message, code=error.code, http_status=error.http_status) from error
        raise


def _get_authorisation(shop_id: int) -> UUID:
    """Return what all shops of one consent have in common: whoever renews its token renews it for all of them."""
    return ShopCredential.objects.values_list("authorisation", flat=True).get(shop_id=shop_id)


def as_token(credential: ShopCredential) -> Token:
    """Return the stored credential as a connector uses it."""
    return Token(
        access_token=credential.access_token,
        refresh_token=credential.refresh_token,
        access_token_expires_at=credential.access_token_expires_at,
        refresh_token_expires_at=credential.refresh_token_expires_at,
        scopes=tuple(credential.scopes),
    )


def store_token(credential: ShopCredential, token: Token) -> None:
    """Store a whole token set at once, unless the credential changed since it was read; for all that share it."""
    sharing = ShopCredential.objects.filter(authorisation=credential.authorisation, version=credential.version)
    changed = sharing.update(
        access_token=token.access_token,
        refresh_token=token.refresh_token or credential.refresh_token,
        access_token_expires_at=token.access_token_expires_at,
        refresh_token_expires_at=token.refresh_token_expires_at or credential.refresh_token_expires_at,
        scopes=list(token.scopes) or credential.scopes,
        version=credential.version + 1,
        changed_at=clock.now(),
    )
    if changed:
        credential.refresh_from_db()


def mark_needs_reauthorisation(shop_id: int, error: MarketplaceError) -> None:
    """Take a shop with a dead credential off the schedule, with the reason."""
    Shop.objects.filter(pk=shop_id, state=ShopState.ACTIVE).update(
        state=ShopState.NEEDS_REAUTHORISATION, state_reason=f"{error} {error.advice}"[:500]
    )
