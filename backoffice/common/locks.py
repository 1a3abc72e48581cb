"""Advisory locks: one at a time across all processes, without a row to lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connection, transaction


@contextmanager
def advisory_lock(subject: str, *parts: object) -> Iterator[None]:
    """Hold a transaction and, until it ends, the lock on these words; others with the same words wait."""
    words = ":".join([subject, *map(str, parts)])
    number = int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "big", signed=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        yield
