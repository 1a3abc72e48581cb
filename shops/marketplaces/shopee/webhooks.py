"""Checks and reads Shopee's push messages. Pure: bytes in, answer out.

The signature holds no time, so a message can be replayed: callers drop a `notification_id` they have seen. A message
is a hint only: what it speaks of is read through the API. Source: Shopee Open Platform, "Push mechanism".
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
from shops.marketplaces.shopee.signing import sign_push

_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """The envelope of a push message. `kind` is Shopee's number of the event.

    `shop_external_id` is empty where a message concerns the app as a whole (1, 2, 12, and 0, the console's test).
    """

    kind: int
    notification_id: str
    shop_external_id: str
    sent_at: datetime | None
    data: dict[str, Any]


def verify(raw_body: bytes, authorization: str, callback_url: str, push_key: str) -> None:
    """Check the Authorization header (lower-case hex, no scheme word) over address and body as it arrived.

    `callback_url` is the text saved in Shopee's console, not what a proxy shows. `push_key` is the Live Push Partner
    Key of the console's push page; apps from before there was one use the partner key. Raises WebhookHeaderUnreadable
    or WebhookSignatureMismatch; compares in constant time.
    """
    given = authorization.strip()
    if not _SIGNATURE.fullmatch(given):
        raise WebhookHeaderUnreadable("The Authorization header is missing or is not a signature of 64 hex digits.")
    if not hmac.compare_digest(sign_push(callback_url, raw_body, push_key), given):
        raise WebhookSignatureMismatch("The signature does not belong to this body, callback address and push key.")


def parse(raw_body: bytes) -> WebhookEvent:
    """Read the envelope of a verified message; raises WebhookBodyUnreadable.

    Where there is no `msg_id` (older messages), a digest of the body takes its place: it covers status and time, so
    that two changes of one order differ.
    """
    try:
        envelope = values.fields(orjson.loads(raw_body))
    except orjson.JSONDecodeError:
        envelope = {}
    kind = values.number(envelope.get("code"))
    if kind is None:
        raise WebhookBodyUnreadable("The body is not an object with a code.")
    inner = values.fields(envelope.get("data"))
    return WebhookEvent(
        kind=kind,
        notification_id=values.identifier(envelope.get("msg_id")) or hashlib.sha256(raw_body).hexdigest()[:32],
        shop_external_id=values.identifier(envelope.get("shop_id") or inner.get("shop_id")) or "",
        sent_at=values.seconds(envelope.get("timestamp")),
        data=inner,
    )
