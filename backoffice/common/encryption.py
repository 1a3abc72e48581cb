"""Secrets at rest: an encrypted text column with key rotation.

The first key in CREDENTIAL_KEYS encrypts; every key in the list can still read. Fernet: AES-128-CBC with HMAC-SHA256.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from backoffice.common.errors import BackofficeError


class UnreadableSecret(BackofficeError):
    """A stored secret fits none of the keys that this process was given."""


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Encrypt with the newest key; an empty text stays empty, so that "none" can be seen without a key."""
    return _ring(tuple(settings.CREDENTIAL_KEYS)).encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    """Read what `encrypt` wrote; raises UnreadableSecret if no key fits."""
    if not stored:
        return ""
    try:
        return _ring(tuple(settings.CREDENTIAL_KEYS)).decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret(
            "A stored credential cannot be decrypted with the keys in CREDENTIAL_KEYS. Put the key it was written with "
            "back at the end of the list, or connect the shop again."
        ) from error


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text that is clear in Python and encrypted in the database. Cannot be searched."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """Decrypt on the way in."""
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way out."""
        return None if value is None else encrypt(str(value))
