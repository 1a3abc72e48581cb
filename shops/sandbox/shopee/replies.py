"""Wraps what Shopee answers: the envelope, the request id, and the table of errors."""

import os
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import orjson

from shops.sandbox import service
from shops.sandbox.listener import Response
from shops.sandbox.shopee.switches import Switches

# Which of the switched HTTP statuses an error has.
Group = Literal["gateway", "throttled", "business", "server"]


class Error(NamedTuple):
    """An error: its group, its code and its text as the API pages print them."""

    group: Group
    code: str
    message: str


ERRORS: dict[str, Error] = {
    # The gateway. Texts for parameters that are missing altogether are not in the sheets [C].
    "path": Error("gateway", "error_not_found", "The API path is not found."),
    "method": Error("gateway", "error_param", "The request method is not supported."),
    "too_large": Error("gateway", "error_param", "The request body is too large."),
    "missing": Error("gateway", "error_param", "There is no {} in query."),
    "partner_id": Error("gateway", "invalid_partner_id", "partner_id is invalid."),
    "timestamp": Error("gateway", "error_param", "Invalid timestamp"),
    "old_timestamp": Error("gateway", "error_param", "Timestamp is expired."),
    "sign": Error("gateway", "error_sign", "Wrong sign."),
    "expired_token": Error("gateway", "invalid_acceess_token", "Invalid access_token, please have a check."),
    "shop_id": Error("gateway", "error_param", "Invalid shop_id."),
    "not_linked": Error("gateway", "shop_no_linked", "Partner and shop has no linked."),
    "shop_ended": Error("gateway", "shop_access_expired", "The shop's authorization has expired."),
    # The token calls.
    "refresh_token": Error("gateway", "error_auth", "Invalid refresh_token."),
    "code": Error("gateway", "error_auth", "Invalid code"),
    "token_shop": Error("gateway", "invalid_shop_id", "The shop_id does not match."),
    "main_account": Error("gateway", "invalid_main_acount_id", "The main_account_id does not match."),
    "body": Error("gateway", "error_param", "The request body must be a JSON object."),
    # Quotas and faults.
    "throttled": Error(
        "throttled", "error_rate_limit",
        "Too many requests. You have reached the rate limit. Please try again later.",
    ),
    "daily_limit": Error(
        "throttled", "error_limit",
        "The total API call number made by your APP has reached the daily API call limit, please try again after"
        " 00: 00 (UTC+08:00)",
    ),
    "server_error": Error("server", "error_server", "System error. Please try again later."),
    # The endpoints.
    "parameter": Error("business", "error_param", ""),
    "order_window": Error(
        "business", "order.order_list_invalid_time",
        "Start time must be earlier than end time and diff in 15days.",
    ),
    "order_not_found": Error("business", "error_not_found", "Wrong parameters, detail: the order is not found."),
    "no_such_order": Error("business", "logistics.invalid_error", "The order is not exist."),
    "package_number": Error("business", "logistics.package_number_not_exist", "The package_number is not exist."),
    "item_not_found": Error("business", "product.error_item_not_found", "Item_id is not found."),
    "return_not_found": Error("business", "error_not_found", "The return is not found."),
    # The codes of the two are not in the sheets [?].
    "return_status": Error("business", "error_status_limit", "The status of the return does not allow this."),
    "dispute_reason": Error("business", "error_param", "dispute_reason_id, email or image_list is invalid."),
    "income_not_found": Error("business", "income_not_found", "The income of the order is not found."),
    "window": Error("business", "time_period_too_large", "The time period must not be longer than 15 days."),
    "reversed_window": Error("business", "time_invalid", "Start time must be earlier than end time."),
}  # fmt: skip


class RefusalError(service.RefusalError):
    """A call that is answered with an error. The gateway hands in the switches before it is."""

    switches = Switches()

    def response(self) -> Response:
        """Return the answer to send."""
        group, code, message = ERRORS[self.key]
        if self.key == "expired_token" and self.switches.bad_token_is_error_auth:
            code, message = "error_auth", "Invalid access_token."
        switches = self.switches
        message = message.format(self.detail) if "{}" in message else message or self.detail
        statuses = {
            "gateway": switches.gateway_status,
            "throttled": switches.throttled_status,
            "business": switches.business_status,
            "server": switches.server_error_status,
        }
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        body = orjson.dumps({"error": code, "message": message, "request_id": request_id()})
        return Response(statuses[group], body, headers=headers)


def success(content: Any, *, warning: str | None = None) -> Response:
    """Return an answer with its content under `response`."""
    return flat({"response": content} if warning is None else {"warning": warning, "response": content})


def flat(content: Mapping[str, Any]) -> Response:
    """Return an answer whose content stands beside `error`: token calls, shop info, shops of the app [A]."""
    return Response(200, orjson.dumps({"error": "", "message": "", "request_id": request_id(), **content}))


def request_id() -> str:
    """32 hex digits."""
    return os.urandom(16).hex()
