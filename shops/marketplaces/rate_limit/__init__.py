"""Holds calls back before the marketplace does: limits for shop, app hour and app day, with lanes.

The limit of all workers is counted in Redis (shared); while Redis is away each process keeps to its own small part of
it (own_windows).
"""

from shops.marketplaces.rate_limit.own_windows import OwnWindows
from shops.marketplaces.rate_limit.rules import Lane, NoLimit, RateLimiter, Rule, app_wide_key, share_of, shop_key
from shops.marketplaces.rate_limit.shared import RedisRateLimiter, count_calls

__all__ = [
    "Lane",
    "NoLimit",
    "OwnWindows",
    "RateLimiter",
    "RedisRateLimiter",
    "Rule",
    "app_wide_key",
    "count_calls",
    "share_of",
    "shop_key",
]
