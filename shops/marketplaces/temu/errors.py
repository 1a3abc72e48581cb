"""Translates Temu's answers that bring no result into our errors; to be laid beside the vendor's page.

Source: Temu Partner Platform, "Error codes". Answers have HTTP status 200 whatever they say; the code decides. Messages
were reworded more than once, so they count for one code only.
"""

from collections.abc import Mapping

from shops.marketplaces import errors

STILL_COMPUTING_AMOUNTS = 140020008

_SYSTEM_FAULT = 4000000
_UNKNOWN_APP = "application information query is abnormal"  # how a live gateway says that it does not know the app
_LONGEST_MESSAGE = 300

# A token cannot be renewed here: whatever is wrong with it, only the seller can help.
_BY_CODE: Mapping[int, type[errors.MarketplaceError]] = {
    2000000: errors.ServerError,
    3000000: errors.BadRequest,
    3000001: errors.BadSignature,
    3000002: errors.BadRequest,  # type missing, unknown, retired
    3000003: errors.BadRequest,
    3000004: errors.BadRequest,
    3000010: errors.BadRequest,  # timestamp missing
    3000011: errors.ClockWrong,  # more than 300 seconds ahead
    3000012: errors.ClockWrong,  # more than 300 seconds behind
    3000013: errors.BadRequest,  # data_type missing, not JSON
    3000014: errors.BadRequest,
    3000019: errors.BadAppKey,  # missing, unknown, not for this type, suspended: under the key's old name
    3000020: errors.BadAppKey,
    3000021: errors.ScopeMissing,
    3000022: errors.AccessDenied,
    3000025: errors.BadAppKey,  # the same four under its present name
    3000026: errors.BadAppKey,
    3000027: errors.ScopeMissing,
    3000028: errors.AccessDenied,
    3000030: errors.AuthorisationEnded,  # token missing
    3000031: errors.AuthorisationEnded,  # unknown
    3000032: errors.ScopeMissing,  # the token lacks this type
    3000033: errors.AuthorisationEnded,  # of another app
    3000034: errors.AuthorisationEnded,  # expired, or replaced by a newer authorisation
    3000037: errors.BadRequest,  # a newer version of the type must be used
    3000040: errors.BadRequest,  # sign missing
    _SYSTEM_FAULT: errors.ServerError,
    4000004: errors.Throttled,
    5000000: errors.AccessDenied,
    5000001: errors.BadRequest,  # a file sent to the wrong route
    5000002: errors.AccessDenied,  # environment
    5000003: errors.AccessDenied,  # our address is not on the app's list
    6000001: errors.Refused,  # no such interface inside
    7000000: errors.ServerError,
    # The Chinese gateway has a family of its own.
    7000002: errors.BadAppKey,
    7000003: errors.AuthorisationEnded,
    7000006: errors.AuthorisationEnded,
    7000007: errors.AuthorisationEnded,
    7000015: errors.BadSignature,
    7000016: errors.BadRequest,  # wrong address
    7000018: errors.AuthorisationEnded,
    7000020: errors.AuthorisationEnded,
    7000022: errors.ScopeMissing,
    110020001: errors.AuthorisationEnded,  # the code of an authorisation: wrong, used, expired
    110020002: errors.AuthorisationEnded,
    110020003: errors.AuthorisationEnded,
    110020007: errors.Throttled,  # push switch: more than one call a second
    120011072: errors.BadRequest,  # the address of another area
    130010000: errors.ServerError,
    130010001: errors.BadRequest,
    140020001: errors.Refused,  # the shop is of a kind that has no such orders
    140020003: errors.ScopeMissing,  # an agreement is not signed
    140020012: errors.BadRequest,  # an end before its start, half a pair, a time that is not in seconds
    140020013: errors.BadRequest,
    140020014: errors.BadRequest,
    140020015: errors.BadRequest,  # a type for Japan and Korea only
    150010002: errors.ServerError,
    150010003: errors.BadRequest,
    150010005: errors.ServerError,
    170070010: errors.BadRequest,
    170070012: errors.BadRequest,  # language
    180020008: errors.ScopeMissing,  # the agreement on personal data is not signed
}
# What concerns the one record that a call asked for. Of a call for many, the first two say: try again later.
_BY_CODE_OF_A_RECORD: Mapping[int, type[errors.RecordRefused]] = {
    STILL_COMPUTING_AMOUNTS: errors.RecordNotReady,
    140020009: errors.RecordNotReady,
    120011030: errors.RecordRefused,  # in a warehouse that the seller does not run
    120012007: errors.RecordRefused,  # no such order, or parent and child do not belong together
    120012016: errors.RecordRefused,
    120015537: errors.RecordRefused,  # Brazil's own restrictions
    120015538: errors.RecordRefused,
    130010002: errors.RecordRefused,
    130010005: errors.RecordRefused,
    140020002: errors.RecordRefused,  # no such order
    150010188: errors.RecordRefused,  # goods of another shop
    170070011: errors.RecordRefused,  # no such parcel
}


def error_of(
    *,
    code: int,
    message: str,
    http_status: int,
    request_id: str = "",
    retry_after_seconds: float | None = None,
    is_of_record: bool = False,
) -> errors.MarketplaceError:
    """Choose the error for an answer with a code (0: the body had none, only the HTTP status speaks).

    `is_of_record` says that the call asked for one record by its number.
    """
    return _kind_of(code, message, http_status, is_of_record)(
        _spoken(code, message, http_status),
        code=str(code) if code else "",
        http_status=http_status,
        request_id=request_id,
        retry_after_seconds=retry_after_seconds,
    )


def _kind_of(code: int, message: str, http_status: int, is_of_record: bool) -> type[errors.MarketplaceError]:
    if code == _SYSTEM_FAULT and _UNKNOWN_APP in message.lower():
        return errors.BadAppKey
    if code in _BY_CODE_OF_A_RECORD:
        kind = _BY_CODE_OF_A_RECORD[code]
        if is_of_record:
            return kind
        return errors.ServerError if kind is errors.RecordNotReady else errors.Refused
    if code in _BY_CODE:
        return _BY_CODE[code]
    if http_status == 429:
        return errors.Throttled
    return errors.ServerError if http_status >= 500 or http_status == 408 else errors.Refused


def _spoken(code: int, message: str, http_status: int) -> str:
    if message:
        return message[:_LONGEST_MESSAGE]
    return f"Temu answered with code {code}." if code else f"Temu answered with HTTP {http_status}."
