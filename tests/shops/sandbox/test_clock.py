"""The world's clock stops, jumps and runs as told, and never passes the wall clock."""

import random

import pytest

from shops.sandbox.clock import ClockError, WorldClock


class Wall:
    now = 2_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def clock(wall):
    return WorldClock(1_000_000, 500_000, wall)


def test_it_begins_at_the_epoch_and_runs_with_the_wall(clock, wall):
    assert clock.now() == 1_000_000
    wall.now += 90.7
    assert clock.now() == 1_000_090


def test_frozen_stands_and_scaled_runs(clock, wall):
    clock.change({"mode": "frozen"})
    wall.now += 500
    assert clock.now() == 1_000_000
    clock.change({"mode": "scaled", "speed": 60, "advance_seconds": 5})
    wall.now += 10
    assert clock.now() == 1_000_605
    clock.change({"mode": "real"})
    wall.now += 10
    assert clock.now() == 1_000_615


def test_it_can_be_set_back_and_forth_within_its_bounds(clock):
    assert clock.change({"now": 600_000}).now == 600_000
    assert clock.change({"now": 9_000_000}).now == 2_000_000
    with pytest.raises(ClockError, match="first second, 500000"):
        clock.change({"now": 499_999})


def test_no_sequence_of_settings_passes_the_wall(clock, wall):
    choices = random.Random(1)
    for _ in range(500):
        wanted = {"mode": choices.choice(["real", "frozen", "scaled"]), "advance_seconds": choices.choice([0, 9e5])}
        if wanted["mode"] == "scaled":
            wanted["speed"] = choices.choice([0.5, 60, 1e6])
        if choices.random() < 0.2:
            wanted["now"] = choices.choice([500_000, 1_500_000, 1e9])
        assert clock.change(wanted).now <= wall.now
        wall.now += choices.uniform(0, 1000)
        assert clock.now() <= wall.now


@pytest.mark.parametrize(
    "wanted",
    [{"mode": "fast"}, {"mode": 1}, {"mode": "scaled", "speed": 0}, {"mode": "scaled", "speed": "x"},
     {"advance_seconds": -1}, {"advance_seconds": True}, {"now": "later"}, {"pace": 2}, {"now": float("nan")}],
)  # fmt: skip
def test_nonsense_is_refused_and_changes_nothing(clock, wanted):
    before = clock.state()
    with pytest.raises(ClockError, match=r"\.$"):
        clock.change(wanted)
    assert clock.state() == before
