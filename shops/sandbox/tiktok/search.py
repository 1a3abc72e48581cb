"""Reads order searches, decides which orders they find, and pages through them.

Which orders a search finds, and in what order, is settled when its first page is asked for: the page token carries
that moment of world time. The orders themselves are served as they are when a page is asked for, so a row may by then
show a later update time or status than was searched for, as with the real service.
"""

import base64
import binascii
import struct
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from shops.sandbox.listener import Request
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.windows import Lives, OrderState

HIGHEST_PAGE_SIZE = 100
STATUSES = (
    "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED",
    "COMPLETED", "CANCELLED",
)  # fmt: skip
SORT_FIELDS = ("create_time", "update_time")
TIME_FILTERS = ("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt")
HIGHEST_WAREHOUSE_COUNT = 100
# An array of eight-byte keys: seconds since the world's start above, 34 bits of index below.
_INDEX_BITS = 34
_INDEX_MASK = (1 << _INDEX_BITS) - 1
_TOKEN = struct.Struct(">qqq")
_TAG_SIZE = 12


@dataclass(frozen=True)
class Search:
    """A search as it was asked. `key` is equal for equal searches, whatever their page size and page."""

    key: bytes
    filters: Mapping[str, Any]
    sort_field: str
    is_descending: bool
    page_size: int
    page_token: str


def read_search(request: Request, body: Mapping[str, Any]) -> Search:
    """Check query parameters and body filters; unknown ones are let pass [A: the gateway tolerates them]."""
    size = request.parameter("page_size") or ""
    if not size.isascii() or not size.isdigit() or not 1 <= int(size[:9]) <= HIGHEST_PAGE_SIZE:
        raise RefusalError("parameter", "The 'page_size' query parameter is required and must be between 1 and 100.")
    # Without a sort order the reference says DESC, but a live call answered the oldest first [C].
    sort_field = _word("sort_field", request.parameter("sort_field") or "create_time", SORT_FIELDS)
    sort_order = _word("sort_order", request.parameter("sort_order") or "ASC", ("ASC", "DESC"))
    filters = {name: _CHECKS[name](name, value) for name, value in sorted(body.items()) if name in _CHECKS}
    key = orjson.dumps([sort_field, sort_order, filters])
    return Search(key, filters, sort_field, sort_order == "DESC", int(size), request.parameter("page_token") or "")


def _word(name: str, value: object, known: Sequence[str]) -> str:
    if isinstance(value, str) and value in known:
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be one of {', '.join(known)}.")


def _time(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40:
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be an integer of Unix seconds.")


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be true or false.")


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise RefusalError("parameter", f"The value of '{name}' must be a string.")


def _texts(name: str, value: object) -> list[str]:
    if isinstance(value, list) and len(value) <= HIGHEST_WAREHOUSE_COUNT:
        return [_text(name, one) for one in value]
    raise RefusalError("parameter", f"The value of '{name}' must be at most {HIGHEST_WAREHOUSE_COUNT} strings.")


_CHECKS: dict[str, Callable[[str, object], Any]] = {
    **dict.fromkeys(TIME_FILTERS, _time),
    "order_status": lambda name, value: _word(name, value, STATUSES),
    "shipping_type": lambda name, value: _word(name, value, ("TIKTOK", "SELLER")),
    "buyer_user_id": _text,
    "is_buyer_request_cancel": _flag,
    "warehouse_ids": _texts,
}


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


Accept = Callable[[OrderState], bool]


def find_rows(lives: Lives, search: Search, as_of: int, accept: Accept | None) -> Sequence[int]:
    """Indexes in the order of the search: a range where no order need be looked at, a packed array otherwise."""
    filters = search.filters
    created = lives.created_range(filters.get("create_time_ge"), filters.get("create_time_lt"), as_of)
    by_update = search.sort_field == "update_time"
    windowed = "update_time_ge" in filters or "update_time_lt" in filters
    rows: Sequence[int]
    if not (by_update or windowed or accept):
        rows = created
    else:
        keys = array("q", _keys(lives, filters if windowed else None, created, as_of, accept, by_update=by_update))
        if by_update:
            keys = array("q", [key & _INDEX_MASK for key in sorted(keys)])
        rows = keys
    return rows[::-1] if search.is_descending else rows


def _keys(
    lives: Lives,
    window: Mapping[str, Any] | None,
    created: range,
    as_of: int,
    accept: Accept | None,
    *,
    by_update: bool,
) -> Iterator[int]:
    start = lives.book.start
    if window is None:
        states = lives.states_in(created, as_of)
    else:
        states = lives.updated_between(window.get("update_time_ge"), window.get("update_time_lt"), as_of)
    for state in states:
        if state.position in created and (accept is None or accept(state)):
            yield (state.updated - start) << _INDEX_BITS | state.position if by_update else state.position
