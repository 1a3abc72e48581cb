"""The limits of one process: what it goes by while the shared counters are away, and tells them afterwards."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from shops.marketplaces.rate_limit.rules import Rule, share_of

_REST_SECONDS = 5.0  # between two tries to reach counters that were silent


class OwnWindows:
    """The calls of this process alone, for all of its shops; limits are divided among `processes`.

    Calls that Redis counted are noted as well, so that whoever just used more than its part waits first.
    """

    def __init__(self, processes: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._processes = processes
        self._lock = threading.RLock()
        self._taken: dict[str, deque[float]] = {}
        self._untold: dict[str, deque[float]] = {}
        self._blocked_until: dict[str, float] = {}
        self._ask_redis_at = 0.0

    def acquire(self, rules: Sequence[Rule], block_key: str, percent: int) -> float:
        """Count a call that Redis will be told of later; or answer how many seconds to wait."""
        with self._lock:
            held = self._blocked_until.get(block_key, 0.0) - self.monotonic()
            wait = max(held, *(self._wait(rule, percent) for rule in rules), 0.0)
            if wait == 0:
                self.note(rules, is_told=False)
            return wait

    def note(self, rules: Sequence[Rule], *, is_told: bool = True) -> None:
        """Note a call that is about to be made, and whether Redis knows of it."""
        now = self.monotonic()
        with self._lock:
            for rule in rules:
                self._calls_in(rule).append(now)
                if not is_told:
                    untold = self._untold.setdefault(rule.window, deque())
                    untold.append(now)
                    while untold[0] <= now - rule.span_seconds:
                        untold.popleft()

    def block(self, key: str, seconds: float) -> None:
        """Hold back the calls under a key; never shortens what holds already."""
        with self._lock:
            until = self.monotonic() + seconds
            self._blocked_until[key] = max(until, self._blocked_until.get(key, 0.0))

    def list_untold(self, rule: Rule) -> list[float]:
        """List the ages, in seconds, of the calls in a rule's window that Redis does not know of."""
        now = self.monotonic()
        with self._lock:
            return [now - at for at in self._untold.get(rule.window, ())]

    def forget_untold(self, rule: Rule) -> None:
        """Note that Redis was told."""
        with self._lock:
            self._untold.pop(rule.window, None)

    def is_redis_expected(self) -> bool:
        """Whether Redis is worth a try: not for some seconds after it was silent."""
        return self.monotonic() >= self._ask_redis_at

    def note_silence(self, took_seconds: float) -> None:
        """Leave Redis alone for a while; longer where finding out took long, so that little time is lost to it."""
        self._ask_redis_at = self.monotonic() + max(_REST_SECONDS, 4 * took_seconds)

    def note_answer(self) -> bool:
        """Note that Redis answers; return whether it was silent before."""
        was_silent, self._ask_redis_at = self._ask_redis_at > 0, 0.0
        return was_silent

    def _calls_in(self, rule: Rule) -> deque[float]:
        """Return the newest calls of the window, as many as this process may make in it."""
        calls, _ = self._part_of(rule)
        taken = self._taken.get(rule.window)
        if taken is None or taken.maxlen != calls:  # a limit that was changed
            taken = self._taken[rule.window] = deque(taken or (), maxlen=calls)
        return taken

    def _part_of(self, rule: Rule) -> tuple[int, float]:
        """Return calls and seconds of this process; where not every process gets a call, one in a longer time."""
        if rule.calls >= self._processes:
            return rule.calls // self._processes, rule.span_seconds
        return 1, rule.span_seconds * self._processes / rule.calls

    def _wait(self, rule: Rule, percent: int) -> float:
        calls, seconds = self._part_of(rule)
        now, ceiling = self.monotonic(), share_of(calls, percent)
        inside = [at for at in self._calls_in(rule) if at > now - seconds]
        return inside[len(inside) - ceiling] + seconds - now if len(inside) >= ceiling else 0.0
