"""Two writers of the same rows can wait for each other; PostgreSQL then ends one of them, whose write is made again."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError
from psycopg.errors import DeadlockDetected

WRITINGS = 3  # of two writers in a deadlock one goes on, so that the next writing mostly succeeds

AnswerT = TypeVar("AnswerT")


def repeat_on_deadlock(write: Callable[[], AnswerT]) -> AnswerT:
    """Call `write`, which opens a transaction of its own, again where the database ended it for a deadlock."""
    for writing in range(1, WRITINGS + 1):
        try:
            return write()
        except OperationalError as error:
            if writing == WRITINGS or not isinstance(error.__cause__, DeadlockDetected):
                raise
    raise AssertionError("the last writing returns or raises")
