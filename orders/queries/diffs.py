"""Says what differs between two payloads, for people: which field, what it was, what it is. Pure, and bounded.

Payloads are somebody else's and may be of any size and depth, so that this walks with a list of its own instead of
calling itself, and stops after so many values or differences.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

CHANGES_AT_MOST = 60  # per payload; beyond that it is another payload and not a change
VALUES_AT_MOST = 20_000  # compared in one payload: about 20 ms
LONGEST_VALUE = 160  # characters
ID_ENDINGS = ("id", "sn", "number")  # of the fields by which marketplaces tell items apart: "item_id", "orderSn"
SECONDS = (10**9, 10**10)  # numbers that mean a time from 2001 to 2286, in a field whose name says so
MISSING = object()


@dataclass(frozen=True)
class Change:
    """One field that differs. `before` is None where it was added, `after` where it was removed."""

    path: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> str:
        """Name the kind of change."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True)
class Diff:
    """What differs, in the order of the paths; `is_whole` is false where comparing was ended early."""

    changes: tuple[Change, ...]
    is_whole: bool = True


def diff_payloads(before: Any, after: Any) -> Diff:
    """Compare two payloads. Lists whose items each have an id of their own are compared by it, others by position."""
    changes: list[Change] = []
    waiting: list[tuple[str, Any, Any]] = [("", before, after)]
    for _ in range(VALUES_AT_MOST):
        if not waiting:
            return Diff(tuple(changes))
        path, old, new = waiting.pop()
        members = None if old is MISSING or new is MISSING else _pair_members(path, old, new)
        if members is not None:
            waiting.extend(reversed(members))
        elif not _is_same(old, new):
            if len(changes) == CHANGES_AT_MOST:
                return Diff(tuple(changes), is_whole=False)
            changes.append(_describe(path, old, new))
    return Diff(tuple(changes), is_whole=not waiting)


def _pair_members(path: str, old: Any, new: Any) -> list[tuple[str, Any, Any]] | None:
    """Put what belongs together beside each other; None where there is nothing inside to compare."""
    if isinstance(old, dict) and isinstance(new, dict):
        dot = f"{path}." if path else ""
        return [(f"{dot}{key}", old.get(key, MISSING), new.get(key, MISSING)) for key in _both(old, new)]
    if isinstance(old, list) and isinstance(new, list):
        old_by_key, new_by_key = _by_key(old, new)
        return [
            (f"{path}[{key}]", old_by_key.get(key, MISSING), new_by_key.get(key, MISSING))
            for key in _both(old_by_key, new_by_key)
        ]
    return None


def _both(old: dict[Any, Any], new: dict[Any, Any]) -> Iterator[Any]:
    yield from old
    yield from (key for key in new if key not in old)


def _by_key(old: list[Any], new: list[Any]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    for name in _list_id_names(old or new):
        old_by_id, new_by_id = _by_id(old, name), _by_id(new, name)
        if old_by_id is not None and new_by_id is not None:
            return old_by_id, new_by_id
    return dict(enumerate(old)), dict(enumerate(new))


def _list_id_names(items: list[Any]) -> list[str]:
    """List the fields of the first item that may be its id: "id" first, then those that look like one."""
    first = items[0] if items and isinstance(items[0], dict) else {}
    names = [name for name in first if isinstance(name, str) and name.lower().endswith(ID_ENDINGS)]
    return sorted(names, key=lambda name: name != "id")


def _by_id(items: list[Any], name: str) -> dict[str, Any] | None:
    """Return the items by this field, if each has one of its own."""
    ids = [item.get(name) if isinstance(item, dict) else None for item in items]
    if not all(isinstance(one, str | int) and one != "" for one in ids):
        return None
    found = {str(one): item for one, item in zip(ids, items, strict=True)}
    return found if len(found) == len(items) else None


def _is_same(old: Any, new: Any) -> bool:
    return type(old) is type(new) and bool(old == new)  # in Python 1, 1.0 and True are equal


def _describe(path: str, old: Any, new: Any) -> Change:
    name = path.rpartition(".")[2]
    before, after = _as_text(name, old), _as_text(name, new)
    if before == after:  # "1" and 1, or texts that differ only where they were cut
        before, after = _as_json(old), _as_json(new)
    shown = path if len(path) <= LONGEST_VALUE else f"…{path[1 - LONGEST_VALUE :]}"
    return Change(shown or "(all of it)", before, after)


def _as_text(name: str, value: Any) -> str | None:
    if value is MISSING:
        return None
    if isinstance(value, str):
        return _shorten(value) if value else '""'
    if type(value) is int and "time" in name and SECONDS[0] <= value < SECONDS[1]:
        return f"{value} ({timezone.localtime(datetime.fromtimestamp(value, UTC)):%Y-%m-%d %H:%M:%S %Z})"
    return _as_json(value)


def _as_json(value: Any) -> str | None:
    if value is MISSING:
        return None
    try:
        return _shorten(json.dumps(value, ensure_ascii=False))
    except (RecursionError, ValueError):
        return "(too deep or too large to be shown)"


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
