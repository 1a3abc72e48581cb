"""The shared limiter, against a real Valkey: that it blocks, for how long, which lanes first, and without Redis."""

import time

import pytest
import redis

from shops.marketplaces.rate_limit import Lane, OwnWindows, RedisRateLimiter, Rule, count_calls

GONE = redis.Redis.from_url("unix:///nowhere/valkey.sock")


class Clock:
    """A monotonic clock that goes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Switched:
    """A client whose server can go away and come back."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self.is_away = False
        self.tries = 0

    def register_script(self, text: str):
        script = self.client.register_script(text)

        def run(**arguments):
            self.tries += 1
            if self.is_away:
                raise redis.ConnectionError("away")
            return script(**arguments)

        return run


PERCENTS = {Lane.INTERACTIVE: 100, Lane.HIGH: 95, Lane.INCREMENTAL: 90, Lane.BACKFILL: 80}
LOWEST_FIRST = sorted(Lane, reverse=True)


def make(
    client: redis.Redis, *rules: Rule, lane: Lane = Lane.INTERACTIVE, own: OwnWindows | None = None
) -> RedisRateLimiter:
    return RedisRateLimiter(client, rules, own or OwnWindows(processes=10), lane, PERCENTS[lane])


def passed(limiter: RedisRateLimiter, tries: int) -> int:
    return sum(limiter.acquire() == 0 for _ in range(tries))


def test_lets_through_as_many_as_the_rule_says_and_says_how_long_to_wait(valkey: redis.Redis) -> None:
    limiter = make(valkey, Rule("shop", 3, 60))
    assert passed(limiter, 10) == 3
    assert 60 < limiter.acquire() <= Rule("shop", 3, 60).span_seconds


def test_the_window_slides_and_is_a_little_longer_than_the_marketplaces(valkey: redis.Redis) -> None:
    limiter = make(valkey, Rule("shop", 2, 1))
    began = time.monotonic()
    assert passed(limiter, 3) == 2
    time.sleep(limiter.acquire())
    assert limiter.acquire() == 0
    assert time.monotonic() - began > 1.2


def test_a_limit_that_was_raised_lets_every_lane_through_at_once(valkey: redis.Redis) -> None:
    """What a higher lane waited for under the old limit, up to a day, holds nobody back under the new one."""
    before = make(valkey, Rule("app", 2, 86_400))
    assert passed(before, 3) == 2
    for lane in LOWEST_FIRST:
        assert passed(make(valkey, Rule("app", 100, 86_400), lane=lane), 2) == 2


def test_a_call_that_one_rule_refuses_counts_in_none(valkey: redis.Redis) -> None:
    assert passed(make(valkey, Rule("shop a", 1, 60), Rule("app", 5, 3600)), 50) == 1
    assert passed(make(valkey, Rule("app", 5, 3600)), 10) == 4


def test_the_slowest_rule_decides_the_wait(valkey: redis.Redis) -> None:
    limiter = make(valkey, Rule("shop", 1, 10), Rule("app", 1, 3600))
    limiter.acquire()
    assert 3590 < limiter.acquire() < 3602


def test_a_lowered_limit_waits_until_enough_calls_have_left(valkey: redis.Redis) -> None:
    passed(make(valkey, Rule("shop", 10, 60)), 10)
    assert make(valkey, Rule("shop", 2, 60)).acquire() > 59


def test_a_rule_of_zero_calls_limits_nothing_but_still_blocks(valkey: redis.Redis) -> None:
    rules = (Rule("shop", 0, 60), Rule("app", 100, 3600))
    assert passed(make(valkey, *rules), 50) == 50
    make(valkey, *rules).block(30)
    assert 29 < make(valkey, *rules).acquire() <= 30


def test_each_lane_waits_at_its_own_part_and_the_higher_ones_find_the_rest(valkey: redis.Redis) -> None:
    rules = (Rule("shop", 0, 60), Rule("app", 100, 60))
    lanes = [make(valkey, *rules, lane=lane) for lane in LOWEST_FIRST]
    assert [passed(lane, 200) for lane in lanes] == [80, 10, 5, 5]
    assert [lane.acquire() > 0 for lane in lanes] == [True] * 4


def test_a_lower_lane_waits_until_the_window_has_emptied_below_its_part(valkey: redis.Redis) -> None:
    people, backfill = (make(valkey, Rule("app", 10, 1), lane=lane) for lane in (Lane.INTERACTIVE, Lane.BACKFILL))
    assert passed(people, 5) == 5
    time.sleep(0.4)
    assert passed(people, 5) == 5
    wait = backfill.acquire()
    time.sleep(wait)
    assert count_calls(valkey, [Rule("app", 10, 1)]) < [8]
    assert backfill.acquire() == 0


def test_while_a_higher_lane_waits_a_lower_one_takes_nothing_that_becomes_free(valkey: redis.Redis) -> None:
    rule = Rule("app", 10, 1)
    people, backfill = (make(valkey, rule, lane=lane) for lane in (Lane.INTERACTIVE, Lane.BACKFILL))
    passed(people, 10)
    began = time.monotonic()
    wait = people.acquire()
    behind = backfill.acquire()
    between = time.monotonic() - began  # that much later the second one asked, on a busy machine
    assert wait + 0.49 - between < behind <= wait + 0.5
    time.sleep(wait + 0.5)  # nobody waits any more
    assert backfill.acquire() == 0


