"""Advisory locks: one at a time across all processes, without a row to lock."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connection, transaction


@contextmanager
def advisory_lock(subject: str, *parts: object) -> Iterator[None]:
    """Hold a transaction and, until it ends, the lock on these words; others with the same words wait."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(subject, *parts)])
        yield


def lock_until_commit(subject: str, keys: Iterable[object]) -> None:
    """Take the locks on a word with each of these keys for the transaction, always in one order."""
    numbers = sorted({_number(subject, key) for key in keys})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock(number)) FROM (SELECT unnest(%s::bigint[]) AS number OFFSET 0) AS held",
            [numbers],
        )


@contextmanager
def wait_advisory_lock(subject: str, *parts: object) -> Iterator[None]:
    """Wait for the lock on these words and hold it without a transaction: what is stored meanwhile is stored at once.

    It belongs to the database connection, so that it is free again as soon as a process that held it is dead.
    """
    number = _number(subject, *parts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


@contextmanager
def try_advisory_lock(subject: str, *parts: object) -> Iterator[bool]:
    """Hold the lock on these words without a transaction, for work that takes long; False where somebody has it.

    It belongs to the database connection, so that it is free again as soon as a process that held it is dead.
    """
    number = _number(subject, *parts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        has_it = bool(cursor.fetchone()[0])
    try:
        yield has_it
    finally:
        if has_it and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def _number(subject: str, *parts: object) -> int:
    words = ":".join([subject, *map(str, parts)])
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "big", signed=True)
