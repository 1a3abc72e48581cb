"""Holds calls back before the marketplace does: sliding windows that all workers share through Redis.

A limiter is bound to the rules of one shop's calls. It never sleeps: it says how many seconds to wait.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import redis

from shops.marketplaces.errors import LimiterUnavailable

_MICROSECONDS = 1_000_000
_LONGEST_BLOCK_SECONDS = 86_400.0  # a longer wish is taken for a mistake of the server

# One step for all rules, on the server's clock: either every window has room and every window counts the call, or
# none counts it. A window is a sorted set of the times of its calls. KEYS: for each rule its window and its block.
# ARGV: a name for the call, then calls and microseconds of each rule. Answers microseconds to wait; works on Redis 5+.
_ACQUIRE = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local wait = 0
for i = 1, #KEYS / 2 do
  local window, calls, span = KEYS[2 * i - 1], tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  wait = math.max(wait, redis.call('PTTL', KEYS[2 * i]) * 1000)
  redis.call('ZREMRANGEBYSCORE', window, '-inf', string.format('%.0f', now - span))
  local count = redis.call('ZCARD', window)
  if count >= calls then
    local leaving = redis.call('ZRANGE', window, count - calls, count - calls, 'WITHSCORES')
    wait = math.max(wait, tonumber(leaving[2]) + span - now)
  end
end
if wait > 0 then return wait end
for i = 1, #KEYS / 2 do
  redis.call('ZADD', KEYS[2 * i - 1], string.format('%.0f', now), ARGV[1])
  redis.call('PEXPIRE', KEYS[2 * i - 1], math.ceil(tonumber(ARGV[2 * i + 1]) / 1000) + 1000)
end
return 0
"""
# A server's wish to be left alone only ever makes us slower: a shorter one does not end a longer one.
_BLOCK = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `calls` in any `seconds`, over everyone who uses the same key; 0 calls means no limit."""

    key: str
    calls: int
    seconds: int


class RateLimiter(Protocol):
    """What a connector asks before each call."""

    def acquire(self) -> float:
        """Count the call and answer 0; or count nothing and answer how many seconds to wait."""
        ...

    def block(self, seconds: float) -> None:
        """Hold back all calls under the first rule's key, as the server asked for with Retry-After."""
        ...


class NoLimit:
    """Lets every call through."""

    def acquire(self) -> float:
        """Answer 0: never wait."""
        return 0.0

    def block(self, seconds: float) -> None:
        """Do nothing; the caller's own waiting obeys the server."""


class RedisRateLimiter:
    """Counts the calls of all workers in Redis. The first rule is the narrowest: blocks go there."""

    def __init__(self, client: redis.Redis, rules: Sequence[Rule]) -> None:
        self._rules = [rule for rule in rules if rule.calls > 0]
        self._block_key = _blocked(rules[0].key) if rules else ""
        self._keys = [name for rule in self._rules for name in (f"{rule.key}:{rule.seconds}s", _blocked(rule.key))]
        self._bounds = [bound for rule in self._rules for bound in (rule.calls, rule.seconds * _MICROSECONDS)]
        self._acquire: Any = client.register_script(_ACQUIRE)
        self._block: Any = client.register_script(_BLOCK)

    def acquire(self) -> float:
        """Count the call in every window, or in none; raises LimiterUnavailable if Redis does not answer."""
        if not self._keys:
            return 0.0
        try:
            wait = self._acquire(keys=self._keys, args=[secrets.token_hex(8), *self._bounds])
        except redis.RedisError as error:
            failure = type(error).__name__
        else:
            return int(wait) / _MICROSECONDS
        raise LimiterUnavailable(f"The rate limit's counters cannot be reached ({failure}).")

    def block(self, seconds: float) -> None:
        """Block the first rule's key. Best effort: without Redis the next call is refused anyway."""
        milliseconds = int(min(seconds, _LONGEST_BLOCK_SECONDS) * 1000)
        if not self._block_key or milliseconds <= 0:
            return
        try:
            self._block(keys=[self._block_key], args=[milliseconds])
        except redis.RedisError:
            return


def shop_key(marketplace: str, app_key: str, shop: str) -> str:
    """Name the calls of one shop through one app."""
    return f"{app_wide_key(marketplace, app_key)}:{shop}"


def app_wide_key(marketplace: str, app_key: str) -> str:
    """Name the calls of one app; hashed, as key names end up in monitoring. Braces keep all keys of an app together."""
    digest = hashlib.sha256(app_key.encode()).hexdigest()[:12]
    return f"rate_limit:{{{marketplace}:{digest}}}"


def _blocked(key: str) -> str:
    return f"{key}:blocked"
