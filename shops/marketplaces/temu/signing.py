"""Signs requests to Temu. Pure: the parameters of a body and the secret in, the signature out.

Source: Temu Partner Platform, "Signature". The test vectors hold its worked example.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson


def sign(parameters: Mapping[str, Any], secret: str) -> str:
    """Compute the `sign` parameter: MD5 in capital hex of the secret, the sorted top-level parameters, the secret.

    Only the names at the top are sorted: objects within are written compactly in the order in which they are sent.
    """
    text = "".join(name + written(parameters[name]) for name in sorted(parameters) if name != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def written(value: Any) -> str:
    """Write a value as it is signed: text as it is, everything else as compact JSON with UTF-8 as it is."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
