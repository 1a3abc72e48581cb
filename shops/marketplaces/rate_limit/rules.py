"""What is limited, for whom, and how much of it each lane may use. Pure."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

# Our windows are a little longer than the marketplace's: it counts calls when they arrive, and a later one may travel
# faster than an earlier one, by the handshake of a new connection above all. See docs/decisions/0016.
_GUARD_SECONDS = 0.25
_GUARD_SHARE = 0.01
_LONGEST_GUARD_SHARE_SECONDS = 1.0  # travel times do not grow with the window


class Lane(IntEnum):
    """Whose calls go first when a quota is short: the lower the number, the larger the share of it."""

    INTERACTIVE = 0
    HIGH = 1
    INCREMENTAL = 2
    BACKFILL = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `calls` in any `seconds`, over everyone who uses the same key; 0 calls means no limit."""

    key: str
    calls: int
    seconds: int

    @property
    def window(self) -> str:
        """The name under which the calls are counted."""
        return f"{self.key}:{self.seconds}s"

    @property
    def span_seconds(self) -> float:
        """How long a call is counted: the marketplace's window and the guard."""
        return self.seconds + _GUARD_SECONDS + min(_GUARD_SHARE * self.seconds, _LONGEST_GUARD_SHARE_SECONDS)


def share_of(calls: int, percent: int) -> int:
    """Return how many calls a lane may see in a window before it waits; one at least, so that no lane stands still."""
    return max(1, calls * percent // 100)


class RateLimiter(Protocol):
    """What a connector asks before each call."""

    def acquire(self) -> float:
        """Count the call and answer 0; or count nothing and answer how many seconds to wait."""
        ...

    def block(self, seconds: float | None) -> None:
        """Hold back all calls under the first rule's key, as long as the server asked for; None if it did not say."""
        ...


class NoLimit:
    """Lets every call through."""

    def acquire(self) -> float:
        """Answer 0: never wait."""
        return 0.0

    def block(self, seconds: float | None) -> None:
        """Do nothing; the caller's own waiting obeys the server."""


def shop_key(marketplace: str, app_key: str, shop: str) -> str:
    """Name the calls of one shop through one app."""
    return f"{app_wide_key(marketplace, app_key)}:{shop}"


def app_wide_key(marketplace: str, app_key: str) -> str:
    """Name the calls of one app; hashed, as key names end up in monitoring. Braces keep all keys of an app together."""
    digest = hashlib.sha256(app_key.encode()).hexdigest()[:12]
    return f"rate_limit:{{{marketplace}:{digest}}}"
