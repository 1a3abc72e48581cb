"""The shared limiter, against a real Valkey: that it blocks, for how long, and over all workers."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from shops.marketplaces.errors import LimiterUnavailable
from shops.marketplaces.rate_limit import NoLimit, RedisRateLimiter, Rule, app_wide_key, shop_key

REPOSITORY = Path(__file__).parents[3]


def passed(limiter: RedisRateLimiter, tries: int) -> int:
    return sum(limiter.acquire() == 0 for _ in range(tries))


def test_lets_through_as_many_as_the_rule_says_and_says_how_long_to_wait(valkey: redis.Redis) -> None:
    limiter = RedisRateLimiter(valkey, [Rule("shop", 3, 60)])
    assert passed(limiter, 10) == 3
    assert 59 < limiter.acquire() <= 60


def test_the_window_slides(valkey: redis.Redis) -> None:
    limiter = RedisRateLimiter(valkey, [Rule("shop", 2, 1)])
    assert passed(limiter, 3) == 2
    time.sleep(limiter.acquire())
    assert limiter.acquire() == 0


def test_a_call_that_one_rule_refuses_counts_in_none(valkey: redis.Redis) -> None:
    narrow = RedisRateLimiter(valkey, [Rule("shop a", 1, 60), Rule("app", 5, 3600)])
    assert passed(narrow, 50) == 1
    assert passed(RedisRateLimiter(valkey, [Rule("app", 5, 3600)]), 10) == 4


def test_the_slowest_rule_decides_the_wait(valkey: redis.Redis) -> None:
    limiter = RedisRateLimiter(valkey, [Rule("shop", 1, 10), Rule("app", 1, 3600)])
    limiter.acquire()
    assert 3590 < limiter.acquire() <= 3600


def test_a_lowered_limit_waits_until_enough_calls_have_left(valkey: redis.Redis) -> None:
    passed(RedisRateLimiter(valkey, [Rule("shop", 10, 60)]), 10)
    assert RedisRateLimiter(valkey, [Rule("shop", 2, 60)]).acquire() > 59


def test_zero_calls_means_no_limit(valkey: redis.Redis) -> None:
    assert passed(RedisRateLimiter(valkey, [Rule("shop", 0, 60)]), 100) == 100
    assert NoLimit().acquire() == 0


def test_a_block_holds_everyone_and_a_shorter_one_does_not_end_it(valkey: redis.Redis) -> None:
    rules = [Rule("shop", 100, 60), Rule("app", 100, 60)]
    RedisRateLimiter(valkey, rules).block(30)
    RedisRateLimiter(valkey, rules).block(1)
    assert 29 < RedisRateLimiter(valkey, rules).acquire() <= 30
    assert RedisRateLimiter(valkey, [Rule("other shop", 100, 60), rules[1]]).acquire() == 0


def test_a_block_ends(valkey: redis.Redis) -> None:
    limiter = RedisRateLimiter(valkey, [Rule("shop", 100, 60)])
    limiter.block(0.05)
    time.sleep(0.1)
    assert limiter.acquire() == 0


def test_keys_vanish_by_themselves(valkey: redis.Redis) -> None:
    limiter = RedisRateLimiter(valkey, [Rule("shop", 100, 60)])
    limiter.acquire()
    limiter.block(5)
    assert all(0 < valkey.pttl(key) <= 61_000 for key in valkey.scan_iter())


def test_two_processes_share_one_limit(valkey: redis.Redis, valkey_url: str) -> None:
    program = (
        "import redis, sys\n"
        "from shops.marketplaces.rate_limit import RedisRateLimiter, Rule\n"
        "limiter = RedisRateLimiter(redis.Redis.from_url(sys.argv[1]), [Rule('shop', 50, 60)])\n"
        "print(sum(limiter.acquire() == 0 for _ in range(200)))\n"
    )
    command = [sys.executable, "-c", program, valkey_url]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY, text=True) for _ in range(2)]
    let_through = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert sum(let_through) == 50


def test_without_redis_nothing_is_sent(tmp_path: Path) -> None:
    limiter = RedisRateLimiter(redis.Redis.from_url(f"unix://{tmp_path}/none"), [Rule("shop", 1, 60)])
    limiter.block(5)
    with pytest.raises(LimiterUnavailable):
        limiter.acquire()


def test_key_names_tell_apps_and_shops_apart_without_showing_the_app_key() -> None:
    assert shop_key("tiktok", "6sbxk3y0001", "7495").startswith(app_wide_key("tiktok", "6sbxk3y0001"))
    assert "6sbxk3y0001" not in shop_key("tiktok", "6sbxk3y0001", "7495")
    assert app_wide_key("tiktok", "a") != app_wide_key("tiktok", "b")
