"""An advisory lock is held by one at a time, until its transaction ends."""

import threading

import pytest
from django.db import OperationalError, connection

from backoffice.common.locks import advisory_lock

pytestmark = pytest.mark.django_db(transaction=True)


def is_free_for_others(*words: object) -> bool:
    """Try the lock on a connection of its own, waiting a moment only."""
    found = []

    def attempt() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 50")
            with advisory_lock(*words):  # type: ignore[arg-type]
                found.append(True)
        except OperationalError:
            found.append(False)
        finally:
            connection.close()

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return found[0]


def test_others_with_the_same_words_wait():
    with advisory_lock("token", 7):
        assert not is_free_for_others("token", 7)
    assert is_free_for_others("token", 7)


def test_other_words_are_other_locks():
    with advisory_lock("token", 7):
        assert is_free_for_others("token", 8)
        assert is_free_for_others("orders", 7)


def test_it_is_given_back_when_the_work_fails():
    with pytest.raises(RuntimeError), advisory_lock("token", 7):
        raise RuntimeError
    assert is_free_for_others("token", 7)


def test_it_may_be_taken_again_inside():
    with advisory_lock("token", 7), advisory_lock("token", 7):
        assert not is_free_for_others("token", 7)
