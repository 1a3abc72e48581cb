"""A broker in memory for tests that look at the messages themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

from kombu import Connection

from backoffice.celery import app


@contextmanager
def empty_memory() -> Iterator[Connection]:
    """Connect to the one memory of this process, without what other tests left in its queues."""
    with Connection("memory://") as connection:
        for queue in app.amqp.queues.values():
            bound = queue(connection.default_channel)
            bound.declare()
            bound.purge()
        yield connection
