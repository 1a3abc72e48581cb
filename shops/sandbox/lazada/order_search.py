"""Reads the filters of /orders/get and finds the orders that they mean."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shops.sandbox.lazada.dates import parse_moment
from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.looks import FILTER_GROUPS, FILTERS
from shops.sandbox.lazada.replies import RefusalError
from shops.sandbox.windows import Lives, OrderState

# An array of eight-byte keys: seconds since the world's start above, 34 bits of index below.
_INDEX_BITS = 34
_INDEX_MASK = (1 << _INDEX_BITS) - 1
_SORT_FIELDS = ("created_at", "updated_at")
_DIRECTIONS = ("ASC", "DESC")
# Returns the distinct words of an order's lines.
Statuses = Callable[[OrderState], list[str]]


@dataclass(frozen=True)
class Search:
    """What is searched for; a bound is None where it is not set, and each is part of its window."""

    created_from: int | None
    created_to: int | None
    updated_from: int | None
    updated_to: int | None
    words: tuple[str, ...]
    by_update: bool
    is_descending: bool


def read_search(parameters: Parameters) -> Search:
    """Check the filters of /orders/get [A]; one of the two lower bounds is needed, or else MissingParameter [?]."""
    if not parameters.get("created_after") and not parameters.get("update_after"):
        raise RefusalError("missing", "created_after")
    # Both defaults are not documented [?].
    sort_by = parameters.get("sort_by") or "created_at"
    if sort_by not in _SORT_FIELDS:
        raise RefusalError("sort_by", sort_by)
    direction = (parameters.get("sort_direction") or "ASC").upper()
    if direction not in _DIRECTIONS:
        raise RefusalError("sort_direction", direction)
    status = parameters.get("status") or "all"
    if status not in FILTERS:
        raise RefusalError("status", status)
    return Search(
        created_from=_moment(parameters, "created_after"),
        created_to=_moment(parameters, "created_before"),
        updated_from=_moment(parameters, "update_after"),
        updated_to=_moment(parameters, "update_before"),
        words=() if status == "all" else FILTER_GROUPS.get(status, (status,)),
        by_update=sort_by == "updated_at",
        is_descending=direction == "DESC",
    )


def find_rows(lives: Lives, search: Search, as_of: int, statuses: Statuses) -> Sequence[int]:
    """Indexes in the order of the search: a range where no order need be looked at, a packed array otherwise."""
    created = lives.created_range(search.created_from, _after(search.created_to), as_of)
    is_windowed = search.updated_from is not None or search.updated_to is not None
    rows: Sequence[int]
    if search.by_update or is_windowed or search.words:
        keys = array("q", _keys(lives, search, created, as_of, statuses, is_windowed=is_windowed))
        if search.by_update:
            keys = array("q", [key & _INDEX_MASK for key in sorted(keys)])
        rows = keys
    else:
        rows = created
    return rows[::-1] if search.is_descending else rows


def _keys(
    lives: Lives, search: Search, created: range, as_of: int, statuses: Statuses, *, is_windowed: bool
) -> Iterator[int]:
    start = lives.book.start
    if is_windowed:
        states = lives.updated_between(search.updated_from, _after(search.updated_to), as_of)
    else:
        states = lives.states_in(created, as_of)
    for state in states:
        if state.position in created and (not search.words or not set(statuses(state)).isdisjoint(search.words)):
            yield (state.updated - start) << _INDEX_BITS | state.position if search.by_update else state.position


def _moment(parameters: Parameters, name: str) -> int | None:
    text = parameters.get(name)
    return parse_moment(text) if text else None


def _after(moment: int | None) -> int | None:
    """Whether a bound belongs to its window is not documented for the upper one [?]: here it does."""
    return None if moment is None else moment + 1
