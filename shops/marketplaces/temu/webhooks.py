"""Checks and reads Temu's push messages. Pure: bytes in, answer out.

The body holds `eventData`, encrypted with AES-128-CBC; key and initial vector are both the first 16 bytes of the app
secret. What is signed is the decrypted text. No message has an id, and each is sent up to nine times: callers drop what
they have seen by event, shop and record.
Source: Temu Partner Platform, "Webhook integration guide".
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shops.marketplaces import values
from shops.marketplaces.errors import WebhookBodyUnreadable, WebhookHeaderUnreadable, WebhookSignatureMismatch
from shops.marketplaces.pushes import WebhookEvent, read_object

TEST_EVENT = "bg_open_event_test"  # sent by a button on the app's page; names no shop

_SIGNATURE = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_SIGNATURE_HEADER = "x-tm-signature"
_SIGNED_HEADERS = ("x-tm-app-key", "x-tm-event-code", "x-tm-timestamp")
_EXTRA_HEADER = "x-tm-ext-param"
_BLOCK_BYTES = 16


def verify(raw_body: bytes, headers: Mapping[str, str], app_secret: str) -> None:
    """Check the signature: hex HMAC-SHA256 with the app secret over headers and decrypted text, sorted by name.

    Raises WebhookHeaderUnreadable, WebhookBodyUnreadable or WebhookSignatureMismatch; compares in constant time. Of the
    vendor's two examples one signs `x-tm-ext-param` and the other leaves it out, so both are taken.
    """
    told = _lowered(headers)
    given = told.get(_SIGNATURE_HEADER, "").strip()
    if not _SIGNATURE.fullmatch(given):
        raise WebhookHeaderUnreadable(f"{_SIGNATURE_HEADER} is missing or is not a signature of 64 hex digits.")
    text = _decrypted(raw_body, app_secret)
    signed = {name: told.get(name, "").encode() for name in _SIGNED_HEADERS} | {"eventData": text}
    forms = [signed]
    if _EXTRA_HEADER in told:
        forms.append({**signed, _EXTRA_HEADER: told[_EXTRA_HEADER].encode()})
    matches = [hmac.compare_digest(_signature(form, app_secret), given.lower()) for form in forms]
    if not any(matches):
        raise WebhookSignatureMismatch("The signature does not belong to this body and app secret.")


def parse(raw_body: bytes, headers: Mapping[str, str], app_secret: str) -> WebhookEvent:
    """Read a verified message; raises WebhookBodyUnreadable."""
    told = _lowered(headers)
    data = read_object(_decrypted(raw_body, app_secret))
    kind = values.identifier(told.get("x-tm-event-code"))
    shop_external_id = values.identifier(data.get("mallId"))
    if kind is None or (shop_external_id is None and kind != TEST_EVENT):
        raise WebhookBodyUnreadable("The message has no event code, or its content is not an object with a mallId.")
    return WebhookEvent(
        kind=kind,
        notification_id="",
        shop_external_id=shop_external_id or "",
        sent_at=values.milliseconds(told.get("x-tm-timestamp")),
        data=data,
    )


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _signature(signed: Mapping[str, bytes], app_secret: str) -> str:
    text = b"".join(name.encode() + signed[name] for name in sorted(signed))
    return hmac.new(app_secret.encode(), text, hashlib.sha256).hexdigest()


def _decrypted(raw_body: bytes, app_secret: str) -> bytes:
    """Take the content out of the body; what another secret would decrypt to is no content."""
    try:
        encrypted = base64.b64decode(str(read_object(raw_body).get("eventData") or ""), validate=True)
    except ValueError:
        encrypted = b""
    if not encrypted or len(encrypted) % _BLOCK_BYTES:
        raise WebhookBodyUnreadable("The body is not an object with encrypted eventData.")
    key = app_secret.encode()[:_BLOCK_BYTES]
    if len(key) < _BLOCK_BYTES:
        raise WebhookSignatureMismatch("The app secret is too short to decrypt anything.")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key)).decryptor()
    unpadder = padding.PKCS7(_BLOCK_BYTES * 8).unpadder()
    try:
        padded = decryptor.update(encrypted) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise WebhookSignatureMismatch("The body cannot be decrypted with this app secret.") from None
