"""The border of the API: bodies are measured before anything reads them, and every error leaves in the API's shape.

Django itself answers some requests before a view is reached (a wrong host, an address that is none), in HTML.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backoffice.common.api.errors import error_response

PREFIX = "/api/"
KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")
DRAINED_BYTES = 16 * 1024 * 1024  # of a refused body; a caller that is cut off while sending never reads the answer
PIECE_BYTES = 64 * 1024


def api_border(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse large bodies, give every error under /api/ its shape, and let nobody on the way keep an answer."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return get_response(request)
        response = _in_shape(get_response(request)) if _fits(request) else _too_large()
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def _too_large() -> HttpResponse:
    return error_response(
        413, f"The body is too large: {settings.API_MAX_BODY_BYTES:,} bytes at most. Send less in one call."
    )


def _fits(request: HttpRequest) -> bool:
    """Whether the body is within the limit. One that comes in pieces, without a length, is read here for that."""
    limit = settings.API_MAX_BODY_BYTES
    source: Any = request.META.get("wsgi.input")
    if not request.META.get("wsgi.input_terminated") or request.META.get("CONTENT_LENGTH"):
        # Never more is read than this number says, so that one that lies too low only cuts the body off.
        declared = _as_number(request.META.get("CONTENT_LENGTH"))
        if declared > limit:
            _drain(source, declared)
        return declared <= limit
    body = source.read(limit + 1)
    if len(body) > limit:
        _drain(source, DRAINED_BYTES)
        return False
    request._stream = BytesIO(body)  # Django takes a body without a length for empty
    request.META["CONTENT_LENGTH"] = str(len(body))
    return True


def _as_number(text: Any) -> int:
    """Read a length as Django does: what is none counts as nothing."""
    try:
        return max(int(text or 0), 0)
    except ValueError:
        return 0


def _drain(source: Any, size: int) -> None:
    left = min(size, DRAINED_BYTES)
    while left > 0 and (piece := source.read(min(PIECE_BYTES, left))):
        left -= len(piece)


def _in_shape(response: HttpResponse) -> HttpResponse:
    if response.status_code < 400 or "json" in response.headers.get("Content-Type", ""):
        return response
    shaped = error_response(response.status_code)
    for name in KEPT_HEADERS:
        if name in response.headers:
            shaped.headers[name] = response.headers[name]
    return shaped
