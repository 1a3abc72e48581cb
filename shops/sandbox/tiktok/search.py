"""Says which orders an order search finds, and in what order."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shops.sandbox.tiktok import filters
from shops.sandbox.tiktok.filters import Check
from shops.sandbox.tiktok.lists import ListKind, Search
from shops.sandbox.windows import Lives, OrderState

STATUSES = (
    "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED",
    "COMPLETED", "CANCELLED",
)  # fmt: skip
# Without a sort order the reference says DESC, but a live call answered the oldest first [C].
ORDER_LIST = ListKind(
    "orders", largest_page=100, sort_fields=("create_time", "update_time"), default_sort="create_time"
)
CHECKS: dict[str, Check] = {
    **filters.times("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt"),
    "order_status": filters.word(*STATUSES),
    "shipping_type": filters.word("TIKTOK", "SELLER"),
    "buyer_user_id": filters.text,
    "is_buyer_request_cancel": filters.flag,
    "warehouse_ids": filters.texts(100),
}
# An array of eight-byte keys: seconds since the world's start above, 34 bits of index below.
_INDEX_BITS = 34
_INDEX_MASK = (1 << _INDEX_BITS) - 1

Accept = Callable[[OrderState], bool]


def find_rows(lives: Lives, search: Search, as_of: int, accept: Accept | None) -> Sequence[int]:
    """Indexes in the order of the search: a range where no order need be looked at, a packed array otherwise."""
    wanted = search.filters
    created = lives.created_range(wanted.get("create_time_ge"), wanted.get("create_time_lt"), as_of)
    by_update = search.sort_field == "update_time"
    windowed = "update_time_ge" in wanted or "update_time_lt" in wanted
    rows: Sequence[int]
    if not (by_update or windowed or accept):
        rows = created
    else:
        keys = array("q", _keys(lives, wanted if windowed else None, created, as_of, accept, by_update=by_update))
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
