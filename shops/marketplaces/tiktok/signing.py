"""Signs requests to TikTok Shop. Pure: the parts of a request and the secret in, the signature out.

Source: TikTok Shop Partner Center, guide "Sign your API request"; the test vectors hold its published example.
"""

import hashlib
import hmac
from collections.abc import Mapping

_UNSIGNED_PARAMETERS = frozenset({"sign", "access_token"})
_UNSIGNED_MEDIA_TYPE = "multipart/form-data"


def sign(path: str, query: Mapping[str, str], body: bytes, content_type: str, secret: str) -> str:
    """Compute the `sign` parameter: lower-case hex HMAC-SHA256 with the app secret as the key.

    `path` has no host; `query` holds decoded values; `body` is exactly what goes over the wire (an empty JSON object
    is two bytes and counts). Headers are not signed, and neither is a multipart body.
    """
    parameters = "".join(key + query[key] for key in sorted(query) if key not in _UNSIGNED_PARAMETERS)
    media_type = content_type.split(";", 1)[0].strip().lower()
    signed_body = b"" if media_type == _UNSIGNED_MEDIA_TYPE else body
    key = secret.encode()
    return hmac.new(key, key + (path + parameters).encode() + signed_body + key, hashlib.sha256).hexdigest()
