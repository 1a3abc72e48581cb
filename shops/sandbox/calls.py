"""Counts the calls that clients made, beside the least that would have done, so that waste shows."""

import threading
from collections.abc import Iterable
from typing import Any, Literal

Outcome = Literal["ok", "refused", "throttled", "faulted"]
# The place of calls that belong to no shop or whose shop could not be told.
APP = ""


class _Least:
    """The least calls for one endpoint of one shop: by pages of distinct queries, by distinct ids, by needs."""

    __slots__ = ("ids", "ids_each", "ids_seen", "needs", "pages", "versions")

    def __init__(self) -> None:
        self.pages: dict[bytes, int] = {}
        self.needs: set[str] = set()
        # One bit for each order number's index: a million distinct orders are 125 kB.
        self.ids = bytearray()
        self.ids_seen = 0
        self.ids_each = 1
        self.versions: set[tuple[str, int]] = set()

    def calls(self) -> int:
        return sum(self.pages.values()) + len(self.needs) + -(-(self.ids_seen + len(self.versions)) // self.ids_each)

    def mark(self, index: int) -> None:
        byte, bit = index >> 3, 1 << (index & 7)
        if byte >= len(self.ids):
            self.ids.extend(bytes(byte + 1024 - len(self.ids)))
        if not self.ids[byte] & bit:
            self.ids[byte] |= bit
            self.ids_seen += 1


class Ledger:
    """The calls to one marketplace."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], dict[str, int]] = {}
        self._least: dict[tuple[str, str], _Least] = {}

    def count(self, shop: str | None, endpoint: str, outcome: Outcome) -> None:
        """Count one call."""
        with self._lock:
            counts = self._counts.setdefault((shop or APP, endpoint), dict.fromkeys(_OUTCOMES, 0))
            counts[outcome] += 1

    def need_pages(self, shop: str | None, endpoint: str, query: bytes, rows: int, rows_each: int) -> None:
        """Note a query: it needs a page for every so many rows, one even for none, and counts once."""
        pages = max(1, -(-rows // rows_each))
        with self._lock:
            known = self._of(shop, endpoint).pages
            known[query] = max(pages, known.get(query, 0))

    def need_ids(self, shop: str | None, endpoint: str, indexes: list[int], ids_each: int) -> None:
        """Distinct records need a call for every so many; an index holds the record and which version of it."""
        with self._lock:
            least = self._of(shop, endpoint)
            least.ids_each = ids_each
            for index in indexes:
                least.mark(index)

    def need_versions(
        self, shop: str | None, endpoint: str, versions: Iterable[tuple[str, int]], ids_each: int
    ) -> None:
        """Do the same for records of which there are few: an id with its update time is one need."""
        with self._lock:
            least = self._of(shop, endpoint)
            least.ids_each = ids_each
            least.versions.update(versions)

    def need_once(self, shop: str | None, endpoint: str, need: str) -> None:
        """Something that one call settles."""
        with self._lock:
            self._of(shop, endpoint).needs.add(need)

    def reset(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counts.clear()
            self._least.clear()

    def report(self) -> dict[str, Any]:
        """Show counts per shop and endpoint, those of no shop under `app`, and the totals."""
        shops: dict[str, dict[str, Any]] = {}
        app: dict[str, Any] = {}
        total = dict.fromkeys((*_OUTCOMES, "least_possible"), 0)
        with self._lock:
            for shop, endpoint in sorted(self._counts.keys() | self._least.keys()):
                counts = self._counts.get((shop, endpoint)) or dict.fromkeys(_OUTCOMES, 0)
                least = self._least.get((shop, endpoint))
                shown = {**counts, "least_possible": least.calls() if least else 0}
                (shops.setdefault(shop, {}) if shop else app)[endpoint] = shown
                total = {name: total[name] + value for name, value in shown.items()}
        return {"shops": shops, "app": app, "total": total}

    def _of(self, shop: str | None, endpoint: str) -> _Least:
        return self._least.setdefault((shop or APP, endpoint), _Least())


_OUTCOMES: tuple[Outcome, ...] = ("ok", "refused", "throttled", "faulted")
