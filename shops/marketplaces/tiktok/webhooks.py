"""Checks and reads TikTok Shop's push messages. Pure: bytes in, answer out.

The signature holds no time, so a message can be replayed: callers drop a `notification_id` they have seen.
Source: TikTok Shop Partner Center, "Webhooks overview".
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shops.marketplaces import values
from shops.marketplaces.errors import WebhookBodyUnreadable, WebhookHeaderUnreadable, WebhookSignatureMismatch

_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """The envelope of a push message. `kind` is TikTok's number of the event; `notification_id` may be empty."""

    kind: int
    notification_id: str
    shop_external_id: str
    sent_at: datetime | None
    data: dict[str, Any]


def verify(raw_body: bytes, authorization: str, app_key: str, app_secret: str) -> None:
    """Check the Authorization header (lower-case hex, no scheme word) over the body as it arrived.

    Raises WebhookHeaderUnreadable or WebhookSignatureMismatch; compares in constant time.
    """
    given = authorization.strip()
    if not _SIGNATURE.fullmatch(given):
        raise WebhookHeaderUnreadable("The Authorization header is missing or is not a signature of 64 hex digits.")
    expected = hmac.new(app_secret.encode(), app_key.encode() + raw_body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given):
        raise WebhookSignatureMismatch("The signature does not belong to this body and app secret.")


def parse(raw_body: bytes) -> WebhookEvent:
    """Read the envelope of a verified message; raises WebhookBodyUnreadable.

    A missing notification id is allowed: older messages have none.
    """
    try:
        envelope = values.fields(orjson.loads(raw_body))
    except orjson.JSONDecodeError:
        envelope = {}
    kind = values.number(envelope.get("type"))
    shop_external_id = values.identifier(envelope.get("shop_id"))
    if kind is None or shop_external_id is None:
        raise WebhookBodyUnreadable("The body is not an object with a type and a shop_id.")
    return WebhookEvent(
        kind=kind,
        notification_id=values.identifier(envelope.get("tts_notification_id")) or "",
        shop_external_id=shop_external_id,
        sent_at=values.seconds(envelope.get("timestamp")),
        data=values.fields(envelope.get("data")),
    )
