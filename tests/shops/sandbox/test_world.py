"""Orders come at an even rate, have numbers that lead back to them, and live their lives in order."""

import pytest

from shops.sandbox.dataset import CHILD_STEP, HIGHEST_CHILD, OrderBook, OrderNumbers, World
from shops.sandbox.life import PATHS, TIMINGS, table_of_paths
from shops.sandbox.regions import REGIONS

BASE = 576_000_000_000_000_000
WORLD = World(seed=5, epoch=1_790_000_000, days=6, orders=1003, shops=4)


def book(shop_number=0, world=WORLD):
    return OrderBook(world, "tiktok", shop_number, OrderNumbers(world, "tiktok", BASE))


def test_a_world_holds_the_wanted_orders_and_goes_on_at_the_same_rate():
    counts = [book(number).first_index_from(WORLD.epoch + 1) for number in range(4)]
    assert counts == [251, 251, 251, 250]
    assert book().first_index_from(WORLD.epoch + 6 * 86_400 + 1) == 502


def test_creation_never_falls_back_and_the_index_of_a_moment_is_exact():
    orders = book()
    times = [orders.created_at(index, orders.digest(index)) for index in range(400)]
    assert times == sorted(times)
    assert times[0] >= WORLD.start
    for moment in range(WORLD.start - 5000, times[300], 997):
        assert orders.first_index_from(moment) == sum(created < moment for created in times)


def test_crowded_worlds_keep_the_same_promises():
    crowded = World(seed=1, epoch=1_790_000_000, days=1, orders=900_000, shops=1)
    orders = book(world=crowded)
    assert orders.first_index_from(crowded.epoch + 1) == 900_000
    moment = crowded.start + 4321
    first = orders.first_index_from(moment)
    assert orders.created_at(first, orders.digest(first)) >= moment
    assert orders.created_at(first - 1, orders.digest(first - 1)) < moment


def test_a_world_without_orders_is_empty():
    empty = book(world=World(seed=1, epoch=1_790_000_000, days=6, orders=0, shops=1))
    assert empty.first_index_from(1_790_000_000) == 0
    assert empty.find_index(BASE + 5, 1_790_000_000) is None


def test_order_numbers_lead_back_and_leave_room_for_children():
    numbers = OrderNumbers(WORLD, "tiktok", BASE)
    seen: dict[int, tuple[int, int]] = {}
    for shop in (0, 1, 199):
        for index in (*range(2000), 10**9, 2**39):
            number = numbers.number_of(shop, index)
            assert len(str(number)) == 18
            assert (number - BASE) & 0xFF0000 == 0
            assert seen.setdefault(number, (shop, index)) == (shop, index)
            assert numbers.find(number) == (shop, index)
    children = {number + CHILD_STEP * at for number in seen for at in (1, 2, HIGHEST_CHILD)}
    assert len(children) == 3 * len(seen)
    assert not children & set(seen)
    assert numbers.find(BASE - 1) is numbers.find(next(iter(children))) is None


def test_numbers_of_other_shops_and_of_the_future_are_not_found():
    orders = book()
    assert orders.find_index(orders.number_of(7), WORLD.epoch) == 7
    assert orders.find_index(book(1).number_of(7), WORLD.epoch) is None
    assert orders.find_index(orders.number_of(252), WORLD.epoch) is None
    assert orders.find_index(orders.number_of(252), WORLD.epoch + 86_400) == 252


@pytest.mark.parametrize("path", PATHS, ids=[path.name for path in PATHS])
def test_events_of_a_path_cannot_overtake_one_another(path):
    for before, after in zip(path.events, path.events[1:], strict=False):
        first, second = TIMINGS[before], TIMINGS[after]
        shares_jitter = first.offset == second.offset and first.jitter == second.jitter
        assert first.delay + (0 if shares_jitter else first.jitter) < second.delay


def test_the_shares_fill_the_table_and_cash_is_only_where_it_exists():
    assert sum(path.share for path in PATHS) == 256
    assert len(table_of_paths(with_cod=True)) == len(table_of_paths(with_cod=False)) == 256
    assert not any(compiled.path.is_cod for compiled in table_of_paths(with_cod=False))
    assert {compiled.path for compiled in table_of_paths(with_cod=True)} == set(PATHS)


def test_bad_sizes_are_refused():
    for wrong in ({"shops": 0}, {"shops": 201}, {"days": 0}, {"orders": -1}, {"epoch": 86_400}):
        with pytest.raises(ValueError, match=r"\."):
            World(**{"seed": 1, "epoch": 1_790_000_000, "days": 6, "orders": 1, "shops": 1, **wrong})


@pytest.mark.parametrize(
    ("code", "minor", "text"),
    [("US", 1205, "12.05"), ("US", -5, "-0.05"), ("US", -1205, "-12.05"), ("VN", -1205, "-1205")],
)
def test_amounts_are_written_with_their_sign(code, minor, text):
    region = next(region for region in REGIONS if region.code == code)
    assert region.money(minor) == text
