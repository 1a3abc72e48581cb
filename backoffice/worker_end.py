"""Ends a worker that was asked to end, has nothing left to do, and yet waits.

A forked child that is killed in the moment in which it is given a job takes that job with it; Celery's parent then
waits at its end for an answer that never comes, until the supervisor's patience is over. The row is the job: nothing is
lost.
"""

import os
import signal
import threading
from collections.abc import Callable, Sized

import structlog
from billiard import active_children
from celery.worker import state

from backoffice.common import clock

IDLE_SECONDS = 10  # an idle child takes up what it is given within moments
LOOK_SECONDS = 1

log = structlog.get_logger(__name__)


def watch_the_end() -> None:
    """Begin to watch, in a thread, as the main one may be what waits."""
    threading.Thread(target=wait_and_end, args=(state.active_requests, _end), daemon=True).start()


def wait_and_end(running: Sized, end: Callable[[], None]) -> None:
    """Call `end` once nothing has run for a while."""
    idle_seconds = 0
    while idle_seconds < IDLE_SECONDS:
        clock.sleep(LOOK_SECONDS)
        idle_seconds = 0 if len(running) else idle_seconds + LOOK_SECONDS
    log.warning("worker_ended_by_itself", reason="Nothing was running, and the pool waited for a job that is gone.")
    end()


def _end() -> None:
    for child in active_children():
        if child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)
    os._exit(0)
