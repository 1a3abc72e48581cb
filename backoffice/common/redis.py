"""The one Redis client of a process. Redis makes things fast and shared; nothing is lost when it goes away."""

from functools import lru_cache

import redis
from django.conf import settings


@lru_cache(maxsize=1)
def client() -> "redis.Redis":
    """Return the client; connects at the first command."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
