"""Signs calls to Shopee and its push messages. Pure: parts and key in, signature out.

Source: Shopee Open Platform, guides "API calls" and "Push mechanism". Neither the business parameters of a call nor
its body nor the host are signed.
"""

import hashlib
import hmac


def sign(
    partner_id: str, path: str, timestamp: str, partner_key: str, access_token: str = "", shop_id: str = ""
) -> str:
    """Compute the `sign` parameter: lower-case hex HMAC-SHA256 with the partner key, as text, as the key.

    `path` is the whole path, `/api/v2/...`, without host and query. Public calls (tokens, the authorisation page) have
    neither access token nor shop.
    """
    return _digest(partner_key, f"{partner_id}{path}{timestamp}{access_token}{shop_id}".encode())


def sign_push(callback_url: str, raw_body: bytes, push_key: str) -> str:
    """Compute the Authorization header of a push message; the address is the one saved in Shopee's console."""
    return _digest(push_key, callback_url.encode() + b"|" + raw_body)


def _digest(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
