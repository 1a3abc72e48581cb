"""Windows found by index ranges hold exactly the orders that a walk through the whole world finds."""

import random

import pytest

from shops.sandbox.dataset import OrderBook, OrderNumbers, World
from shops.sandbox.life import TIMINGS, table_of_paths
from shops.sandbox.windows import Lives

WORLD = World(seed=11, epoch=1_790_000_000, days=6, orders=500, shops=1)
HOUR = 3600
MOMENTS = [WORLD.epoch - 2 * 86_400, WORLD.epoch, WORLD.epoch + 3 * 86_400 + 17]


@pytest.fixture(scope="module")
def lives():
    numbers = OrderNumbers(WORLD, "tiktok", 1)
    return Lives(OrderBook(WORLD, "tiktok", 0, numbers), table_of_paths(with_cod=True))


def walk(lives, as_of):
    """All orders and their last updates, worked out the long way."""
    found = {}
    for index in range(1000):
        digest = lives.book.digest(index)
        created = lives.book.created_at(index, digest)
        if created > as_of:
            continue
        events = []
        for event in lives.table[digest[0]].path.events:
            delay, jitter, offset = TIMINGS[event]
            events.append(created + delay + int.from_bytes(digest[offset : offset + 2], "big") * jitter // 65536)
        found[index] = (created, max(moment for moment in events if moment <= as_of))
    return found


@pytest.mark.parametrize("as_of", MOMENTS)
def test_every_hour_of_updates_is_found_whole(lives, as_of):
    world = walk(lives, as_of)
    seen: list[int] = []
    for first in range(WORLD.start - HOUR, as_of + 2 * HOUR, HOUR):
        found = {state.position: state.updated for state in lives.updated_between(first, first + HOUR, as_of)}
        expected = {at: updated for at, (_, updated) in world.items() if first <= updated < first + HOUR}
        assert found == expected
        seen.extend(found)
    assert sorted(seen) == sorted(world)


@pytest.mark.parametrize("as_of", MOMENTS)
def test_windows_of_any_size_and_place_are_found_whole(lives, as_of):
    world = walk(lives, as_of)
    places = random.Random(3)
    for _ in range(150):
        first = places.randrange(WORLD.start - 86_400, as_of + 86_400)
        end = first + int(10 ** places.uniform(0, 6))
        found = {state.position for state in lives.updated_between(first, end, as_of)}
        assert found == {at for at, (_, updated) in world.items() if first <= updated < end}
        created = list(lives.created_range(first, end, as_of))
        assert created == [at for at, (created, _) in world.items() if first <= created < end]


def test_open_and_empty_windows(lives):
    as_of = WORLD.epoch
    assert len(list(lives.updated_between(None, None, as_of))) == len(walk(lives, as_of))
    assert not list(lives.updated_between(as_of, as_of - 5, as_of))
    assert not lives.created_range(as_of + 1, None, as_of)


def test_one_state_agrees_with_the_flat_loop(lives):
    for state in lives.states_in(range(300), WORLD.epoch):
        assert lives.state(state.position, WORLD.epoch) == state
    assert lives.state(999, WORLD.epoch) is None
