"""Checks and reads Lazada's push messages. Pure: bytes in, answer out.

Messages come at least once and have no id of their own, and their signature holds no time: whoever takes them drops
what he has seen by kind, shop and data. Order messages are one for each line of an order.
Source: Lazada Open Platform, guide "Push mechanism".
"""

import hashlib
import hmac
import re

from shops.marketplaces import values
from shops.marketplaces.errors import WebhookBodyUnreadable
from shops.marketplaces.lazada.mapping.times import moment_by_size
from shops.marketplaces.pushes import WebhookEvent, check_authorization, read_object

_NOBODY = frozenset({"", "null"})


def verify(raw_body: bytes, authorization: str, app_key: str, app_secret: str) -> None:
    """Check the Authorization header (hex in either case, no scheme word) over the body as it arrived.

    Raises WebhookHeaderUnreadable or WebhookSignatureMismatch; compares in constant time.
    """
    expected = hmac.new(app_secret.encode(), app_key.encode() + raw_body, hashlib.sha256).hexdigest()
    check_authorization(authorization.lower(), expected, "body and app secret")


def parse(raw_body: bytes) -> WebhookEvent:
    """Read the envelope of a verified message; raises WebhookBodyUnreadable.

    The time is in seconds in most messages and in milliseconds in some: its size decides. The message about a token's
    end says "null" for the seller and names it in the data; broadcasts name nobody.
    """
    envelope = read_object(raw_body)
    kind = values.number(envelope.get("message_type"))
    if kind is None:
        raise WebhookBodyUnreadable("The body is not an object with a message_type.")
    contents = values.fields(envelope.get("data"))
    named = (values.identifier(envelope.get("seller_id")) or "", values.identifier(contents.get("seller_id")) or "")
    site = values.identifier(envelope.get("site")) or ""
    return WebhookEvent(
        kind=str(kind),
        notification_id="",
        shop_external_id=next((seller for seller in named if seller.lower() not in _NOBODY), ""),
        sent_at=moment_by_size(envelope.get("timestamp")),
        data=contents,
        region=re.split(r"[-_]", site)[-1].upper() if site else "",
    )
