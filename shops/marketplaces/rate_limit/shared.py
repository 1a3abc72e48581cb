"""Sliding windows that all workers share through Redis: one atomic step for all limits of a call, and its lane."""

import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import redis

from shops.marketplaces.rate_limit.own_windows import OwnWindows
from shops.marketplaces.rate_limit.rules import Lane, Rule, share_of

_MICROSECONDS = 1_000_000
_LONGEST_BLOCK_SECONDS = 86_400.0  # a longer wish is taken for a mistake of the server
_FIRST_HOLD_SECONDS = 2.0  # after a refusal that does not say how long; doubled with each one that follows soon
_LONGEST_HOLD_SECONDS = 60.0
_WAKING_SECONDS = 0.5  # how long lower lanes stand back after a call became free for a higher one that waited

_log = logging.getLogger(__name__)

# One step for all rules and lanes, on the server's clock: either every window has room and every window counts the
# call, or none counts it. A window is a sorted set of the times of its calls, of all lanes. A lane waits at its own
# ceiling, and while a higher one waits: whoever is refused leaves word until when, and for a moment in which to wake.
# KEYS: the block, then for each rule its window and who waits for it. ARGV: a name for the call, the lane, the moment
# in microseconds, then for each rule the lane's ceiling and the microseconds of the window. Answers microseconds to
# wait. Works on Redis 6.2 and newer.
_ACQUIRE = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local lane = tonumber(ARGV[2])
local wait = math.max(0, redis.call('PTTL', KEYS[1]) * 1000)
for i = 2, #KEYS, 2 do
  local window, waiting, ceiling, span = KEYS[i], KEYS[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
  redis.call('ZREMRANGEBYSCORE', window, '-inf', string.format('%.0f', now - span))
  local count = redis.call('ZCARD', window)
  if count >= ceiling then
    local leaving = redis.call('ZRANGE', window, count - ceiling, count - ceiling, 'WITHSCORES')
    local free_at = tonumber(leaving[2]) + span
    wait = math.max(wait, free_at - now)
    redis.call('HSET', waiting, lane, string.format('%.0f', free_at + tonumber(ARGV[3])))
    redis.call('PEXPIRE', waiting, math.ceil(span / 1000) + 1000)
  end
  for higher = 0, lane - 1 do
    wait = math.max(wait, tonumber(redis.call('HGET', waiting, higher) or 0) - now)
  end
end
if wait > 0 then return wait end
for i = 2, #KEYS, 2 do
  redis.call('ZADD', KEYS[i], string.format('%.0f', now), ARGV[1])
  redis.call('PEXPIRE', KEYS[i], math.ceil(tonumber(ARGV[i + 3]) / 1000) + 1000)
end
return 0
"""
# Counts calls that were made while Redis was away. KEYS: a window. ARGV: a name, its microseconds, the calls' ages.
_REPORT = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
for i = 3, #ARGV do
  redis.call('ZADD', KEYS[1], string.format('%.0f', now - tonumber(ARGV[i])), ARGV[1] .. i)
end
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2]) / 1000) + 1000)
"""
# A server's wish to be left alone only ever makes us slower: a shorter one does not end a longer one. A refusal without
# a wish (0) holds back for a time that doubles; refusals of calls that were under way together are one.
# KEYS: block, refusals. ARGV: milliseconds wished for, of the first hold, of the longest hold. Answers those that hold.
_BLOCK = """
local wish, holding = tonumber(ARGV[1]), redis.call('PTTL', KEYS[1])
if wish == 0 then
  if holding > 0 then return holding end
  local refusals = redis.call('INCR', KEYS[2])
  wish = math.min(tonumber(ARGV[2]) * 2 ^ math.min(refusals - 1, 20), tonumber(ARGV[3]))
  redis.call('PEXPIRE', KEYS[2], string.format('%.0f', wish + tonumber(ARGV[3])))
end
if holding < wish then redis.call('SET', KEYS[1], 1, 'PX', string.format('%.0f', wish)) end
return math.max(holding, wish)
"""


class RedisRateLimiter:
    """Counts the calls of all workers in Redis. The first rule is the narrowest: blocks go there.

    `percent` is the lane's share of each limit: whoever may use more always finds room where others have to wait.
    """

    def __init__(
        self,
        client: redis.Redis,
        rules: Sequence[Rule],
        own: OwnWindows,
        lane: Lane = Lane.INTERACTIVE,
        percent: int = 100,
    ) -> None:
        self._rules = [rule for rule in rules if rule.calls > 0]
        self._block_key = rules[0].key
        self._own = own
        self._percent = percent
        self._keys = [f"{self._block_key}:blocked"]
        self._options = [int(lane), _microseconds(_WAKING_SECONDS)]
        for rule in self._rules:
            # Who waits under one limit does not wait under another, should somebody change it.
            self._keys += rule.window, f"{rule.window}:{rule.calls}:waiting"
            self._options += share_of(rule.calls, percent), _span_microseconds(rule)
        self._acquire: Any = client.register_script(_ACQUIRE)
        self._report: Any = client.register_script(_REPORT)
        self._block: Any = client.register_script(_BLOCK)

    def acquire(self) -> float:
        """Count the call in every window, or in none; without Redis in the windows of this process."""
        wait = self._ask(self._acquire_shared)
        if wait is None:
            return self._own.acquire(self._rules, self._block_key, self._percent)
        if wait == 0:
            self._own.note(self._rules)
        return wait

    def block(self, seconds: float | None) -> None:
        """Hold back everyone under the first rule's key; without Redis this process, and not shortly."""
        wish = min(seconds or 0.0, _LONGEST_BLOCK_SECONDS)
        held = self._ask(lambda: self._block_shared(wish))
        self._own.block(self._block_key, wish or _LONGEST_HOLD_SECONDS if held is None else held)

    def _acquire_shared(self) -> float:
        for rule in self._rules:
            if ages := self._own.list_untold(rule):
                told = [_microseconds(age) for age in ages]
                self._report(keys=[rule.window], args=[secrets.token_hex(8), _span_microseconds(rule), *told])
                self._own.forget_untold(rule)
        return int(self._acquire(keys=self._keys, args=[secrets.token_hex(8), *self._options])) / _MICROSECONDS

    def _block_shared(self, wish: float) -> float:
        keys = [self._keys[0], f"{self._block_key}:refusals"]
        times = (wish, _FIRST_HOLD_SECONDS, _LONGEST_HOLD_SECONDS)
        return int(self._block(keys=keys, args=[int(seconds * 1000) for seconds in times])) / 1000

    def _ask(self, ask: Callable[[], float]) -> float | None:
        """Ask Redis; None where it does not answer, or was found silent a moment ago."""
        if not self._own.is_redis_expected():
            return None
        began = self._own.monotonic()
        try:
            answer = ask()
        except redis.RedisError as error:
            self._own.note_silence(self._own.monotonic() - began)
            _log.warning("rate limits: Redis is away (%s), this process keeps to its own part", type(error).__name__)
            return None
        if self._own.note_answer():
            _log.warning("rate limits: Redis answers again")
        return answer


def count_calls(client: redis.Redis, rules: Sequence[Rule]) -> list[int]:
    """Count the calls in each rule's window now; raises redis.RedisError."""
    seconds, microseconds = client.time()
    now = int(seconds) * _MICROSECONDS + int(microseconds)
    with client.pipeline(transaction=False) as pipe:
        for rule in rules:
            pipe.zcount(rule.window, f"({now - _span_microseconds(rule)}", "+inf")
        return list(pipe.execute())


def _microseconds(seconds: float) -> int:
    return round(seconds * _MICROSECONDS)


def _span_microseconds(rule: Rule) -> int:
    return _microseconds(rule.span_seconds)
