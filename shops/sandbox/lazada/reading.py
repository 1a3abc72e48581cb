"""Reads the parameters that calls share."""

import orjson

from shops.sandbox.lazada.gateway import Parameters
from shops.sandbox.lazada.replies import RefusalError


def whole_number(parameters: Parameters, name: str, default: int, least: int, most: int, refusal: str) -> int:
    """Return a whole number within its bounds; outside them the service's own error is the answer."""
    text = parameters.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text[:12]) <= most:
        raise RefusalError(refusal, text)
    return int(text[:12])


def required(parameters: Parameters, name: str) -> str:
    """Return a parameter without which the call makes no sense."""
    text = parameters.get(name, "")
    if not text:
        raise RefusalError("missing", name)
    return text


def as_number(text: str) -> int | None:
    """Return a number that an id may be."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def json_list(text: str) -> list[str] | None:
    """Return the texts of a JSON array of numbers or texts; None if it is none."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, list) or not all(isinstance(one, int | str) for one in content):
        return None
    return [str(one) for one in content]
