"""Tells rows of the wallet apart that are the same in all that makes their id: two equal charges in one second.

They are numbered in the list's order. Where a page ends between such rows, the token to the next page says how many
there were; they count only as long as that page goes on in the same second, because the list's first page may come
twice.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from shops.marketplaces import values
from shops.marketplaces.shopee.mapping.transactions import name_wallet_row


def number_same(rows: Sequence[Any], told: str = "") -> tuple[list[dict[str, Any]], str]:
    """Make payloads of a page's rows, and the text that tells the next page of its last second."""
    second, before = orjson.loads(told) if told else (None, {})
    seen: Counter[str] = Counter()
    is_same_second = True
    payloads = []
    for row in rows:
        is_same_second = is_same_second and values.fields(row).get("create_time") == second
        name = name_wallet_row(row)
        seen[name] += 1
        nth = seen[name] + (before.get(name, 0) if is_same_second else 0)
        payloads.append({"wallet": row, "nth": nth} if name and nth > 1 else {"wallet": row})
    last = values.fields(rows[-1]).get("create_time") if rows else None
    ended = Counter(name for row in rows if (name := name_wallet_row(row)) and _second_of(row) == last)
    if is_same_second:
        ended.update(before)
    return payloads, orjson.dumps([last, ended]).decode()


def _second_of(row: object) -> object:
    return values.fields(row).get("create_time")
