"""Makes, revokes and stamps API tokens."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from backoffice.common import clock
from shops.models import ApiToken, Shop
from shops.queries import digest_api_key

TOKEN_STAMP_EVERY = timedelta(minutes=1)


def create_api_token(
    user: User,
    *,
    name: str,
    shops: Iterable[Shop] = (),
    may_write: bool = False,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token that acts for a person; return it with its key, which is stored nowhere."""
    prefix = secrets.token_hex(4)
    key = f"bo_{prefix}_{secrets.token_urlsafe(32)}"
    chosen = list(shops)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, name=name, prefix=prefix, key_hash=digest_api_key(key), is_limited=bool(chosen),
            may_write=may_write, expires_at=expires_at, created_at=clock.now(),
        )  # fmt: skip
        token.shops.set(chosen)
    return token, key


def revoke_api_token(token: ApiToken) -> bool:
    """End a token for good; returns whether it was still good."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()))


def stamp_api_token(token: ApiToken) -> None:
    """Note that a token was used, at most once a minute: a busy service must not write a row with each call."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - TOKEN_STAMP_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