def test_a_lane_does_not_stand_back_for_a_lower_one_nor_for_another_shops(valkey: redis.Redis) -> None:
    app = Rule("app", 100, 60)
    assert passed(make(valkey, Rule("shop a", 10, 60), app, lane=Lane.HIGH), 11) == 9
    assert make(valkey, Rule("shop a", 10, 60), app, lane=Lane.INTERACTIVE).acquire() == 0
    assert make(valkey, Rule("shop b", 10, 60), app, lane=Lane.BACKFILL).acquire() == 0


def test_a_block_holds_everyone_and_a_shorter_one_does_not_end_it(valkey: redis.Redis) -> None:
    rules = (Rule("shop", 100, 60), Rule("app", 100, 60))
    make(valkey, *rules).block(30)
    make(valkey, *rules).block(1)
    make(valkey, *rules).block(None)
    assert 29 < make(valkey, *rules).acquire() <= 30
    assert make(valkey, Rule("other shop", 100, 60), rules[1]).acquire() == 0


def test_a_block_ends(valkey: redis.Redis) -> None:
    limiter = make(valkey, Rule("shop", 100, 60))
    limiter.block(0.05)
    time.sleep(0.1)
    assert limiter.acquire() == 0


def test_refusals_that_do_not_say_how_long_hold_back_for_growing_times(valkey: redis.Redis) -> None:
    limiter = make(valkey, Rule("shop", 100, 60))
    held = []
    for _ in range(8):
        limiter.block(None)
        held.append(round(limiter.acquire()))
        valkey.delete("shop:blocked")
    assert held == [2, 4, 8, 16, 32, 60, 60, 60]


def test_refusals_of_calls_that_were_under_way_together_count_once(valkey: redis.Redis) -> None:
    limiters = [make(valkey, Rule("shop", 100, 60)) for _ in range(5)]
    for limiter in limiters:
        limiter.block(None)
    assert 1 < limiters[0].acquire() <= 2


def test_keys_vanish_by_themselves(valkey: redis.Redis) -> None:
    limiter = make(valkey, Rule("shop", 100, 60))
    limiter.acquire()
    limiter.block(None)
    assert all(0 < valkey.pttl(key) <= 65_000 for key in valkey.scan_iter())
    assert len(list(valkey.scan_iter())) == 3


def test_calls_in_the_windows_are_counted_without_adding_one(valkey: redis.Redis) -> None:
    rules = (Rule("shop", 5, 60), Rule("app", 9, 3600))
    passed(make(valkey, *rules), 3)
    assert count_calls(valkey, rules) == count_calls(valkey, rules) == [3, 3]


def test_without_redis_a_process_keeps_to_its_part_of_each_limit() -> None:
    own = OwnWindows(processes=10)
    limiters = [RedisRateLimiter(GONE, [Rule(shop, 100, 60), Rule("app", 150, 60)], own) for shop in ("a", "b")]
    assert [passed(limiter, 50) for limiter in limiters] == [10, 5]
    assert 59 < limiters[0].acquire() < 61


def test_without_redis_the_lanes_keep_their_order() -> None:
    own = OwnWindows(processes=1)
    lanes = [make(GONE, Rule("app", 100, 60), lane=lane, own=own) for lane in LOWEST_FIRST]
    assert [passed(lane, 200) for lane in lanes] == [80, 10, 5, 5]


@pytest.mark.parametrize(("asked", "held"), [(30, 30), (None, 60)])
def test_without_redis_a_refusal_holds_the_process_back(asked, held) -> None:
    limiter = RedisRateLimiter(GONE, [Rule("shop", 100, 60)], OwnWindows(processes=1))
    limiter.block(asked)
    assert held - 1 < limiter.acquire() <= held


def test_whoever_just_used_more_than_its_part_waits_first_when_redis_goes(valkey: redis.Redis) -> None:
    client = Switched(valkey)
    limiter = RedisRateLimiter(client, [Rule("shop", 100, 60)], OwnWindows(processes=10))  # type: ignore[arg-type]
    assert passed(limiter, 50) == 50
    client.is_away = True
    assert limiter.acquire() > 59


def test_a_block_holds_when_redis_goes(valkey: redis.Redis) -> None:
    client = Switched(valkey)
    limiter = RedisRateLimiter(client, [Rule("shop", 100, 60)], OwnWindows(processes=1))  # type: ignore[arg-type]
    limiter.block(30)
    client.is_away = True
    assert 29 < limiter.acquire() <= 30


def test_redis_is_asked_again_after_some_seconds_and_not_at_every_call(valkey: redis.Redis) -> None:
    clock, client = Clock(), Switched(valkey)
    limiter = RedisRateLimiter(client, [Rule("shop", 1000, 60)], OwnWindows(10, clock))  # type: ignore[arg-type]
    client.is_away = True
    passed(limiter, 20)
    assert client.tries == 1
    clock.now += 6
    passed(limiter, 20)
    assert client.tries == 2


def test_calls_made_without_redis_are_told_to_it_at_the_first_answer(valkey: redis.Redis) -> None:
    clock, client = Clock(), Switched(valkey)
    rules = [Rule("shop", 100, 60), Rule("app", 1000, 3600)]
    limiter = RedisRateLimiter(client, rules, OwnWindows(10, clock))  # type: ignore[arg-type]
    client.is_away = True
    assert passed(limiter, 7) == 7
    clock.now += 61.5  # these leave the minute, not the hour
    assert passed(limiter, 4) == 4
    client.is_away = False
    clock.now += 6
    assert passed(limiter, 1) == 1
    assert count_calls(valkey, rules) == [4 + 1, 7 + 4 + 1]
    assert passed(limiter, 1) == 1
    assert count_calls(valkey, rules) == [6, 13]
