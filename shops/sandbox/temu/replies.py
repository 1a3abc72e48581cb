"""Wraps what Temu answers: the envelope, the request id, and the table of errors. All of them come with HTTP 200."""

import uuid
from typing import Any, NamedTuple

import orjson

from shops.sandbox.listener import Response
from shops.sandbox.service import HTML, RefusalError

SUCCESS_CODE = 1_000_000
DEFAULT_AREA = "us"


class Error(NamedTuple):
    """An error of the gateway or of a type."""

    code: int
    message: str


# Gateway errors [A]; texts are those of the present pages where they are known, and clients must not match on them.
ERRORS: dict[str, Error] = {
    "body": Error(3000000, "PARAMETER_ERROR, body is not a JSON object"),
    "parameter": Error(3000000, "PARAMETER_ERROR"),
    "sign": Error(3000001, "sign is invalid, please check your sign calculation"),
    "missing_type": Error(3000002, "there is no type in body."),
    "type": Error(3000003, "type not exists"),
    "retired_type": Error(
        3000004, "type has been sunset, please stop calling this type and change to use another one."
    ),
    "missing_timestamp": Error(3000010, "there is no timestamp in body."),
    "future_timestamp": Error(3000011, "timestamp is invalid."),
    "old_timestamp": Error(3000012, "timestamp is expired."),
    "missing_data_type": Error(3000013, "there is no data_type in body."),
    "data_type": Error(3000014, "data_type is invalid."),
    "missing_app_key": Error(3000025, "there is no app_key in body."),
    "app_key": Error(3000026, "app_key not exists."),
    # What the live EU host answers instead of 3000026 [M].
    "app_key_live": Error(4000000, "The application information query is abnormal"),
    "missing_token": Error(3000030, "there is no access_token in body."),
    "token": Error(3000031, "access_token not exists."),
    "scope": Error(
        3000032,
        "access_token don't have this api access, please ask for seller to authorize this api in seller center first，"
        "and share the new access_token with you.",
    ),
    "expired_token": Error(
        3000034,
        "access_token is expired or have been refreshed, please contact seller to share the new access_token with you.",
    ),
    "missing_sign": Error(3000040, "there is no sign in body."),
    "server_error": Error(4000000, "SYSTEM_EXCEPTION"),
    "throttled": Error(4000004, "RATE_LIMIT_EXCEED_EXCEPTION"),
    "ip": Error(5000003, "NOT_IN_IP_WHITE_LIST"),
    # Which of the three means what is not documented [?], but that the second use of a code is 110020002.
    "code": Error(110020001, "code is invalid"),
    "used_code": Error(110020002, "code has been used"),
    "old_code": Error(110020003, "code is expired"),
    "order": Error(140020002, "Order not found"),
    "amount_pending": Error(140020008, "The order amount is being calculated, please try again later"),
    "order_pending": Error(140020009, "The order is being processed, please try again later"),
    "confirm_times": Error(140020012, "The end of the confirm time is earlier than its start"),
    "half_pair": Error(140020013, ""),
    "not_seconds": Error(140020014, "The timestamp must be in seconds"),
    "child_order": Error(
        120012016,
        "The parentOrder or Order is invalid. Please check if the parentOrder matches the Order, the parentOrder or"
        " Order is nonexistent etc.",
    ),
    "after_sales": Error(
        130010001, "The parameter is illegal. Please check if the input parameter meets the regulations."
    ),
    "after_sales_step": Error(130010005, "The operation is forbidden."),
    "goods": Error(150010003, "Invalid Request Parameters"),
    "mall_goods": Error(150010188, "The mall and the goods do not match"),
    "tracking_parameter": Error(170070010, "Invalid parameter"),
    "tracking": Error(170070011, "The tracking was not found"),
}


class TemuRefusal(RefusalError):
    """A call that is answered with an error. Its request id begins with the area of the shop, where that is known."""

    area = DEFAULT_AREA

    def response(self) -> Response:
        """Return the answer to send."""
        error = ERRORS[self.key]
        message = " ".join(part for part in (error.message, self.detail) if part)
        envelope = {"success": False, "requestId": request_id(self.area), "errorCode": error.code, "errorMsg": message}
        return Response(200, orjson.dumps(envelope))


def success(result: Any, area: str) -> Response:
    """Return an answer with content."""
    return Response(200, orjson.dumps({"result": result, **_success(area)}))


def wrapped_success(result: Any, area: str, now_ms: int) -> Response:
    """Return an answer wrapped once more, as one capture of the GLOBAL host has it [?]."""
    inner = {"result": result, "success": True, "errorCode": 0, "errorMsg": "SUC", "serverTime": now_ms}
    return success(inner, area)


def html(status: int) -> Response:
    """Return what the edge in front of the API sends."""
    return Response(status, b"<html><body><h1>Please wait</h1></body></html>", content_type=HTML)


def request_id(area: str) -> str:
    """Return the area's prefix and a version 4 UUID [A]."""
    return f"{area}-{uuid.uuid4()}"


def _success(area: str) -> dict[str, Any]:
    return {"success": True, "requestId": request_id(area), "errorCode": SUCCESS_CODE, "errorMsg": ""}
