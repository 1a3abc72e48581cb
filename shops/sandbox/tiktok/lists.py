"""Reads list calls and pages through what they find.

Which rows a list has, and in what order, is settled when its first page is asked for: the page token carries that
moment of world time. The rows themselves are served as they are when a page is asked for, so a row may by then show a
later update time or status than was searched for, as with the real service.
"""

import base64
import binascii
import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from shops.sandbox.faults import Fault
from shops.sandbox.listener import Request
from shops.sandbox.service import Call, Service
from shops.sandbox.sessions import Sessions, cut_page
from shops.sandbox.tiktok.filters import Check, one_of
from shops.sandbox.tiktok.replies import RefusalError

_TOKEN = struct.Struct(">qqq")
_TAG_SIZE = 12
# Rows are sorted as eight-byte numbers: seconds since 1970 above, the row's key below.
_KEY_BITS = 29
HIGHEST_KEY = (1 << _KEY_BITS) - 1

Row = dict[str, Any]
# What a search finds at a moment: keys of rows, in its order.
Find = Callable[["Search", int], Sequence[int]]
# A row as it is at a moment; None if it is not there yet, because the clock was set back.
Write = Callable[[int, int], Row | None]
Breakages = Mapping[str, Callable[[Row], object]]


@dataclass(frozen=True)
class ListKind:
    """What TikTok says of one list. A default order without sort fields means that the list cannot be sorted."""

    rows_field: str
    largest_page: int
    least_page: int = 1
    default_page: int | None = None
    sort_fields: tuple[str, ...] = ()
    default_sort: str = ""  # none: must be given
    default_order: str = "ASC"
    has_total: bool = True


@dataclass(frozen=True)
class Search:
    """A search as it was asked. `key` is equal for equal searches, whatever their page size and page."""

    key: bytes
    filters: Mapping[str, Any]
    sort_field: str
    is_descending: bool
    page_size: int
    page_token: str


def read_search(request: Request, kind: ListKind, wanted: Mapping[str, Any], checks: Mapping[str, Check]) -> Search:
    """Check query parameters and filters; unknown ones are let pass [A: the gateway tolerates them]."""
    sort_field, sort_order = "", "ASC"
    if kind.sort_fields:
        sort_field = one_of("sort_field", request.parameter("sort_field") or kind.default_sort, kind.sort_fields)
        sort_order = one_of("sort_order", request.parameter("sort_order") or kind.default_order, ("ASC", "DESC"))
    filters = {name: checks[name](name, value) for name, value in sorted(wanted.items()) if name in checks}
    key = orjson.dumps([request.path, sort_field, sort_order, filters])
    token = request.parameter("page_token") or ""
    return Search(key, filters, sort_field, sort_order == "DESC", _page_size(request, kind), token)


def _page_size(request: Request, kind: ListKind) -> int:
    text = request.parameter("page_size") or ""
    if not text and kind.default_page is not None:
        return kind.default_page
    if text.isascii() and text.isdigit() and kind.least_page <= int(text[:9]) <= kind.largest_page:
        return int(text)
    required = "" if kind.default_page else "is required and "
    raise RefusalError(
        "parameter",
        f"The 'page_size' query parameter {required}must be between {kind.least_page} and {kind.largest_page}.",
    )


def sorted_keys(rows: Iterable[tuple[int, int]], search: Search) -> Sequence[int]:
    """Return the keys of rows given as (time to sort by, key), in the order of the search."""
    packed = array("q", sorted(moment << _KEY_BITS | key for moment, key in rows))
    keys = array("q", [one & HIGHEST_KEY for one in packed])
    return keys[::-1] if search.is_descending else keys


class Lists:
    """Answers list calls, with the faults that change what is on a page."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._sessions = Sessions()
        self._page_tokens = PageTokens(service.stage.world.token(service.name, "page tokens", size=32))

    def answer(self, search: Search, kind: ListKind, call: Call, find: Find, write: Write, breakages: Breakages) -> Row:
        """Return the content of one page."""
        now, shop = self._service.stage.clock.now(), call.shop or ""
        as_of, offset, left = now, 0, 0
        if search.page_token:
            as_of, offset, left = self._page_tokens.read(search.key, shop, search.page_token)
        rows = self._sessions.rows((shop, search.key, as_of), lambda: find(search, as_of))
        query = blake2b(search.key, digest_size=8).digest()
        self._service.ledger.need_pages(shop, call.endpoint, query, len(rows), kind.largest_page)
        page = cut_page(rows, offset, search.page_size, left, self._service.draw_page_fault(call))
        written = [row for key in page.rows if (row := write(key, now)) is not None]
        if page.fault is not None and page.fault.kind == "impossible_record":
            break_one(written, page.fault, breakages)
        end, left = page.next_offset, page.left
        token = "" if end >= len(rows) else self._page_tokens.write(search.key, shop, as_of, end, left)
        content: Row = {"next_page_token": token, kind.rows_field: written}
        return content | {"total_count": len(rows) - left} if kind.has_total else content


class PageTokens:
    """Page tokens: the first page's moment, the next row, how many rows left since; tied to the search by a tag."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, search_key: bytes, shop: str, as_of: int, offset: int, left: int) -> str:
        """Return the token for the page that begins at `offset`."""
        plain = _TOKEN.pack(as_of, offset, left)
        return base64.b64encode(plain + self._tag(search_key, shop, plain)).decode()

    def read(self, search_key: bytes, shop: str, token: str) -> tuple[int, int, int]:
        """Moment, offset, rows that left; another search's token is refused [?: not documented, but never useful]."""
        try:
            sealed = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            sealed = b""
        plain = sealed[: _TOKEN.size]
        if len(plain) != _TOKEN.size or sealed[_TOKEN.size :] != self._tag(search_key, shop, plain):
            raise RefusalError("parameter", "The 'page_token' query parameter does not belong to this search.")
        as_of, offset, left = _TOKEN.unpack(plain)
        return as_of, offset, left

    def _tag(self, search_key: bytes, shop: str, plain: bytes) -> bytes:
        return blake2b(plain + shop.encode() + search_key, key=self._key, digest_size=_TAG_SIZE).digest()


def break_one(rows: list[Row], fault: Fault, breakages: Breakages) -> None:
    """Make one record of the page impossible: the ways take turns, and which comes first is seeded."""
    row = rows[fault.choose(len(rows))]
    names = list(breakages)
    name = names[(fault.rule.seed + fault.rule.number + fault.number) % len(names)]
    known = next((str(row[field]) for field in ("id", "return_id", "cancel_id") if field in row), "?")
    fault.note(f"{known}: {name}")
    breakages[name](row)
