"""Translates TikTok Shop's answers that bring no data into our errors; to be laid beside the vendor's page.

Source: TikTok Shop Partner Center, "Common errors". The code decides. Messages were reworded more than once, so they
count for one code only, which stands for many things, and there by key words.
"""

from collections.abc import Mapping

from shops.marketplaces import errors

_MANY_THINGS = 36009004
_LONGEST_MESSAGE = 300

_BY_CODE: Mapping[int, type[errors.MarketplaceError]] = {
    101000: errors.TokenInvalid,  # also: token and shop cipher do not belong together
    105001: errors.TokenInvalid,  # likewise
    105002: errors.TokenExpired,
    105005: errors.ScopeMissing,
    106001: errors.BadSignature,
    106013: errors.ShopCipherWrong,
    36009002: errors.Throttled,
    36009037: errors.Throttled,  # undocumented, seen in use
    36009003: errors.ServerError,
    36009007: errors.ServerError,
    36009009: errors.BadRequest,  # no such path
    36009010: errors.BadRequest,  # no such method
    36009014: errors.BadRequest,  # no such version
    36009021: errors.BadRequest,  # file too large
    36009022: errors.BadRequest,  # body neither JSON nor multipart
    36009023: errors.BadRequest,  # body must be multipart
    36009033: errors.AccessDenied,  # our address is not on the app's list
    36004001: errors.AuthorisationEnded,  # refresh token expired
    36004004: errors.AuthorisationEnded,  # authorisation code used, expired or wrong
    36004005: errors.AuthorisationEnded,  # no such authorisation
    10002014: errors.ServerError,  # the order service could not load orders, for several reasons of its own
    10002015: errors.ServerError,
    10006402: errors.ServerError,
    10037002: errors.ServerError,
    10037003: errors.ServerError,
    10037004: errors.ServerError,
    12001000: errors.ServerError,  # the product service: internal error, internal error, busy
    33001002: errors.ServerError,
    12052109: errors.ServerError,
    12019118: errors.BadRequest,  # product search: bad create time, bad update time
    12019119: errors.BadRequest,
    12052031: errors.RecordRefused,  # product: bad id, missing, of another shop
    12052032: errors.RecordRefused,
    12052034: errors.RecordRefused,
    21001001: errors.RecordRefused,  # fulfilment [?]: no such package, no such order
    21001002: errors.RecordRefused,
    12052700: errors.AccessDenied,  # the seller may not do this
}
# For the code that stands for many things: the first key word found in the message decides.
_BY_WORD: tuple[tuple[str, type[errors.MarketplaceError]], ...] = (
    ("timestamp", errors.ClockWrong),
    ("access-token", errors.TokenInvalid),
    ("access_token", errors.TokenInvalid),
    ("app_key", errors.BadAppKey),
    ("app_secret", errors.BadSignature),  # the token host compares the secret itself [?]
    ("signature", errors.BadSignature),
    ("'sign'", errors.BadSignature),
    ("unexpected identifier", errors.BadRequest),  # a cipher where none is wanted
    ("shop_cipher", errors.ShopCipherWrong),
)


def error_of(
    *, code: int, message: str, http_status: int, request_id: str = "", retry_after_seconds: float | None = None
) -> errors.MarketplaceError:
    """Choose the error for an answer with a code (0: the body had none, only the HTTP status speaks)."""
    return _kind_of(code, message, http_status)(
        _spoken(code, message, http_status),
        code=str(code) if code else "",
        http_status=http_status,
        request_id=request_id,
        retry_after_seconds=retry_after_seconds,
    )


def _kind_of(code: int, message: str, http_status: int) -> type[errors.MarketplaceError]:
    if code == _MANY_THINGS:
        said = message.lower()
        return next((kind for word, kind in _BY_WORD if word in said), errors.BadRequest)
    if code in _BY_CODE:
        return _BY_CODE[code]
    if http_status == 429:
        return errors.Throttled
    if http_status >= 500 or http_status == 408:
        return errors.ServerError
    return errors.TokenInvalid if http_status == 401 else errors.Refused


def _spoken(code: int, message: str, http_status: int) -> str:
    """Keep what a person can use of the message: without the link that every message ends with."""
    said = message.split("For more details:", 1)[0].strip()[:_LONGEST_MESSAGE]
    if said:
        return said
    return f"TikTok Shop answered with code {code}." if code else f"TikTok Shop answered with HTTP {http_status}."
