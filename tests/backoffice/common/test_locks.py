"""An advisory lock is held by one at a time, until its transaction ends."""

import threading

import pytest
from django.db import OperationalError, connection

from backoffice.common.locks import advisory_lock, try_advisory_lock, wait_advisory_lock

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


def test_one_that_is_only_tried_tells_who_has_it_and_is_given_back_at_the_end():
    with try_advisory_lock("batch", 7) as has_it:
        assert has_it
        assert not is_free_for_others("batch", 7)
    assert is_free_for_others("batch", 7)


def test_who_tries_one_that_another_holds_is_told_no_and_does_not_wait():
    found = []

    def attempt() -> None:
        try:
            with try_advisory_lock("batch", 7) as has_it:
                found.append(has_it)
        finally:
            connection.close()

    with advisory_lock("batch", 7):
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert found == [False]


def test_one_without_a_transaction_makes_others_wait_and_is_given_back_also_when_the_work_fails():
    with pytest.raises(RuntimeError), wait_advisory_lock("token", 7):
        assert not connection.in_atomic_block
        assert not is_free_for_others("token", 7)
        raise RuntimeError
    assert is_free_for_others("token", 7)


def test_one_of_a_process_that_was_killed_is_free_at_once():
    """The server sees the connection end; whoever held the lock gives nothing back."""
    with try_advisory_lock("batch", 7):
        connection.close()
        assert any(is_free_for_others("batch", 7) for _ in range(100))  # it may take the server a moment
