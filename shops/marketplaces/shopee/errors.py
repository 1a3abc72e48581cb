"""Translates Shopee's answers that bring no data into our errors; to be laid beside the vendor's pages.

Source: the error lists of Shopee Open Platform's API pages, version 2. A code comes bare or behind a module's name
("order.order_list_invalid_time"), so the part after the last dot counts. Messages count only for the codes that stand
for many things, and there by key words.
"""

from collections.abc import Mapping

from shops.marketplaces import errors

_LONGEST_MESSAGE = 300
_DAY_SECONDS = 86_400
_QUOTA_ZONE_SECONDS = 8 * 3_600  # the daily quota of an app begins anew at midnight of UTC+8
_DAILY_QUOTA = "error_limit"

_BY_CODE: Mapping[str, type[errors.MarketplaceError]] = {
    "invalid_acceess_token": errors.TokenInvalid,  # spelled so
    "invalid_access_token": errors.TokenInvalid,
    "refresh_token_expired": errors.AuthorisationEnded,
    "error_shop_refresh_token": errors.AuthorisationEnded,
    "shop_no_linked": errors.AuthorisationEnded,
    "partner_shop_no_link": errors.AuthorisationEnded,
    "shop_access_expired": errors.AuthorisationEnded,
    "shop_banned": errors.AuthorisationEnded,
    "error_kyc_auth": errors.AuthorisationEnded,
    "invalid_code": errors.AuthorisationEnded,  # authorisation code used, expired or wrong
    "invalid_main_acount_id": errors.UnknownShop,  # spelled so
    "invalid_shop_id": errors.UnknownShop,
    "error_shop": errors.UnknownShop,
    "error_sign": errors.BadSignature,
    "error_partner_key_expired": errors.BadSignature,
    "invalid_partner_id": errors.BadAppKey,
    "invalid_timestamp": errors.ClockWrong,
    "source_ip_undeclared": errors.AccessDenied,
    "error_api_call_restricted": errors.AccessDenied,
    "api_suspended": errors.AccessDenied,
    "error_permission": errors.AccessDenied,
    "error_api_permission": errors.ScopeMissing,
    "error_rate_limit": errors.Throttled,
    _DAILY_QUOTA: errors.Throttled,
    "error_server": errors.ServerError,
    "error_network": errors.ServerError,
    "error_inner": errors.ServerError,
    "error_system_busy": errors.ServerError,
    "order_list_invalid_time": errors.BadRequest,
    "time_period_too_large": errors.BadRequest,
    "time_invalid": errors.BadRequest,
    "error_not_found": errors.RecordRefused,
    "order_not_found": errors.RecordRefused,
    "income_not_found": errors.RecordRefused,
    "error_item_not_found": errors.RecordRefused,
    "package_number_not_exist": errors.RecordRefused,
    "invalid_error": errors.RecordRefused,  # logistics: "The order is not exist."
}
# For codes that stand for many things: the first key word found in the message decides, else the last entry.
_BY_WORD: Mapping[str, tuple[tuple[str, type[errors.MarketplaceError]], ...]] = {
    "error_auth": (
        ("refresh token", errors.AuthorisationEnded),
        ("access token", errors.TokenInvalid),
        ("partner id", errors.BadAppKey),
        ("invalid code", errors.AuthorisationEnded),
        ("try again later", errors.ServerError),
        ("", errors.TokenInvalid),  # worth one renewal: most of its texts speak of tokens
    ),
    "error_param": (
        ("timestamp is expired", errors.ClockWrong),
        ("invalid timestamp", errors.ClockWrong),
        ("", errors.BadRequest),
    ),
    "error_data": (("later", errors.ServerError), ("", errors.Refused)),
}


def error_of(
    *,
    code: str,
    message: str,
    http_status: int,
    now: float,
    request_id: str = "",
    retry_after_seconds: float | None = None,
) -> errors.MarketplaceError:
    """Choose the error for an answer with a code ("": the body had none, only the HTTP status speaks).

    `now` is in Unix seconds: a used up daily quota says by itself when it begins anew.
    """
    bare = code.rsplit(".", 1)[-1].strip().lower()
    if bare == _DAILY_QUOTA and retry_after_seconds is None:
        retry_after_seconds = _DAY_SECONDS - (now + _QUOTA_ZONE_SECONDS) % _DAY_SECONDS
    return _kind_of(bare, message, http_status)(
        message.strip()[:_LONGEST_MESSAGE] or f"Shopee answered with {code or f'HTTP {http_status}'}.",
        code=code,
        http_status=http_status,
        request_id=request_id,
        retry_after_seconds=retry_after_seconds,
    )


def _kind_of(bare: str, message: str, http_status: int) -> type[errors.MarketplaceError]:
    if bare in _BY_WORD:
        said = message.lower().replace("_", " ")
        return next(kind for word, kind in _BY_WORD[bare] if word in said)
    if bare in _BY_CODE:
        return _BY_CODE[bare]
    if http_status == 429:
        return errors.Throttled
    if http_status >= 500 or http_status == 408:
        return errors.ServerError
    return errors.TokenInvalid if http_status == 401 else errors.Refused
