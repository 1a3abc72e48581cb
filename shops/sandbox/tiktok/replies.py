"""Wraps what TikTok answers: the envelope, the request id, and the table of errors with their HTTP status."""

import os
import time
from typing import Any, NamedTuple

import orjson

from shops.sandbox import service
from shops.sandbox.listener import Response

# Request ids begin with the time in UTC+8 [A: three captures with a known request time agree].
_UTC_PLUS_8 = 8 * 3600
_HELP = " For more details: https://m.tiktok.shop/s/example"


class Error(NamedTuple):
    """An error as TikTok Partner Center's list of common errors has it."""

    status: int
    code: int
    message: str


# HTTP status: 400 for a bad app key, 401 for a bad sign, 404 for a path and 429 were seen live [A]; the rest is [?].
ERRORS: dict[str, Error] = {
    "path": Error(404, 36009009, "Invalid path. The specified path does not match any available endpoint."),
    "method": Error(405, 36009010, "Invalid method. The HTTP method is not supported by the endpoint."),
    "app_key": Error(400, 36009004, "Invalid credentials. Invalid 'app_key' query parameter."),
    "timestamp": Error(400, 36009004, "Invalid timestamp. The 'timestamp' query parameter must be Unix seconds."),
    "old_timestamp": Error(
        400, 36009004,
        "Invalid timestamp. The value of the 'timestamp' query parameter must not be earlier than 5 minutes before"
        " the current time.",
    ),
    "future_timestamp": Error(
        400, 36009004,
        "Invalid timestamp. The value of the 'timestamp' query parameter must not exceed the current time by more"
        " than 30 seconds.",
    ),
    "missing_sign": Error(
        400, 36009004, "Missing credentials. The request does not include a required signature in the query."
    ),
    "sign": Error(401, 106001, "Invalid credentials. The 'sign' query parameter is invalid."),
    "token": Error(401, 36009004, "Invalid credentials. The 'x-tts-access-token' header is invalid."),
    "expired_token": Error(
        401, 105002, "Expired credentials. The 'access_token' or 'x-tts-access-token' header has expired."
    ),
    "revoked": Error(401, 105001, "Invalid credentials. The access token is no longer authorized by the seller."),
    "scope": Error(
        403, 105005,
        "Access denied. The app is not authorized to access the endpoint because the access scopes granted for the app"
        " or the access token do not contain the required access scope for the endpoint.",
    ),
    "missing_cipher": Error(
        400, 106013, "Missing identifier. The 'shop_cipher' query parameter is required to identify the target shop."
    ),
    "unexpected_cipher": Error(
        400, 36009004, "Unexpected identifier. The 'shop_cipher' query parameter is not required for this request."
    ),
    "foreign_cipher": Error(
        401, 105001, "Invalid credentials. The access token and the 'shop_cipher' query parameter do not match."
    ),
    "parameter": Error(400, 36009004, "Invalid parameter."),
    "body": Error(400, 36009022, "Invalid request body. The body must be JSON or multipart/form-data."),
    "too_large": Error(413, 36009021, "Request too large. The size of the request body exceeds the limit."),
    "throttled": Error(
        429, 36009002, "Too many requests. You've made too many requests in a short period of time."
    ),
    "server_error": Error(
        500, 36009003,
        "Internal error. Please try again. If the issue persists after multiple attempts, please contact platform"
        " support.",
    ),
}  # fmt: skip

# Business errors are answered with HTTP 200 and a code [C]; where the sources name no code, one is made up [?].
BUSINESS_ERRORS: dict[str, Error] = {
    "too_many_seller_skus": Error(200, 12019027, "The number of seller_skus exceeds the limit."),
    "too_many_sku_ids": Error(200, 12019087, "The number of sku_ids exceeds the limit."),
    "bad_product": Error(200, 12052031, "The product ID is invalid."),
    "no_product": Error(200, 12052032, "The product does not exist."),
    "foreign_product": Error(200, 12052034, "The product does not belong to the shop."),
    "no_package": Error(200, 21001001, "The package does not exist."),
    "no_order": Error(200, 21001002, "The order does not exist."),
    "no_case": Error(200, 25001001, "The return or cancellation does not exist."),
    "case_step": Error(200, 25001002, "The return or cancellation does not wait for this decision."),
    "reject_reason": Error(200, 25001003, "The reject reason is missing or is none of those that are allowed."),
    "no_statement": Error(200, 33001001, "The statement does not exist."),
}

# The token host answers HTTP 200 with a code [?] and without the help text.
TOKEN_ERRORS: dict[str, Error] = {
    "auth_code": Error(200, 36004004, "Invalid auth code."),
    "no_record": Error(200, 36004005, "can not find related auth record"),
    "refresh_expired": Error(200, 36004001, "rt has expired"),
    "app_secret": Error(200, 36009004, "Invalid credentials. Invalid 'app_secret' query parameter."),
    "grant_type": Error(200, 36009004, "Invalid parameter. The value of 'grant_type' is not supported here."),
}


class RefusalError(service.RefusalError):
    """A call that TikTok answers with an error."""

    def response(self) -> Response:
        """Return the answer to send."""
        known = TOKEN_ERRORS.get(self.key)
        error = known or BUSINESS_ERRORS.get(self.key) or ERRORS[self.key]
        detail = f" {self.detail}" if self.detail else ""
        message = error.message + detail + ("" if known else _HELP)
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Response(error.status, _envelope(error.code, message, None), headers=headers)


def success(content: Any, message: str = "Success") -> Response:
    """Return an answer with content."""
    return Response(200, _envelope(0, message, content))


def request_id() -> str:
    """14 digits of time and 20 hex digits."""
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + _UTC_PLUS_8))
    return stamp + os.urandom(10).hex().upper()


def _envelope(code: int, message: str, content: Any) -> bytes:
    return orjson.dumps({"code": code, "data": content, "message": message, "request_id": request_id()})
