"""The first signal asks for a clean end, the second one ends at once, and children see it too."""

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

from backoffice.common.stopping import is_stopping, request_stop, stop_on_signals
from backoffice.env import BASE_DIR


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_nothing_stops_by_itself():
    with stop_on_signals():
        assert not is_stopping()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_for_a_clean_end(number):
    with stop_on_signals():
        send(number)
        assert is_stopping()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_at_once(number):
    with stop_on_signals():
        send(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            send(number)


def test_afterwards_everything_is_as_before():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stop_on_signals():
        send(signal.SIGTERM)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert not is_stopping()


def test_a_forked_worker_sees_that_its_parent_was_asked():
    with stop_on_signals():
        request_stop()
        child = multiprocessing.get_context("fork").Process(target=lambda: os._exit(7 if is_stopping() else 1))
        child.start()
        child.join()
    assert child.exitcode == 7


KILL_WHILE_LOOKING = """
import multiprocessing, os, time
from backoffice.common.stopping import is_stopping

def look_all_the_time():
    while True:
        is_stopping()

fork = multiprocessing.get_context("fork")
for _ in range(20):
    looking = fork.Process(target=look_all_the_time)
    looking.start()
    time.sleep(0.01)
    looking.kill()
    looking.join()
other = fork.Process(target=lambda: os._exit(1 if is_stopping() else 7))
other.start()
other.join()
raise SystemExit(other.exitcode)
"""


def test_a_worker_that_is_killed_while_it_looks_stops_no_other():
    """In a process of its own: this one has threads, whose locks a fork would take along."""
    assert subprocess.run([sys.executable, "-c", KILL_WHILE_LOOKING], cwd=BASE_DIR, timeout=60).returncode == 7
