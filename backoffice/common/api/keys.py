"""The key of a call: the caller's own name for it, with which it is carried out once and no more."""

import re

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

KEY_HEADER = "Idempotency-Key"
KEY_LENGTH = 64
KEY_PATTERN = rf"[!-~]{{1,{KEY_LENGTH}}}"  # ASCII that can be seen


def read_key(request: Request) -> str:
    """Read the key of a call: empty where it bears none; one that cannot be a key is refused."""
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return ""
    if not re.fullmatch(KEY_PATTERN, key):
        raise ValidationError({KEY_HEADER: [f"1 to {KEY_LENGTH} letters, digits or signs, without blanks."]})
    return key


def describe_key(what_follows: str) -> OpenApiParameter:
    """Describe the header for the API's document: what the same key brings the second time."""
    return OpenApiParameter(
        KEY_HEADER,
        {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
        OpenApiParameter.HEADER,
        description=f"Your own name for this call. {what_follows}",
    )
