"""One shape for every error of the API: a code for programs, a sentence for people, and what is wrong with which field.

`answer_error` is DRF's handler, for what happens inside a view; `error_response` is for what happens around it.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from backoffice.common.errors import NotPossible, RefusedValue

log = structlog.get_logger(__name__)

HOW_TO_LOG_IN = (
    "Send `Authorization: Bearer <key>` with the key of an API token; tokens are made in the admin, under API tokens."
)
WHOLE = ("non_field_errors", "__all__")  # where forms and serializers put what is about no single field

# What is said where nothing more is known: status -> code, sentence.
GENERAL = {
    400: ("malformed", "The request cannot be read."),
    401: ("not_authenticated", f"This needs a login. {HOW_TO_LOG_IN}"),
    403: ("permission_denied", "You may not do this."),
    404: (
        "not_found",
        "There is nothing at this address. Those under /api/v1/ end with a slash; all are listed at /api/v1/docs/.",
    ),
    405: ("method_not_allowed", "This address does not take this method."),
    406: ("not_acceptable", "The API answers with application/json. Send `Accept: application/json`, or leave it out."),
    413: ("too_large", "The body is too large."),
    415: ("unsupported_media_type", "Bodies are JSON. Send `Content-Type: application/json`."),
    500: ("server_error", "Something went wrong here. It was logged; try again later."),
}


class Conflict(exceptions.APIException):
    """What was asked for does not fit how things stand at the moment."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
    allowed: Sequence[str] = ()


class Unacceptable(exceptions.APIException):
    """The call can be read, and values in it cannot be taken as things stand."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "unacceptable"

    def __init__(self, message: str, fields: dict[str, list[str]], allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.fields = fields
        self.allowed = allowed


def error_body(
    code: str, message: str, fields: dict[str, list[str]] | None = None, allowed: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the one shape."""
    body: dict[str, Any] = {"code": code, "message": message}
    if fields:
        body["fields"] = fields
    if allowed:
        body["allowed"] = list(allowed)
    return body


def error_response(status: int, message: str = "", code: str = "") -> HttpResponse:
    """Answer with an error outside DRF."""
    general_code, general_message = GENERAL.get(status, ("error", HTTPStatus(status).phrase))
    body = error_body(code or general_code, message or general_message)
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")


@csrf_exempt  # else a POST would be told of a missing CSRF token
def unknown_address(request: HttpRequest) -> HttpResponse:
    """Answer for every address under /api/ that is none."""
    return error_response(404)


def answer_error(error: Exception, context: dict[str, Any]) -> Response:
    """Turn whatever a view raised into an answer; what nobody foresaw is logged and answered with 500."""
    known = _as_api_exception(error, context)
    request = context["request"]
    # An error is JSON whatever else this address may answer with.
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    if known is None:
        log.error("api_failed", path=request.path, exc_info=error)
        got_request_exception.send(
            sender=None, request=request._request
        )  # so that tests fail instead of passing on 500
        return Response(error_body(*GENERAL[500]), status=500)
    auth_header = getattr(known, "auth_header", None)
    headers = {"WWW-Authenticate": auth_header} if auth_header else {}
    return Response(_describe(known, context), status=known.status_code, headers=headers)


def _as_api_exception(error: Exception, context: dict[str, Any]) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, NotPossible | RefusedValue):
        return _as_refusal(error)
    if isinstance(error, UnreadablePostError | SuspiciousOperation | BadRequest):  # what Django refuses to read
        ended_early = isinstance(error, UnreadablePostError)
        return exceptions.ParseError("The body ended early." if ended_early else GENERAL[400][1])
    return None


def _as_refusal(error: NotPossible | RefusedValue) -> exceptions.APIException:
    if isinstance(error, RefusedValue):
        message, fields = f"Not right: {error.field}. {error}", {error.field: [str(error)]}
        return Unacceptable(message, fields=fields, allowed=error.allowed)
    conflict = Conflict(str(error), code=error.code)
    conflict.allowed = error.allowed
    return conflict


def _describe(error: exceptions.APIException, context: dict[str, Any]) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return _describe_fields(error.detail)
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = ", ".join(context["view"].allowed_methods)
        return error_body("method_not_allowed", f"This address takes {allowed}.")
    if isinstance(error, exceptions.NotAcceptable | exceptions.NotAuthenticated | exceptions.UnsupportedMediaType):
        return error_body(*GENERAL[error.status_code])
    code, detail = error.get_codes(), error.detail
    if isinstance(error, exceptions.ParseError):
        code = "malformed"
    return error_body(str(code), str(detail), getattr(error, "fields", None), getattr(error, "allowed", ()))


def _describe_fields(detail: Any) -> dict[str, Any]:
    """Split what validation says into sentences about single fields and about the whole."""
    if not isinstance(detail, dict):
        return error_body("invalid", " ".join(map(str, detail)))
    fields = {name: _sentences(said) for name, said in detail.items() if name not in WHOLE}
    whole = [sentence for name in WHOLE for sentence in _sentences(detail.get(name, []))]
    if fields:
        whole.append(f"Not right: {', '.join(fields)}.")
    return error_body("invalid", " ".join(whole), fields)


def _sentences(said: Any) -> list[str]:
    if isinstance(said, dict):  # by position in a list, or by name in a form within
        return [f"{name}: {sentence}" for name, inner in said.items() for sentence in _sentences(inner)]
    if isinstance(said, list | tuple):
        return [sentence for inner in said for sentence in _sentences(inner)]
    return [str(said)]
