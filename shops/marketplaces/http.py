"""Makes one HTTP call at a time: bounded in time and size, logged without secrets, counted, never repeated here."""

import email.utils
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

import orjson
import requests
import urllib3
from requests.adapters import HTTPAdapter

from shops.marketplaces.errors import BadRequest, MarketplaceError, NetworkFailure, NotReached, UnreadableAnswer
from shops.marketplaces.values import fields, storable

PRODUCT = "backoffice"
CONNECT_TIMEOUT_SECONDS = 10.0
LARGEST_BODY_BYTES = 64 * 1024 * 1024  # a page of 100 orders has about half a megabyte
_PIECE_BYTES = 64 * 1024
_LARGEST_NUMBER_DIGITS = 18  # longer ones do not fit 64 bits, and so no JSON column; they stay as text
_LONGEST_RETRY_AFTER_SECONDS = 86_400.0

Query = Mapping[str, str] | Sequence[tuple[str, str]]  # pairs where a name comes several times

_log = logging.getLogger(__name__)


class _NoUrls(logging.Filter):
    """urllib3 writes whole URLs into its debug log; ours carry signatures and, at token hosts, secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


logging.getLogger("urllib3.connectionpool").addFilter(_NoUrls())


@dataclass(frozen=True, slots=True)
class CallReport:
    """One call that was made: for counting. `ok` says that an answer came and its HTTP status is below 400."""

    method: str
    host: str
    path: str
    call_id: str
    status: int | None
    seconds: float
    received_bytes: int
    ok: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Read the body as JSON that a database can keep; raises UnreadableAnswer."""
        return read_json(self.body)

    def envelope(self) -> dict[str, Any]:
        """Read the object around an answer, empty if a refusal comes without one; raises UnreadableAnswer."""
        try:
            return fields(self.json())
        except UnreadableAnswer:
            if self.status < 300:
                raise
            return {}

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server asks to be left alone; None if it does not say, or says nonsense."""
        return read_retry_after(self.headers.get("Retry-After"), time.time())


class HttpClient:
    """One session for one worker: kept connections, no retries, no redirects, no cookies, no passwords from files."""

    def __init__(
        self,
        timeout_seconds: float = 120.0,
        observe: Callable[[CallReport], None] | None = None,
        logger: logging.Logger = _log,
        largest_body_bytes: int = LARGEST_BODY_BYTES,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._observe = observe
        self._log = logger
        self._largest_body_bytes = largest_body_bytes
        self._session = requests.Session()
        self._session.auth = _unchanged  # else requests takes one from a .netrc file
        self.announce("")
        adapter = HTTPAdapter(max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def announce(self, purpose: str) -> None:
        """Say what the calls that follow are for, in their User-Agent: whoever counts calls can tell them apart."""
        self._session.headers["User-Agent"] = f"{PRODUCT} ({purpose})" if purpose else PRODUCT

    def send(
        self,
        method: str,
        url: str,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Make the call; any HTTP status is an answer. `timeout_seconds` bounds the whole of it.

        Raises NetworkFailure, UnreadableAnswer (a body that is cut off or too large) or BadRequest (a URL or header
        that cannot be sent). Their texts never hold the query, headers or body.
        """
        started = time.monotonic()
        answer, failure = self._exchange(method, url, query or {}, headers or {}, body, started)
        self._report(method, url, answer, failure, time.monotonic() - started)
        if failure is not None:
            raise failure  # outside of any except block: the library's error, whose text has the URL, is not linked
        assert answer is not None
        return answer

    def _exchange(
        self, method: str, url: str, query: Query, headers: Mapping[str, str], body: bytes, started: float
    ) -> tuple[Answer | None, MarketplaceError | None]:
        address = f"{url}?{urlencode(query, quote_via=quote)}" if query else url
        try:
            with self._session.request(
                method,
                address,
                headers=dict(headers),
                data=body or None,
                timeout=(min(CONNECT_TIMEOUT_SECONDS, self._timeout_seconds), self._timeout_seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                self._session.cookies.clear()
                received = self._read_body(response, started)
                return Answer(response.status_code, response.headers, received), None
        except _TooMuch as error:
            return None, UnreadableAnswer(str(error))
        except _UNSENDABLE as error:
            return None, BadRequest(f"The request cannot be sent: {type(error).__name__}.")
        except (requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError):
            return None, UnreadableAnswer("The answer's compression is broken.")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            failure = NotReached if _is_before_sending(error) else NetworkFailure
            return None, failure(f"No whole answer from {urlsplit(url).hostname}: {type(error).__name__}.")

    def _read_body(self, response: requests.Response, started: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self._largest_body_bytes:
                raise _TooMuch(f"The answer is larger than {self._largest_body_bytes} bytes.")
            if time.monotonic() - started > self._timeout_seconds:
                raise _TooMuch(f"The answer took longer than {self._timeout_seconds:g} seconds.")
        return b"".join(pieces)

    def _report(
        self, method: str, url: str, answer: Answer | None, failure: MarketplaceError | None, seconds: float
    ) -> None:
        """Log one line and tell the observer: path and status, never the query, which carries tokens and secrets."""
        parts = urlsplit(url)
        report = CallReport(
            method=method,
            host=parts.hostname or "",
            path=parts.path,
            call_id=uuid4().hex[:12],
            status=answer.status if answer else None,
            seconds=seconds,
            received_bytes=len(answer.body) if answer else 0,
            ok=answer is not None and answer.status < 400,
        )
        self._log.info(
            "marketplace call %s: %s %s%s: %s, %d ms, %d bytes",
            report.call_id,
            method,
            report.host,
            report.path,
            report.status or failure,
            seconds * 1000,
            report.received_bytes,
        )
        if self._observe is not None:
            self._observe(report)


class _TooMuch(Exception):
    """The answer is larger or slower than we wait for."""


_UNSENDABLE = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationParseError,
    UnicodeError,
)


def _is_before_sending(error: Exception) -> bool:
    """Whether there was no connection yet, so that nothing of the call can have been sent."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, urllib3.exceptions.MaxRetryError) else cause
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def read_json(body: bytes) -> Any:
    r"""Read JSON leniently, but only into what PostgreSQL can keep; raises UnreadableAnswer.

    The fast reader refuses lone surrogates, NaN and Infinity, and lets `\u0000` through: such bodies are read a
    second time and cleaned. Numbers that do not fit 64 bits, NaN and Infinity stay as their text.
    """
    try:
        read = orjson.loads(body)
        return _cleaned(read) if b"\\u0000" in body else read
    except (orjson.JSONDecodeError, RecursionError):
        pass
    try:
        return _cleaned(json.loads(body, parse_int=_bounded_int, parse_constant=str))
    except (ValueError, RecursionError):
        kind = "an empty body" if not body.strip() else f"{len(body)} bytes"
    raise UnreadableAnswer(f"The answer is no readable JSON: {kind}.")


def _bounded_int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LARGEST_NUMBER_DIGITS else digits


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): _cleaned(item) for key, item in value.items()}
    return value


def read_retry_after(header: str | None, now: float) -> float | None:
    """Read a Retry-After header (seconds, or an HTTP date against `now` in Unix seconds), at most a day."""
    if not header:
        return None
    try:
        wanted = float(header)
    except ValueError:
        try:
            wanted = email.utils.parsedate_to_datetime(header).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(wanted, 0.0), _LONGEST_RETRY_AFTER_SECONDS) if wanted == wanted else None
