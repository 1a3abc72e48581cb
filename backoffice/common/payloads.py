"""Payloads as bytes that PostgreSQL can keep and that are equal exactly when the payloads are."""

import json
import math
from hashlib import blake2b
from typing import Any

import orjson


def dump_payload(payload: Any) -> bytes:
    """Write JSON with sorted keys; characters that JSONB cannot hold (NUL, lone surrogates) are removed."""
    try:
        dumped = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return _dump_oddities(payload)
    return _dump_oddities(payload) if b"\\u0000" in dumped else dumped


def digest(dumped: bytes) -> bytes:
    """Return 16 bytes that stand for the payload."""
    return blake2b(dumped, digest_size=16).digest()


def _dump_oddities(payload: Any) -> bytes:
    """Write what the fast way refuses: the standard library also takes numbers of any size and deep nesting."""
    cleaned = _without_unstorable(payload)
    return json.dumps(cleaned, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _without_unstorable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {_without_unstorable(str(key)): _without_unstorable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_unstorable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, int | float | None) else str(value)
