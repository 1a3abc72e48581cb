"""Computes the signature that a Lazada request or push must carry (Lazada Open Platform, "Signature algorithm")."""

import hmac
from collections.abc import Mapping

_NOT_SIGNED = "sign"


def accepted_signs(secret: str, path: str, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return the signatures that pass for a request: all parameters but `sign`, sorted by byte value [A].

    `path` is the part after /rest. Whatever arrived is signed, known or not, from query and form together. Clients
    differ on empty values [C]: some sign the bare name, some leave it out, so that both pass where there is one.
    """
    # Sorting text by code points sorts its UTF-8 bytes as well.
    pairs = sorted((name, value) for name, value in parameters.items() if name != _NOT_SIGNED)
    whole = _sign(secret, path + "".join([name + value for name, value in pairs]))
    if all(value for _, value in pairs):
        return (whole,)
    return whole, _sign(secret, path + "".join([name + value for name, value in pairs if value]))


def push_authorization(app_key: str, secret: str, body: bytes) -> str:
    """Return the Authorization header of a push: over app key and raw body, in small letters [A]."""
    return hmac.digest(secret.encode(), app_key.encode() + body, "sha256").hex()


def _sign(secret: str, text: str) -> str:
    return hmac.digest(secret.encode(), text.encode("utf-8", "surrogatepass"), "sha256").hex().upper()
