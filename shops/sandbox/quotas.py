"""Limits calls by a sliding window of wall-clock time, as the marketplaces do."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shops.sandbox.targets import Target, Targets, number, only_fields


@dataclass
class _Quota:
    calls: int
    seconds: float
    taken: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more call fits; 0 if it fits now."""
        while self.taken and self.taken[0] <= now - self.seconds:
            self.taken.popleft()
        return self.taken[0] + self.seconds - now if len(self.taken) >= self.calls else 0.0


class Quotas:
    """At most one quota per marketplace and one per shop; both count. Refused calls do not."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._quotas: dict[Target, _Quota] = {}

    def set(self, wanted: Mapping[str, Any], targets: Targets) -> None:
        """Set or replace the quota of a shop, or of all calls to a marketplace together."""
        only_fields(wanted, ("marketplace", "shop", "calls", "seconds"))
        target = targets.read(wanted)
        calls = int(number(wanted, "calls", None, 1, 100_000, whole=True))
        seconds = number(wanted, "seconds", None, 0.01, 86_400)
        with self._lock:
            self._quotas[target] = _Quota(calls, seconds)

    def clear(self) -> None:
        """Forget all quotas."""
        with self._lock:
            self._quotas.clear()

    def describe(self) -> list[dict[str, Any]]:
        """All quotas in force."""
        with self._lock:
            return [
                {"marketplace": target.marketplace, "shop": target.shop, "calls": quota.calls, "seconds": quota.seconds}
                for target, quota in self._quotas.items()
            ]

    def take(self, marketplace: str, shop: str | None) -> int | None:
        """Count a call; or, if it is one too many, leave it uncounted and say how many seconds to wait."""
        if not self._quotas:
            return None
        with self._lock:
            now = self._monotonic()
            concerned = [quota for target, quota in self._quotas.items() if target.matches(marketplace, shop, "")]
            longest = max((quota.wait(now) for quota in concerned), default=0.0)
            if longest > 0:
                return max(1, math.ceil(longest))
            for quota in concerned:
                quota.taken.append(now)
        return None
