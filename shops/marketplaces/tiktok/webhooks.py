"""Checks and reads TikTok Shop's push messages. Pure: bytes in, answer out.

The signature holds no time, so a message can be replayed: callers drop a `notification_id` they have seen.
Source: TikTok Shop Partner Center, "Webhooks overview".
"""

import hashlib
import hmac

from shops.marketplaces import values
from shops.marketplaces.errors import WebhookBodyUnreadable
from shops.marketplaces.pushes import WebhookEvent, check_authorization, read_object


def verify(raw_body: bytes, authorization: str, app_key: str, app_secret: str) -> None:
    """Check the Authorization header (lower-case hex, no scheme word) over the body as it arrived.

    Raises WebhookHeaderUnreadable or WebhookSignatureMismatch; compares in constant time.
    """
    expected = hmac.new(app_secret.encode(), app_key.encode() + raw_body, hashlib.sha256).hexdigest()
    check_authorization(authorization, expected, "body and app secret")


def parse(raw_body: bytes) -> WebhookEvent:
    """Read the envelope of a verified message; raises WebhookBodyUnreadable.

    A missing notification id is allowed: older messages have none.
    """
    envelope = read_object(raw_body)
    kind = values.number(envelope.get("type"))
    shop_external_id = values.identifier(envelope.get("shop_id"))
    if kind is None or shop_external_id is None:
        raise WebhookBodyUnreadable("The body is not an object with a type and a shop_id.")
    return WebhookEvent(
        kind=str(kind),
        notification_id=values.identifier(envelope.get("tts_notification_id")) or "",
        shop_external_id=shop_external_id,
        sent_at=values.seconds(envelope.get("timestamp")),
        data=values.fields(envelope.get("data")),
    )
