"""What TikTok Shop's searches have in common: a window of update times, sorting, and a token to the next page."""

from collections.abc import Mapping
from typing import Any

from shops.marketplaces import errors
from shops.marketplaces.paging import Slice, TokenPaging
from shops.marketplaces.records import Window


def updated_in(window: Window) -> dict[str, int]:
    """Give the body's bounds of the update time, in Unix seconds: from the start, up to but without the end."""
    return {"update_time_ge": int(window.start.timestamp()), "update_time_lt": int(window.end.timestamp())}


def page_parameters(paging: TokenPaging, page_size: int, page_token: str, sort_field: str = "") -> dict[str, str]:
    """Give the query of a page. Sorting is sent where it is taken: the documented and the real default differ."""
    sorting = {"sort_field": sort_field, "sort_order": "ASC"} if sort_field else {}
    return {"page_size": str(page_size), **sorting, **paging.prepare(page_token)}


def look(paging: TokenPaging, data: Mapping[str, Any], page_token: str) -> Slice:
    """Read an answer; raises UnreadableAnswer where it has rows and neither says how many, nor where it goes on."""
    found = paging.look(data, page_token)
    if found.rows and found.total_count is None and data.get(paging.token_field) is None:
        raise errors.UnreadableAnswer("The answer says neither where the list goes on nor how long it is.")
    return found
