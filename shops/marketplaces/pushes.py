"""What push messages of all marketplaces have in common: the event that one becomes, its envelope, its signature."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shops.marketplaces import values
from shops.marketplaces.errors import WebhookHeaderUnreadable, WebhookSignatureMismatch

_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a push message says. `kind` is the marketplace's number or name of the event.

    `notification_id` is empty where messages have none, `shop_external_id` where one concerns the app as a whole;
    `region` is the country in capitals, where the message names it.
    """

    kind: str
    notification_id: str
    shop_external_id: str
    sent_at: datetime | None
    data: dict[str, Any]
    region: str = ""


def read_object(text: bytes) -> dict[str, Any]:
    """Read the JSON object that a text is; anything else counts as an empty one."""
    try:
        return values.fields(orjson.loads(text))
    except orjson.JSONDecodeError:
        return {}


def check_authorization(header: str, expected: str, signed: str) -> None:
    """Compare an Authorization header (lower-case hex, no scheme word) with a signature, in constant time.

    Raises WebhookHeaderUnreadable, or WebhookSignatureMismatch in words that name what is `signed`.
    """
    given = header.strip()
    if not _SIGNATURE.fullmatch(given):
        raise WebhookHeaderUnreadable("The Authorization header is missing or is not a signature of 64 hex digits.")
    if not hmac.compare_digest(expected, given):
        raise WebhookSignatureMismatch(f"The signature does not belong to this {signed}.")
