"""What a payment side answers, as it came: kept with its refund, for people who look into one that failed."""

from collections.abc import Mapping
from typing import Any

import orjson

from aftersales.services.asking import Unacceptable

LENGTH = 8_000  # bytes as JSON


def read_response(response: Mapping[str, Any]) -> dict[str, Any]:
    """Take an answer as it is stored; what cannot be, or is too long to be an answer, raises Unacceptable."""
    try:
        text = orjson.dumps(response)
    except orjson.JSONEncodeError as error:
        raise Unacceptable("provider_response", f"This cannot be kept as JSON: {error}.") from error
    if len(text) > LENGTH:
        raise Unacceptable("provider_response", f"At most {LENGTH:,} bytes of JSON; these are {len(text):,}.")
    if rb"\u0000" in text:
        raise Unacceptable("provider_response", "A text holds a NUL character, which cannot be stored.")
    return dict(response)
