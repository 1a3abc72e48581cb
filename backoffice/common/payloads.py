"""Payloads as bytes that PostgreSQL can keep and that are equal exactly when the payloads are."""

import json
import math
from hashlib import blake2b
from typing import Any

import orjson

DEEPEST = 400  # levels; at 1,000 Python itself gives up, of which its callers have used some
TOO_DEEP = f"[deeper than {DEEPEST} levels, left out]"
LARGEST_NUMBER_BITS = 10_000  # Python refuses to write or read decimals of more than 4,300 digits


def dump_payload(payload: Any) -> bytes:
    """Write JSON with sorted keys, whatever it holds.

    Characters that JSONB cannot hold (NUL, lone surrogates) are removed, and what is nested deeper than can be followed
    is left out: one odd record must not stop those beside it.
    """
    try:
        dumped = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return _dump_oddities(payload)
    return _dump_oddities(payload) if b"\\u0000" in dumped else dumped


def storable_payload(payload: Any) -> Any:
    """Return a payload as a database would give it back."""
    return orjson.loads(dump_payload(payload))


def digest(dumped: bytes) -> bytes:
    """Return 16 bytes that stand for the payload."""
    return blake2b(dumped, digest_size=16).digest()


def _dump_oddities(payload: Any) -> bytes:
    """Write what the fast way refuses: the standard library also takes large numbers and deep nesting."""
    cleaned = _storable(payload, DEEPEST)
    return json.dumps(cleaned, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _storable(value: Any, levels: int) -> Any:
    """Loops instead of comprehensions: those would take a second frame for each level."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict | list | tuple) and not levels:
        return TOO_DEEP
    if isinstance(value, dict):
        members = {}
        for key, item in value.items():
            members[_storable(str(key), 0)] = _storable(item, levels - 1)
        return members
    if isinstance(value, list | tuple):
        items = []
        for item in value:
            items.append(_storable(item, levels - 1))
        return items
    return _storable_scalar(value)


def _storable_scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and value.bit_length() > LARGEST_NUMBER_BITS:
        return hex(value)
    return value if isinstance(value, int | float | None) else str(value)
