"""Signs requests to Lazada. Pure: the parts of a request and the secret in, the signature out.

Source: Lazada Open Platform, developer's guide, "Signature algorithm"; the test vectors hold its published example.
"""

import hashlib
import hmac
from collections.abc import Mapping


def sign(path: str, parameters: Mapping[str, str], secret: str) -> str:
    """Compute the `sign` parameter: upper-case hex HMAC-SHA256 with the app secret as the key.

    `path` is what follows "/rest", with its leading slash; `parameters` holds plain values of query and form together.
    Implementations differ on empty values: they are left out here, and the client sends none.
    """
    names = sorted(name for name, value in parameters.items() if value and name != "sign")
    message = path + "".join(name + parameters[name] for name in names)
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest().upper()
