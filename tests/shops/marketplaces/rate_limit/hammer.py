"""Asks a shared limiter for calls as fast as it lets, in a process of its own; prints when each was let through.

Arguments: address of Redis, calls and seconds of the limit, the lane and its percent. Begins at a line on standard
input, which says for how many seconds. Each line of the answer: monotonic seconds before and after asking.
"""

import sys
import time

import redis

from shops.marketplaces.rate_limit import Lane, OwnWindows, RedisRateLimiter, Rule


def main(url: str, calls: int, seconds: int, lane: int, percent: int) -> None:
    rules = [Rule("shop", 0, 60), Rule("app", calls, seconds)]
    limiter = RedisRateLimiter(redis.Redis.from_url(url), rules, OwnWindows(1), Lane(lane), percent)
    print("ready", flush=True)
    until = time.monotonic() + float(sys.stdin.readline())
    while (asked_at := time.monotonic()) < until:
        wait = limiter.acquire()
        if wait == 0:
            print(asked_at, time.monotonic())
        else:
            time.sleep(min(wait, max(0.0, until - time.monotonic())))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
