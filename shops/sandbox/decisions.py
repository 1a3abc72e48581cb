"""What sellers decided about cases: a few of the world's many, kept beside the seed that tells all the rest.

A decision takes the place of what the seed had planned from then on: the case goes on from it at a pace of its own.
The order behind it, and what was settled long before, stay as the seed has them.
"""

import threading
from typing import Literal, NamedTuple

from shops.sandbox.life import HOUR

Word = Literal["approve", "reject"]
CaseKey = tuple[int, int]  # position of the order, number of its case
Plan = list[tuple[str, int]]  # events of a case with their moments

_PAID = ("refunded", 4 * HOUR)
# What follows a decision, by the kind of the case, where it stands and what was decided: event, seconds later.
_STORIES: dict[tuple[str, str, Word], tuple[tuple[str, int], ...]] = {
    ("cancel", "cancel_requested", "approve"): (("cancelled", 0),),
    ("cancel", "cancel_requested", "reject"): (("cancel_refused", 0),),
    ("refund", "requested", "approve"): (("approved", 0), _PAID),
    ("refund", "requested", "reject"): (("rejected", 0),),
    ("return", "requested", "approve"): (
        ("approved", 0), ("sent", 8 * HOUR), ("received", 22 * HOUR), ("refunded", 30 * HOUR)
    ),
    ("return", "requested", "reject"): (("rejected", 0),),
    ("return", "sent", "approve"): (("received", 0), _PAID),
    ("return", "sent", "reject"): (("rejected", 0),),
    ("return", "received", "approve"): (("refunded", 0),),
    ("return", "received", "reject"): (("rejected", 0),),
}  # fmt: skip


class Decision(NamedTuple):
    """What a seller decided, when, and where the case stood then."""

    word: Word
    at: int
    kind: str
    event: str


class Decisions:
    """The decisions of one seller."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_case: dict[CaseKey, list[Decision]] = {}
        self._keys: dict[str, tuple[CaseKey, Word]] = {}

    def decide(self, key: CaseKey, word: Word, kind: str, event: str, at: int, idempotency_key: str = "") -> bool:
        """Take a decision; False where none waits to be taken. The same key for the same decision changes nothing."""
        with self._lock:
            if idempotency_key and idempotency_key in self._keys:
                return self._keys[idempotency_key] == (key, word)
            taken = self._by_case.get(key, [])
            is_taken = any(one.event == event and one.kind == kind for one in taken)
            if is_taken or (kind, event, word) not in _STORIES:
                return False
            self._by_case[key] = [*taken, Decision(word, at, kind, event)]
            if idempotency_key:
                self._keys[idempotency_key] = (key, word)
            return True

    def is_repeated(self, idempotency_key: str) -> bool:
        """Whether a decision under this key was taken before."""
        return idempotency_key in self._keys

    def is_decided(self, key: CaseKey) -> bool:
        """Whether the seller has decided anything about a case."""
        return key in self._by_case

    def positions(self) -> frozenset[int]:
        """Return the orders that have such a case."""
        return frozenset(position for position, _ in list(self._by_case))

    def change(self, key: CaseKey, plan: Plan) -> Plan:
        """Return what happens to a case, decisions and what follows from them included."""
        for decision in self._by_case.get(key, ()):
            story = _STORIES[decision.kind, decision.event, decision.word]
            past = [(event, moment) for event, moment in plan if moment <= decision.at]
            plan = past + [(event, decision.at + seconds) for event, seconds in story]
        return plan
