"""Makes ids where Shopee has none of its own, and says why a payload has none."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.records import UnreadableRecord


def unreadable(payload: Any, key: str, source: Any = None) -> UnreadableRecord:
    """Say that a payload has no id; `source` is the object within that should have it under `key`."""
    holder = payload if source is None else source
    if type(holder) is not dict:
        return UnreadableRecord(payload, f"The record is {values.shown(holder)} instead of an object.")
    value = holder.get(key)
    if value is None or value == "":
        return UnreadableRecord(payload, f"{key} is missing.")
    return UnreadableRecord(payload, f"{key} is {values.shown(value)} instead of an id.")


def variant_id(item_id: str, model_id: str) -> str:
    """Give the id of a variant. An article without variations has model 0 everywhere: its own number is used then."""
    return item_id if model_id in ("", "0") else model_id


def told_apart(names: Iterable[str]) -> list[str]:
    """Number what comes several times, in its order: a, b, a becomes a, b, a:2. Nothing stays nothing."""
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        seen[name] += 1
        made.append(name if seen[name] == 1 or not name else f"{name}:{seen[name]}")
    return made
