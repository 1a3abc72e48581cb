"""A queue in Redis that makes workers quick. Nothing depends on it: each item names a row that says what is true.

Whoever takes items moves them, in one step, to a list of its own, where a look shows what it is at. Without Redis
every method does nothing, or says that all is free, and the workers find their rows in the database.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import structlog
from redis import Redis, RedisError

from backoffice.common import clock
from backoffice.common.redis import client

log = structlog.get_logger(__name__)

MOST_ITEMS = 100_000  # what is beyond is found in the database
SECONDS_AWAY = 15  # after Redis failed, before it is tried again
LIST_SECONDS = 24 * 3600  # of what a worker that died leaves behind
STATE_SECONDS = 24 * 3600

# Moves up to so many items, the oldest first, to the taker's own list.
_TAKE = """
local taken = {}
for _ = 1, tonumber(ARGV[1]) do
    local item = redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')
    if not item then break end
    taken[#taken + 1] = item
end
if #taken > 0 then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return taken
"""
# Locks each name that is free, held by this owner already, or held by one who is known to be dead.
_LOCK = """
local locked = {}
for number, key in ipairs(KEYS) do
    local holder = redis.call('GET', key)
    local is_dead = holder and redis.call('SISMEMBER', ARGV[3], holder) == 1
    if not holder or holder == ARGV[1] or is_dead then
        redis.call('SET', key, ARGV[1], 'EX', ARGV[2])
        locked[#locked + 1] = number
    end
end
return locked
"""
_UNLOCK = """
for _, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""


class FastQueue:
    """The queue, the locks and the cached states of one kind of work."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._away_until = 0.0

    def push(self, items: Sequence[str]) -> None:
        """Add items behind all others. Call after the commit of the rows that they name."""

        def add(redis: "Redis") -> None:
            pipeline = redis.pipeline()
            pipeline.lpush(self._key("queue"), *items)
            pipeline.ltrim(self._key("queue"), 0, MOST_ITEMS - 1)
            pipeline.execute()

        if items:
            self._try(add, None)

    def take(self, owner: str, most: int) -> list[str]:
        """Move up to so many items to the owner's own list, and return them."""
        keys = (self._key("queue"), self._key("processing", owner))
        return _as_texts(self._try(lambda redis: redis.eval(_TAKE, 2, *keys, most, LIST_SECONDS), []))

    def wait(self, owner: str, seconds: int) -> list[str]:
        """Wait for an item, and move it to the owner's own list; sleeps as long where Redis is away.

        `seconds` must be less than the client waits for any answer.
        """
        queue, own = self._key("queue"), self._key("processing", owner)
        absent = object()
        item = self._try(lambda redis: redis.blmove(queue, own, seconds, "RIGHT", "LEFT"), absent)
        if item is absent:
            clock.sleep(seconds)
        return _as_texts([] if item is absent or item is None else [item])

    def forget(self, owner: str) -> None:
        """Forget what the owner took: its rows say what became of it."""
        self._try(lambda redis: redis.delete(self._key("processing", owner)), None)

    def lock(self, names: Sequence[str], owner: str, seconds: int) -> set[str]:
        """Lock names for one owner, and return which could be; all where Redis is away, as the rows have leases."""
        if not names:
            return set()
        keys = [self._key("lock", name) for name in names]
        arguments = (owner, seconds, self._key("dead"))
        locked = self._try(lambda redis: redis.eval(_LOCK, len(keys), *keys, *arguments), None)
        return set(names) if locked is None else {names[number - 1] for number in locked}

    def read_holders(self, names: Collection[str]) -> set[str]:
        """Return who holds locks on these names."""
        keys = [self._key("lock", name) for name in names]
        return (
            {_as_text(holder) for holder in self._try(lambda redis: redis.mget(keys), []) if holder} if keys else set()
        )

    def unlock(self, names: Sequence[str], owner: str) -> None:
        """Free the names that the owner still holds."""
        keys = [self._key("lock", name) for name in names]
        if keys:
            self._try(lambda redis: redis.eval(_UNLOCK, len(keys), *keys, owner), None)

    def note_dead(self, owners: Iterable[str], seconds: int) -> None:
        """Let others take over the locks of owners whose process is gone."""

        def add(redis: "Redis") -> None:
            pipeline = redis.pipeline()
            pipeline.sadd(self._key("dead"), *gone)
            pipeline.expire(self._key("dead"), seconds)
            pipeline.execute()

        if gone := sorted(owners):
            self._try(add, None)

    def note_states(self, states: Mapping[str, str]) -> None:
        """Keep the state of some names for a day, for whoever wants to know without asking the database."""

        def keep(redis: "Redis") -> None:
            pipeline = redis.pipeline(transaction=False)
            for name, state in states.items():
                pipeline.set(self._key("state", name), state, ex=STATE_SECONDS)
            pipeline.execute()

        if states:
            self._try(keep, None)

    def read_states(self, names: Collection[str]) -> dict[str, str]:
        """Return the states that are known of these names."""
        asked = list(names)
        if not asked:
            return {}
        found = self._try(lambda redis: redis.mget([self._key("state", name) for name in asked]), [])
        return {name: _as_text(state) for name, state in zip(asked, found, strict=False) if state is not None}

    def count(self) -> int:
        """Count the items that nobody has taken; raises RedisError, as 0 would be no answer."""
        return int(client().llen(self._key("queue")))

    def _key(self, *parts: str) -> str:
        return ":".join((self.name, *parts))

    def _try(self, ask: "Callable[[Redis], Any]", otherwise: Any) -> Any:
        """Ask Redis; where it does not answer, say otherwise, and leave it alone for a moment."""
        if clock.monotonic_seconds() < self._away_until:
            return otherwise
        try:
            return ask(client())
        except (RedisError, OSError) as error:
            self._away_until = clock.monotonic_seconds() + SECONDS_AWAY
            log.warning("fast_queue_away", queue=self.name, error=str(error))
            return otherwise


def _as_text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _as_texts(values: Iterable[bytes | str]) -> list[str]:
    return [_as_text(value) for value in values]
