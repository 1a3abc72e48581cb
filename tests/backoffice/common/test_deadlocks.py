"""A write that the database ended for a deadlock is made again, and no other."""

import pytest
from django.db import IntegrityError, OperationalError
from psycopg.errors import DeadlockDetected

from backoffice.common.deadlocks import WRITINGS, repeat_on_deadlock


def failing(count, error):
    """Return a write that fails so often, and the list of its calls."""
    calls: list[int] = []

    def write():
        calls.append(len(calls))
        if len(calls) <= count:
            raise error
        return "written"

    return write, calls


def deadlock():
    error = OperationalError("deadlock detected")
    error.__cause__ = DeadlockDetected()
    return error


def test_a_deadlock_is_tried_again():
    write, calls = failing(WRITINGS - 1, deadlock())
    assert (repeat_on_deadlock(write), len(calls)) == ("written", WRITINGS)


def test_deadlock_after_deadlock_is_an_error():
    write, calls = failing(WRITINGS, deadlock())
    with pytest.raises(OperationalError):
        repeat_on_deadlock(write)
    assert len(calls) == WRITINGS


@pytest.mark.parametrize("error", [OperationalError("gone"), IntegrityError("twice"), ValueError("x")], ids=repr)
def test_no_other_error_is_tried_again(error):
    write, calls = failing(1, error)
    with pytest.raises(type(error)):
        repeat_on_deadlock(write)
    assert len(calls) == 1
