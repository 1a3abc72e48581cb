"""Wraps what Lazada answers: envelope, request id and the table of errors. HTTP status is 200 in any case [A]."""

import itertools
import os
import time
from typing import Any, NamedTuple

import orjson

from shops.sandbox import service
from shops.sandbox.listener import Response

OK = 200
_counter = itertools.count(1)
# A node's number, as it stands at the head of request ids.
_NODE = f"21{os.getpid() & 0xFFFF:05d}0"


class Error(NamedTuple):
    """An error of the gateway (ISV), of a service behind it (ISP) or of the platform (SYSTEM)."""

    type: str
    code: str
    message: str


ERRORS: dict[str, Error] = {
    # The gateway. Names marked [C] are from clients, not from the reference.
    "path": Error("ISV", "InvalidApiPath", "The specified api path is invalid"),  # [C]
    "missing": Error(
        "ISV", "MissingParameter",
        "the input parameter “{detail}” that is mandatory for processing this request is not supplied",
    ),
    "invalid": Error("ISV", "InvalidParameter", "The specified parameter “{detail}” is not valid"),
    "app_key": Error("ISV", "InvalidAppKey", "The specified app key is invalid"),  # [C]
    "timestamp": Error("ISV", "{detail}", "The specified timestamp is invalid"),  # [C], see switches.py
    "sign": Error("ISV", "IncompleteSignature", "The request signature does not conform to lazada standards"),
    "expired_token": Error("ISV", "IllegalAccessToken", "The specified access token is invalid or expired"),
    "permission": Error("ISV", "InsufficientPermission", "App does not have permission to access this api"),  # [C]
    # Token calls.
    "code": Error("ISV", "InvalidCode", "Invalid authorization code"),
    "refresh_token": Error("ISV", "IllegalRefreshToken", "The specified refresh token is invalid or expired"),
    "auth_type": Error("ISV", "AUTH_TYPE_UNSUPPORTED", "The auth type of the app does not support refreshing"),
    # Orders.
    "offset": Error("ISP", "14", 'E014: "{detail}" Invalid Offset'),
    "order_id": Error("ISP", "16", 'E016: "{detail}" Invalid Order ID'),
    "date": Error("ISP", "17", 'E017: "{detail}" Invalid Date Format'),
    "limit": Error("ISP", "19", 'E019: "{detail}" Invalid Limit'),
    "status": Error("ISP", "36", 'E036: "{detail}" Invalid status filter'),
    "unknown_ids": Error("ISP", "37", "E037: One or more order ids in the list are incorrect"),
    "many_ids": Error("ISP", "38", "E038: Too many orders were requested"),
    "no_ids": Error("ISP", "39", "E039: No orders were found"),
    "ids_format": Error("ISP", "56", "E056: Invalid list of order ids, it must be an array such as [1,2]"),
    "sku_list": Error("ISP", "70", "E070: The list of seller SKUs is not valid"),
    # The number is not certain [?].
    "item_id": Error("ISP", "208", "E208: Invalid item id"),
    "sort_direction": Error("ISP", "74", "E074: Invalid sort direction."),
    "sort_by": Error("ISP", "75", "E075: Invalid sort filter."),
    # Reverse orders; 106 also stands for one that this shop does not have [A].
    "reverse_line_id": Error("ISP", "103", "E0103: reverse order line id is empty"),
    "reverse_id": Error("ISP", "105", "E0105: reverse order id is empty or invalid"),
    "reverse_foreign": Error("ISP", "106", "E0106: ROC internal error"),
    "reverse_action": Error("ISP", "107", "E0107: invalid action"),
    "reverse_reason": Error("ISP", "108", "E0108: reason can't be empty if you want to refuse return or refund"),
    "reverse_comment": Error("ISP", "109", "E0109: comment can't be empty if you want to refuse return or refund"),
    "reverse_image": Error("ISP", "110", "E0110: image can't be empty if you want to refuse refund"),
    "reverse_many": Error(
        "ISP", "111",
        "E0111: do not support massive reverse order line operation if you want to refuse return or refund",
    ),
    "reverse_step": Error("ISP", "114", "E0114: this reverse does not support this action"),
    "reverse_lines": Error("ISP", "126", "E0126: invalid reverse order lines"),
    "reverse_decision": Error("ISP", "131", "E0131: no decision for this reverse order"),
    "reverse_page_size": Error("ISP", "120", "E0120: page size invalid"),
    "reverse_page": Error("ISP", "121", "E0121: page number invalid"),
    # Money.
    "finance_window": Error("ISP", "1000012", "endTime - startTime must should be less than 180 days"),
    "finance_type": Error("ISP", "1000014", "transaction type is invalid"),
}  # fmt: skip
# What a service that fails says, in turn.
FAILURES: tuple[Error, ...] = (
    Error("ISP", "15", "Remote service error"),
    Error("SYSTEM", "ServiceTimeout", "The request has failed due to service timeout"),
    Error("SYSTEM", "1000", "Internal Application Error"),
    Error("SYSTEM", "6", "E006: Unexpected internal error"),
)
_failures = itertools.cycle(FAILURES)


class RefusalError(service.RefusalError):
    """A call that is answered with an error."""

    def response(self) -> Response:
        """Return the answer to send."""
        if self.key == "throttled":
            return _banned(self.retry_after)
        error = next(_failures) if self.key == "server_error" else ERRORS[self.key]
        code, message = error.code.replace("{detail}", self.detail), error.message.replace("{detail}", self.detail)
        return _failure(error.type, code, message)


class ProductsThrottledError(RefusalError):
    """The refusal of a call too many by the product services, which have a number of their own."""

    def response(self) -> Response:
        """Return the answer to send."""
        return _failure("ISP", "901", "E0901: Limit service request speed in server side temporarily.")


def _banned(seconds: int | None) -> Response:
    """Say for how long the ban lasts, which only the text does [A]; unasked it comes with the code of success [B]."""
    text = f"Api access frequency exceeds the limit. this ban will last {seconds or 1} seconds"
    return envelope({"code": "0", "message": text}) if seconds is None else _failure("ISV", "ApiCallLimit", text)


def _failure(kind: str, code: str, message: str) -> Response:
    return envelope({"type": kind, "code": code, "message": message}, with_trace=False)


def success(content: Any, key: str = "data") -> Response:
    """Return an answer with content: most calls have it under `data`, reverse orders and traces under `result`."""
    return envelope({key: content, "code": "0"})


def envelope(content: dict[str, Any], *, with_trace: bool = True) -> Response:
    """Add the request id, and the trace id that only answers with content carry."""
    stamp = f"{time.time_ns() // 1_000_000}{next(_counter) % 1_000_000:06d}"
    content["request_id"] = _NODE + stamp
    if with_trace:
        content["_trace_id_"] = f"{_NODE}{stamp}e"
    return Response(OK, orjson.dumps(content))
