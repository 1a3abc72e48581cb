"""What a payment side answers, as it came: kept with its refund, for people who look into one that failed."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from aftersales.services.asking import Unacceptable

LENGTH = 8_000  # bytes as JSON
LEVELS = 20  # of objects and lists in each other; of some 250 no digest of the whole body can be made
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # in JSON; after another backslash it is that text


def read_response(response: Mapping[str, Any]) -> dict[str, Any]:
    """Take an answer as it is stored; what cannot be, or is too long to be an answer, raises Unacceptable."""
    try:
        text = orjson.dumps(response)
    except orjson.JSONEncodeError as error:
        raise Unacceptable("provider_response", f"This cannot be kept as JSON: {error}.") from error
    if len(text) > LENGTH:
        raise Unacceptable("provider_response", f"At most {LENGTH:,} bytes of JSON; these are {len(text):,}.")
    if _is_deeper(response, LEVELS):
        raise Unacceptable("provider_response", f"At most {LEVELS} objects and lists in each other.")
    if NUL.search(text):
        raise Unacceptable("provider_response", "A text holds a NUL character, which cannot be stored.")
    return dict(response)


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, Mapping | list):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return not levels or any(_is_deeper(one, levels - 1) for one in inner)
