"""Computes the signature that a Temu request must carry, from the request as it was received."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson


def expected_sign(secret: str, parameters: Mapping[str, Any]) -> str:
    """Return the signature over the top-level parameters of a body (Temu partner documentation, "Signature") [A].

    Names are sorted in byte order and each value follows its name, all between two copies of the secret. `sign` itself
    is left out. Nested keys stay in the order in which they were sent: the vendor's own examples fail when sorted.
    """
    # Sorting text by code points sorts its UTF-8 bytes as well.
    text = "".join(name + _text(parameters[name]) for name in sorted(parameters) if name != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def _text(value: object) -> str:
    """Return how a value reads in the signed text: strings raw, everything else as compact JSON with raw UTF-8."""
    # What a null contributes is unsure [?]: the vendor's examples print "null", and so does this.
    return value if isinstance(value, str) else orjson.dumps(value).decode()
