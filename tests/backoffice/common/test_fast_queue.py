"""The queue in Redis: nothing is taken twice, locks belong to one owner, and without Redis nothing breaks."""

import pytest
import redis

from backoffice.common import clock, fast_queue
from backoffice.common.fast_queue import FastQueue
from backoffice.common.redis import client
from tests.factories.races import at_once


@pytest.fixture
def queue(request):
    queue = FastQueue(f"queue of {request.node.nodeid}")
    yield queue
    for key in client().scan_iter("queue of *"):
        client().delete(key)


def test_the_oldest_come_first_and_each_once(queue):
    queue.push(["1", "2"])
    queue.push(["3"])
    assert (queue.count(), queue.take("a", 2), queue.take("b", 5), queue.take("a", 5)) == (3, ["1", "2"], ["3"], [])


def test_several_takers_at_the_same_moment_share(queue):
    queue.push([str(number) for number in range(200)])
    taken = at_once(lambda: [queue.take("a", 7) for _ in range(10)])
    items = [item for takes in taken for take in takes for item in take]
    assert sorted(items, key=int) == [str(number) for number in range(200)]


def test_what_was_taken_is_seen_until_it_is_forgotten(queue):
    queue.push(["1", "2"])
    queue.take("a", 2)
    own = f"{queue.name}:processing:a"
    assert client().llen(own) == 2
    assert client().ttl(own) > 0
    queue.forget("a")
    assert client().exists(own) == 0


def test_it_stays_within_its_bound_and_the_oldest_go(queue, monkeypatch):
    monkeypatch.setattr(fast_queue, "MOST_ITEMS", 3)
    queue.push(["1", "2", "3", "4", "5"])
    assert queue.take("a", 9) == ["3", "4", "5"]


def test_waiting_ends_with_an_item_or_with_nothing(queue):
    queue.push(["1"])
    assert (queue.wait("a", 1), queue.wait("a", 1)) == (["1"], [])


def test_a_lock_has_one_owner_until_it_is_freed_by_that_one(queue):
    assert queue.lock(["x", "y"], "a", 60) == {"x", "y"}
    assert queue.lock(["x", "z"], "b", 60) == {"z"}
    assert queue.read_holders(["x", "y", "z", "free"]) == {"a", "b"}
    assert queue.lock(["x"], "a", 60) == {"x"}  # its own
    queue.unlock(["x", "y"], "b")
    assert queue.lock(["x"], "b", 60) == set()
    queue.unlock(["x", "y"], "a")
    assert queue.lock(["x", "y"], "b", 60) == {"x", "y"}
    assert 0 < client().ttl(f"{queue.name}:lock:x") <= 60


def test_the_lock_of_one_who_is_dead_is_free(queue):
    queue.lock(["x"], "dead", 60)
    queue.note_dead(["dead"], 60)
    assert queue.lock(["x"], "b", 60) == {"x"}


def test_several_at_the_same_moment_get_a_lock_once(queue):
    owners = iter("abcdefgh")
    got = at_once(lambda: queue.lock(["x"], next(owners), 60), times=8)
    assert sorted(map(len, got)) == [0] * 7 + [1]


def test_states_are_kept_for_a_day(queue):
    queue.note_states({"x": "completed"})
    assert queue.read_states(["x", "y"]) == {"x": "completed"}
    assert client().ttl(f"{queue.name}:state:x") > 23 * 3600


def test_without_redis_all_is_free_and_nothing_is_there_and_it_is_asked_again_after_a_while(queue, monkeypatch):
    calls = []

    def away():
        calls.append(1)
        raise redis.ConnectionError("Connection refused.")

    monkeypatch.setattr(fast_queue, "client", away)
    queue.push(["1"])
    queue.forget("a")
    queue.note_states({"x": "completed"})
    queue.unlock(["x"], "a")
    assert (queue.take("a", 5), queue.read_states(["x"]), queue.lock(["x"], "a", 60)) == ([], {}, {"x"})
    assert len(calls) == 1
    with pytest.raises(redis.ConnectionError):
        queue.count()
    back_at = clock.monotonic_seconds() + fast_queue.SECONDS_AWAY
    monkeypatch.undo()
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: back_at)
    queue.push(["2"])
    assert queue.take("a", 5) == ["2"]


def test_nothing_is_asked_for_nothing(queue, monkeypatch):
    monkeypatch.setattr(fast_queue, "client", lambda: pytest.fail("Redis was asked"))
    queue.push([])
    queue.note_dead([], 60)
    queue.note_states({})
    queue.unlock([], "a")
    assert (queue.lock([], "a", 60), queue.read_states([]), queue.read_holders([])) == (set(), {}, set())
