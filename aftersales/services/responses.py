"""What a payment side answers, as it came: kept with its refund, for people who look into one that failed."""

from collections.abc import Mapping
from typing import Any

import orjson

from aftersales.services.asking import Unacceptable
from backoffice.common.payloads import dump_payload

LENGTH = 8_000  # bytes as JSON


def read_response(response: Mapping[str, Any]) -> dict[str, Any]:
    """Take an answer as the database can hold it; one that is too long to be an answer raises Unacceptable."""
    dumped = dump_payload(response)
    if len(dumped) > LENGTH:
        raise Unacceptable("provider_response", f"At most {LENGTH:,} bytes of JSON; these are {len(dumped):,}.")
    stored: dict[str, Any] = orjson.loads(dumped)
    return stored
