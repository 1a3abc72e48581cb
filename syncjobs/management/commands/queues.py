"""Shows what waits: messages in the queues, due work by lane, and which workers are alive."""

from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.core.management.base import CommandError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from backoffice.common import clock
from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.queues import QUEUES, count_messages
from syncjobs.queries import LaneLine, read_lanes
from syncjobs.tasks import LANES_OF_QUEUE

ANSWER_SECONDS = 1.5  # how long workers have to answer; those that work in one process only answer between two tasks

QUEUE_OF_LANE = {lane: queue for queue, lanes in LANES_OF_QUEUE.items() for lane in lanes}


class Command(PlainCommand):
    help = "Show the queues with their lengths, the work that is due, and the workers that are alive."

    def run(self, options: dict[str, Any]) -> None:
        self.console = make_console(self.stdout)
        self._show_lanes()
        try:
            lengths, workers = count_messages(), _ask_workers()
        except (BrokerError, RedisError) as error:
            raise CommandError(
                f"The broker (Redis) does not answer, so queues and workers cannot be seen: {error}. Nothing is lost: "
                "the work above stands in the database, and goes on within a minute when the broker is back."
            ) from error
        self._show_queues(lengths, workers)
        self._show_workers(workers)

    def _show_lanes(self) -> None:
        table = make_table(
            "Lane",
            "Queue",
            "Due now",
            "Oldest due",
            "Due later",
            "In work",
            "Shop at rest",
            title="Chunks of open runs",
        )
        for line in read_lanes():
            counts = (line.later_count, line.running_count, line.held_count)
            queue = QUEUE_OF_LANE[line.lane]
            table.add_row(line.lane.label, queue, f"{line.due_count:,}", _since(line), *(f"{n:,}" for n in counts))
        self.console.print(table)

    def _show_queues(self, lengths: Mapping[str, int], workers: Mapping[str, list[str]]) -> None:
        table = make_table(
            "Queue", "Messages", "Workers", "For", title="Queues: a message only says that there may be work"
        )
        for queue, purpose in QUEUES.items():
            serving = sum(queue in queues for queues in workers.values())
            table.add_row(queue, f"{lengths[queue]:,}", str(serving) if serving else "none", purpose)
        self.console.print(table)

    def _show_workers(self, workers: Mapping[str, list[str]]) -> None:
        if not workers:
            self.stdout.write(
                f"No worker answered within {ANSWER_SECONDS} s. Start one: celery -A backoffice worker (see Procfile)."
            )
            return
        for name, queues in sorted(workers.items()):
            served = ", ".join(queue for queue in QUEUES if queue in queues)
            self.stdout.write(f"Worker {name} serves {served or 'no queue of ours'}.")


def _since(line: LaneLine) -> str:
    if line.oldest_due_at is None:
        return "–"
    seconds = (clock.now() - line.oldest_due_at).total_seconds()
    return f"{seconds:,.0f} s ago" if seconds < 600 else f"{seconds / 60:,.0f} min ago"


def _ask_workers() -> dict[str, list[str]]:
    """Return the queues of each worker that answers."""
    answers = current_app.control.inspect(timeout=ANSWER_SECONDS).active_queues() or {}
    return {name: [queue["name"] for queue in queues] for name, queues in answers.items()}
