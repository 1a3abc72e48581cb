"""Checks and reads Shopee's push messages. Pure: bytes in, answer out.

The signature holds no time, so a message can be replayed: callers drop a `notification_id` they have seen. A message
is a hint only: what it speaks of is read through the API. Source: Shopee Open Platform, "Push mechanism".
"""

import hashlib

from shops.marketplaces import values
from shops.marketplaces.errors import WebhookBodyUnreadable
from shops.marketplaces.pushes import WebhookEvent, check_authorization, read_object
from shops.marketplaces.shopee.signing import sign_push


def verify(raw_body: bytes, authorization: str, callback_url: str, push_key: str) -> None:
    """Check the Authorization header (lower-case hex, no scheme word) over address and body as it arrived.

    `callback_url` is the text saved in Shopee's console, not what a proxy shows. `push_key` is the Live Push Partner
    Key of the console's push page; apps from before there was one use the partner key. Raises WebhookHeaderUnreadable
    or WebhookSignatureMismatch; compares in constant time.
    """
    expected = sign_push(callback_url, raw_body, push_key)
    check_authorization(authorization, expected, "body, callback address and push key")


def parse(raw_body: bytes) -> WebhookEvent:
    """Read the envelope of a verified message; raises WebhookBodyUnreadable.

    Where there is no `msg_id` (older messages), a digest of the body takes its place: it covers status and time, so
    that two changes of one order differ. Messages about the app as a whole (1, 2, 12, and 0, the console's test) name
    no shop.
    """
    envelope = read_object(raw_body)
    kind = values.number(envelope.get("code"))
    if kind is None:
        raise WebhookBodyUnreadable("The body is not an object with a code.")
    inner = values.fields(envelope.get("data"))
    return WebhookEvent(
        kind=str(kind),
        notification_id=values.identifier(envelope.get("msg_id")) or hashlib.sha256(raw_body).hexdigest()[:32],
        shop_external_id=values.identifier(envelope.get("shop_id") or inner.get("shop_id")) or "",
        sent_at=values.seconds(envelope.get("timestamp")),
        data=inner,
    )
