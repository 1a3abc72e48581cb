"""Translates Lazada's answers that bring no data into our errors; to be laid beside the vendor's pages.

Source: Lazada Open Platform, "Error codes" of the gateway and of each call. The code decides, and nearly every answer
has HTTP status 200. Codes marked [?] are reported by a single source.
"""

import re
from collections.abc import Mapping

from shops.marketplaces import errors

_LONGEST_MESSAGE = 300
# Seconds. The ban of a burst is told in the message, mostly 1; the day's quota does not tell when it is filled up
# again, so that an hourly try finds out.
_BURST_WAIT = 2.0
_QUOTA_WAIT = 3_600.0
_DAILY_QUOTA = "AppCallLimit"  # [?] the quota is certain, its code is not
_BAN = re.compile(r"ban will last (\d{1,5}) second", re.IGNORECASE)
_TOO_OFTEN = "access frequency exceeds the limit"

_BY_CODE: Mapping[str, type[errors.MarketplaceError]] = {
    "IllegalAccessToken": errors.TokenInvalid,  # expired or never valid: the code is the same
    "AccessTokenExpired": errors.TokenExpired,  # [?]
    "AccessTokenInvalid": errors.TokenInvalid,  # [?]
    "IllegalRefreshToken": errors.AuthorisationEnded,
    "AUTH_TYPE_UNSUPPORTED": errors.AuthorisationEnded,  # the app's subscription has ended
    "InvalidCode": errors.AuthorisationEnded,  # authorisation code used, or older than 30 minutes
    "IncompleteSignature": errors.BadSignature,
    "InvalidAppKey": errors.BadAppKey,  # [?]
    "InvalidTimestamp": errors.ClockWrong,  # [?]
    "IllegalTimestamp": errors.ClockWrong,  # [?]
    "InsufficientPermission": errors.ScopeMissing,  # [?]
    "AppWhiteIpLimit": errors.AccessDenied,  # [?]
    "SellerNotVerified": errors.AccessDenied,
    "SellerNotActive": errors.AccessDenied,
    "Mp3SellerApiLimit": errors.AccessDenied,  # a kind of seller that may not use this call
    "MissingParameter": errors.BadRequest,
    "InvalidParameter": errors.BadRequest,
    "InvalidApiPath": errors.BadRequest,  # [?]
    "ApiCallLimit": errors.Throttled,
    "901": errors.Throttled,  # the product service
    "E901": errors.Throttled,
    "SellerCallLimit": errors.Throttled,  # [?]
    "IopSystemFlowlimit": errors.Throttled,  # [?]
    "ServiceCurrentlimit": errors.Throttled,  # [?]
    "HOT_KEY_BLOCK_EXCEPTION": errors.Throttled,
    _DAILY_QUOTA: errors.Throttled,
    "ServiceTimeout": errors.ServerError,
    "ServiceUnavailable": errors.ServerError,  # [?]
    "InternalError": errors.ServerError,  # [?]
    "6": errors.ServerError,
    "15": errors.ServerError,
    "1000": errors.ServerError,
    "16": errors.RecordRefused,  # no such order in this shop
    "37": errors.RecordRefused,  # one or more of the orders asked for are not of this shop
    "39": errors.RecordRefused,  # none of the orders asked for was found
    "106": errors.RecordRefused,  # no such reverse order in this shop
    "208": errors.RecordRefused,  # no such product in this shop
    "5": errors.BadRequest,  # request format
    "14": errors.BadRequest,  # offset
    "17": errors.BadRequest,  # date format
    "19": errors.BadRequest,  # limit
    "36": errors.BadRequest,  # status filter
    "38": errors.BadRequest,  # too many orders asked for at once
    "56": errors.BadRequest,  # list of orders is no array
    "70": errors.BadRequest,  # list of SKUs
    "74": errors.BadRequest,  # sorting
    "75": errors.BadRequest,
    "103": errors.BadRequest,  # reverse orders: ids and pages
    "105": errors.BadRequest,
    "120": errors.BadRequest,
    "121": errors.BadRequest,
    "1000012": errors.BadRequest,  # finance: window too long
    "1000014": errors.BadRequest,  # finance: type
}


def is_throttled(message: str) -> bool:
    """Tell whether a message asks for fewer calls; seen together with the code of success, and no data."""
    return _TOO_OFTEN in message.lower()


def error_of(
    *,
    code: str,
    message: str,
    fault: str = "",
    http_status: int = 200,
    request_id: str = "",
    retry_after_seconds: float | None = None,
) -> errors.MarketplaceError:
    """Choose the error for an answer. `fault` is its "type": ISV (caller), ISP (service) or SYSTEM (platform)."""
    kind = _kind_of(code, message, fault, http_status)
    if retry_after_seconds is None and kind is errors.Throttled:
        retry_after_seconds = _wait_of(code, message)
    said = message.strip()[:_LONGEST_MESSAGE]
    return kind(
        said or (f"Lazada answered with code {code}." if code else f"Lazada answered with HTTP {http_status}."),
        code=code,
        http_status=http_status,
        request_id=request_id,
        retry_after_seconds=retry_after_seconds,
    )


def _kind_of(code: str, message: str, fault: str, http_status: int) -> type[errors.MarketplaceError]:
    if code in _BY_CODE:
        return _BY_CODE[code]
    if http_status == 429 or is_throttled(message):
        return errors.Throttled
    if http_status >= 500 or http_status == 408 or fault == "SYSTEM":
        return errors.ServerError
    return errors.TokenInvalid if http_status == 401 else errors.Refused


def _wait_of(code: str, message: str) -> float:
    if code == _DAILY_QUOTA:
        return _QUOTA_WAIT
    told = _BAN.search(message)
    return float(told[1]) if told else _BURST_WAIT
