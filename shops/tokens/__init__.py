"""Tokens: opened with, renewed in time, kept where the database does not take them."""

from shops.connections import as_token
from shops.tokens.kept import read_moment, read_token, write_token
from shops.tokens.renewing import (
    RENEW_BEFORE_END,
    mark_needs_reauthorisation,
    open_connection,
    open_without_renewal,
    renew_token,
    store_kept_tokens,
    store_token,
)

__all__ = [
    "RENEW_BEFORE_END",
    "as_token",
    "mark_needs_reauthorisation",
    "open_connection",
    "open_without_renewal",
    "read_moment",
    "read_token",
    "renew_token",
    "store_kept_tokens",
    "store_token",
    "write_token",
]
