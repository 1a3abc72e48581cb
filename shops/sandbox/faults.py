"""Makes things go wrong on request, drawn from the world's seed so that a run with faults can be repeated."""

import random
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shops.sandbox.targets import ControlError, Target, Targets, number, one_of, only_fields

# Options of a kind: name -> default, least, most.
Options = Mapping[str, tuple[float, float, float]]

# Kinds that strike a call whatever it asks for; all but the slow and the cut-off one end it.
CALL_KINDS: dict[str, Options] = {
    "slow": {"seconds": (2.0, 0.0, 600.0)},
    "throttled": {"retry_after": (1.0, 0.0, 3600.0)},
    "throttled_silent": {},
    "server_error": {},
    "cut_off": {},
    "not_json": {},
    "expired_token": {},
}
# Kinds that change the rows of an answer.
PAGE_KINDS: dict[str, Options] = {
    "page_shift": {"rows": (1.0, 1.0, 50.0), "falls": (0.0, 0.0, 1.0)},
    "repeated_rows": {"rows": (3.0, 1.0, 50.0)},
    "impossible_record": {},
}
KINDS: dict[str, Options] = {**CALL_KINDS, **PAGE_KINDS}
_FIELDS = ("kind", "marketplace", "shop", "endpoint", "times", "rate")
HIGHEST_RULE_COUNT = 200
_LOG_LENGTH = 50


@dataclass
class Rule:
    """One wish: this kind, for these calls, so many times or at this rate."""

    number: int
    kind: str
    target: Target
    times: int | None
    rate: float | None
    options: dict[str, float]
    generator: random.Random
    seed: int
    applied: int = 0
    log: deque[str] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))

    def strikes(self) -> bool:
        """Draw once; only for calls that the rule can apply to."""
        if self.times is not None:
            return self.applied < self.times
        return self.generator.random() < (self.rate or 0.0)

    def describe(self) -> dict[str, Any]:
        """Return the rule as the control server shows it."""
        target = self.target
        shown: dict[str, Any] = {"kind": self.kind, "marketplace": target.marketplace}
        shown |= {"shop": target.shop, "endpoint": target.endpoint, **self.options}
        shown |= {"times": self.times} if self.rate is None else {"rate": self.rate}
        return shown | {"applied": self.applied, "log": list(self.log)}


@dataclass(frozen=True)
class Fault:
    """A rule that has struck a call."""

    rule: Rule
    number: int  # counts the strikes of the rule, from 0

    @property
    def kind(self) -> str:
        """What goes wrong."""
        return self.rule.kind

    def option(self, name: str) -> float:
        """Return an option of the kind, or its default."""
        return self.rule.options[name]

    def choose(self, count: int) -> int:
        """Return a seeded choice between `count` things."""
        return self.rule.generator.randrange(count)

    def note(self, text: str) -> None:
        """Remember what exactly was done, for GET /faults."""
        self.rule.log.append(text)


class Faults:
    """All rules in force. The first that strikes a call wins; there is at most one call and one page fault per call."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._made = 0

    def add(self, wanted: Mapping[str, Any], targets: Targets) -> dict[str, Any]:
        """Take a rule; without `times` and `rate` it strikes once."""
        kind = one_of("kind", wanted.get("kind"), KINDS)
        only_fields(wanted, (*_FIELDS, *KINDS[kind]))
        target = targets.read(wanted)
        options = {name: number(wanted, name, *bounds) for name, bounds in KINDS[kind].items()}
        if "times" in wanted and "rate" in wanted:
            raise ControlError("Give either times or rate, not both.")
        rate = number(wanted, "rate", None, 0, 1) if "rate" in wanted else None
        times = int(number(wanted, "times", 1, 1, 1e9, whole=True)) if rate is None else None
        with self._lock:
            if len(self._rules) >= HIGHEST_RULE_COUNT:
                raise ControlError(f"There are {HIGHEST_RULE_COUNT} faults already; DELETE /faults first.")
            # The kind and its place are enough of a seed: the same requests in the same order fail the same way.
            generator = random.Random(f"{self._seed}/{self._made}/{kind}")  # noqa: S311 - repeatable, not secret
            rule = Rule(self._made, kind, target, times, rate, options, generator, self._seed)
            self._made += 1
            self._rules.append(rule)
            return rule.describe()

    def clear(self) -> None:
        """Forget all rules, and begin the draws anew."""
        with self._lock:
            self._rules.clear()
            self._made = 0

    def describe(self) -> list[dict[str, Any]]:
        """All rules, also those that have struck as often as they should."""
        with self._lock:
            return [rule.describe() for rule in self._rules]

    def draw(self, marketplace: str, shop: str | None, endpoint: str, kinds: Iterable[str]) -> Fault | None:
        """Return the fault that strikes this call, if any, among the kinds that can apply to it."""
        if not self._rules:
            return None
        possible = set(kinds)
        with self._lock:
            for rule in self._rules:
                applies = rule.kind in possible and rule.target.matches(marketplace, shop, endpoint)
                if applies and rule.strikes():
                    rule.applied += 1
                    return Fault(rule, rule.applied - 1)
        return None
