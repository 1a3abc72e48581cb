"""The queues of background work: which there are, what each is for, and how many messages wait in them."""

from collections.abc import Mapping
from typing import Any

from celery import current_app
from kombu.exceptions import ChannelError, OperationalError

# A worker that serves several looks into them in turn: none waits for another one to be empty.
QUEUES: Mapping[str, str] = {
    "high": "what a person waits for, and high priority",
    "sweeps": "seconds-long tasks of the schedule: wake-ups, leases, clean-up",
    "webhooks": "pushes from the marketplaces",
    "default": "the scheduled sync",
    "enrichment": "package numbers",
    "export": "files and bulk actions",
    "backfill": "years of history",
}

# What is sent here reaches a worker of every host, also workers that were started for other queues: files are a host's.
EVERY_HOST = "every_host"


def count_messages() -> dict[str, int]:
    """Count the messages that wait in each queue; raises kombu's OperationalError without a broker."""
    connection: Any = current_app.connection_for_read()  # the types lack much of what a connection has
    with connection:
        try:
            with connection.channel() as channel:
                return {name: _count(channel, name) for name in QUEUES}
        except connection.connection_errors as error:
            raise OperationalError(str(error)) from error


def _count(channel: Any, name: str) -> int:
    try:
        return int(channel.queue_declare(name, passive=True).message_count)
    except ChannelError:  # nobody has used the queue yet
        return 0
