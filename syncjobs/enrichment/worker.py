"""Works off the tasks: batch after batch until nothing is due, it is asked to stop, or it has done its share."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction

from backoffice.common import clock
from backoffice.common.ingest import Origin
from backoffice.common.leases import LeaseLost, new_owner
from backoffice.common.outages import drop_broken_connection, is_outage, write_when_back
from backoffice.common.plurals import say_count
from backoffice.common.sources import PayloadSource
from backoffice.common.stopping import is_stopping
from shops.connections import Postponed, ShopConnection
from shops.marketplaces.errors import Action, MarketplaceError
from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Resource
from shops.tokens import mark_needs_reauthorisation, open_connection
from syncjobs.engine.outcomes import DATABASE_AWAY_SECONDS, Stopping
from syncjobs.enrichment import queue
from syncjobs.enrichment.asking import Answers, ask_for_packages, count_pieces
from syncjobs.enrichment.verdicts import Asked, Found, Verdict, judge_answer, judge_error, postpone
from syncjobs.intake import store_batch
from syncjobs.models import EnrichmentPriority, EnrichmentStatus, EnrichmentTask
from syncjobs.queries import list_found_packages

log = structlog.get_logger(__name__)

LANES = {
    EnrichmentPriority.PERSON: Lane.INTERACTIVE,
    EnrichmentPriority.DUE: Lane.HIGH,
    EnrichmentPriority.USUAL: Lane.BACKFILL,
}
REST_SECONDS = 60  # of a shop after an error that is not one order's: its other tasks would meet it too


@dataclass
class Progress:
    """What a worker has done so far: tasks by what became of them."""

    completed: int = 0
    waiting: int = 0
    failed: int = 0

    @property
    def count(self) -> int:
        """All tasks that were worked on."""
        return self.completed + self.waiting + self.failed

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Count verdicts."""
        for verdict in verdicts:
            self.completed += verdict.status == EnrichmentStatus.COMPLETED
            self.waiting += verdict.status == EnrichmentStatus.PENDING
            self.failed += verdict.status in (EnrichmentStatus.FAILED, EnrichmentStatus.CANCELLED)


class EnrichmentWorker:
    """One worker: an owner of leases, and its memory of which shops had better be left alone for a moment."""

    def __init__(self, on_batch: Callable[[Progress], None] = lambda progress: None) -> None:
        self.owner = new_owner()
        self.progress = Progress()
        self._on_batch = on_batch
        self._hinted: list[int] = []
        self._rest_until: dict[int, float] = {}
        self._kept_at = 0.0

    def work(self, *, seconds: float | None = None, most_tasks: int | None = None, waits: bool = False) -> Progress:
        """Work for about so many seconds or tasks; where nothing is due, wait for more, or end."""
        until = None if seconds is None else clock.monotonic_seconds() + seconds
        while not is_stopping():
            if until is not None and clock.monotonic_seconds() >= until:
                break
            if most_tasks is not None and self.progress.count >= most_tasks:
                break
            try:
                if not self._work_on_a_batch() and not self._wait(waits):
                    break
            except (DatabaseError, InterfaceError) as error:
                if not waits or not is_outage(error):
                    raise
                log.warning("database_away", error=str(error).partition("\n")[0])
                drop_broken_connection()
                clock.sleep(settings.ENRICHMENT_POLL_SECONDS)
        return self.progress

    def _wait(self, waits: bool) -> bool:
        """Wait until something may be due; false where that is not wanted."""
        if not waits:
            return False
        rest = min(self._rest_until.values(), default=math.inf) - clock.monotonic_seconds()
        if rest < 1:  # to the point: what a quota gives in these moments is lost otherwise
            clock.sleep(max(0.0, rest))
        else:
            seconds = min(settings.ENRICHMENT_POLL_SECONDS, queue.LONGEST_WAIT_SECONDS, int(min(rest, 3_600)))
            self._hinted += queue.wait_for_hint(self.owner, seconds)
        return True

    def _work_on_a_batch(self) -> bool:
        """Work on one shop's due tasks; false if there are none."""
        if not self._hinted:
            self._hinted = queue.take_hinted(self.owner)
        tasks = queue.claim_batch(self.owner, self._hinted, self._list_resting())
        if not tasks:
            self._hinted = []
            return False
        done = {task.pk for task in tasks}
        self._hinted = [task_id for task_id in self._hinted if task_id not in done]
        try:
            self._settle(tasks)
        except LeaseLost as error:  # whoever holds the tasks now decides about them
            log.warning("enrichment_lost", reason=str(error))
        self._on_batch(self.progress)
        return True

    def _list_resting(self) -> list[int]:
        now = clock.monotonic_seconds()
        self._rest_until = {shop_id: until for shop_id, until in self._rest_until.items() if until > now}
        return list(self._rest_until)

    def _settle(self, tasks: Sequence[EnrichmentTask]) -> None:
        """Ask for what is not known yet, and write what became of each task together with what was found."""
        facts = {task.pk: _as_asked(task) for task in tasks}
        verdicts = {pk: one for pk, one in _judge_known(tasks, facts).items() if one.status != EnrichmentStatus.PENDING}
        to_ask = [task for task in tasks if task.pk not in verdicts]
        answers, connection = self._ask(to_ask)
        verdicts |= {task.pk: self._judge(task, facts[task.pk], answers) for task in to_ask}
        verdicts = self._store_or_blame(tasks, facts, answers, verdicts)
        if answers.error is not None:  # after the rows were written, so that they are due when the rest is over
            self._heed(answers.error, tasks[0].shop_id, connection)
        queue.let_go(tasks, {pk: str(verdict.status) for pk, verdict in verdicts.items()}, self.owner)
        self.progress.add(list(verdicts.values()))

    def _store_or_blame(
        self, tasks: Sequence[EnrichmentTask], facts: dict[int, Asked], answers: Answers, verdicts: dict[int, Verdict]
    ) -> dict[int, Verdict]:
        """Write everything; where it cannot be written for a reason that nobody foresaw, the rows say that instead."""
        try:
            self._write(lambda: self._store(tasks, answers, verdicts))
            return verdicts
        except (LeaseLost, DatabaseError, InterfaceError):
            raise
        except Exception as error:
            log.error("enrichment_not_stored", shop=tasks[0].shop_id, exc_info=error)
            retry_after = settings.SYNC_RETRY_AFTER_SECONDS
            blamed = {pk: _judge_unasked(asked, error, retry_after, 0.0) for pk, asked in facts.items()}
            self._write(lambda: self._store(tasks, Answers(), blamed))
            return blamed

    def _ask(self, tasks: Sequence[EnrichmentTask]) -> tuple[Answers, ShopConnection | None]:
        if not tasks:
            return Answers(), None
        shop, connection = tasks[0].shop, None
        try:
            connection = open_connection(shop, LANES[EnrichmentPriority(min(task.priority for task in tasks))])
        except Exception as error:  # noqa: BLE001  an unreadable secret, a token that cannot be renewed: the rows say so
            answers = Answers(unasked={task.parent_order_sn for task in tasks}, error=error)
        else:
            connection.announce(f"{PayloadSource.ENRICHMENT}; {say_count(len(tasks), 'order')}")
            connection.on_attempt = lambda: self._before_each_call(tasks)
            answers = ask_for_packages(connection, tasks)
        if isinstance(answers.error, LeaseLost):
            raise answers.error
        return answers, connection

    def _before_each_call(self, tasks: Sequence[EnrichmentTask]) -> None:
        """Keep the leases of a batch, now and then; leave the rest of it to others where an end was asked for."""
        if is_stopping():
            raise Stopping
        now = clock.monotonic_seconds()
        if now - self._kept_at > settings.ENRICHMENT_LEASE_SECONDS / 10:
            queue.keep(tasks, self.owner)
            self._kept_at = now

    def _heed(self, error: Exception, shop_id: int, connection: ShopConnection | None) -> None:
        """Leave a shop alone for a while after an error that its other orders would meet too."""
        seconds = error.seconds if isinstance(error, Postponed) else REST_SECONDS
        self._rest_until[shop_id] = clock.monotonic_seconds() + seconds
        if isinstance(error, MarketplaceError) and error.action == Action.REAUTHORISE:
            mark_needs_reauthorisation(shop_id, error, connection.connector.token if connection else None)
        if not isinstance(error, Postponed | Stopping | MarketplaceError):
            log.error("enrichment_failed", shop=shop_id, exc_info=error)

    def _judge(self, task: EnrichmentTask, asked: Asked, answers: Answers) -> Verdict:
        number, jitter = task.parent_order_sn, random.random()  # noqa: S311  no secret
        retry_after = settings.SYNC_RETRY_AFTER_SECONDS
        if number in answers.unasked and answers.error is not None:
            return _judge_unasked(asked, answers.error, retry_after, jitter)
        if number in answers.refused:
            text = answers.refused[number]
            return judge_error(asked, text, is_final=False, retry_after_seconds=retry_after, jitter=jitter)
        look_again = settings.ENRICHMENT_LOOK_AGAIN_SECONDS
        return judge_answer(asked, answers.found.get(number, []), look_again_seconds=look_again, jitter=jitter)

    def _write(self, write: Callable[[], None]) -> None:
        if not write_when_back(write):
            raise LeaseLost("the database did not come back; the sweep hands the tasks on")

    def _store(self, tasks: Sequence[EnrichmentTask], answers: Answers, verdicts: dict[int, Verdict]) -> None:
        """Write packages and verdicts in one transaction: either both are there, or the orders are asked for again."""
        with transaction.atomic():
            held = queue.hold(tasks, self.owner)
            if not held:
                raise LeaseLost("the tasks of a batch were handed on while it was asked for")
            if answers.records or answers.unreadable:
                origin = Origin(PayloadSource.ENRICHMENT, clock.now())
                store_batch(Resource.SHIPMENTS, tasks[0].shop_id, answers.records, answers.unreadable, origin)
            queue.settle(held, verdicts)


def _as_asked(task: EnrichmentTask) -> Asked:
    pieces = {line.external_id: line.quantity for line in task.order.lines.all()}
    return Asked(task.order.status, pieces, task.retry_count, task.max_retries, task.looks)


def _judge_known(tasks: Sequence[EnrichmentTask], facts: dict[int, Asked]) -> dict[int, Verdict]:
    """Judge by what the sync has brought meanwhile: what is complete needs no call."""
    known = {pk: packages for pk, packages in list_found_packages(tasks).items() if packages}
    found = {pk: [Found(one.package_sn, count_pieces(one.lines)) for one in packages] for pk, packages in known.items()}
    return {pk: judge_answer(facts[pk], one, look_again_seconds=0) for pk, one in found.items()}


def _judge_unasked(asked: Asked, error: Exception, retry_after_seconds: float, jitter: float) -> Verdict:
    """Judge what could not be asked for: waits, stops and dead authorisations are no order's error."""
    if isinstance(error, Stopping):
        return postpone(asked, "", 0)
    if isinstance(error, Postponed):
        return postpone(asked, error.reason, error.seconds)
    if is_outage(error):
        return postpone(asked, "The database was away.", DATABASE_AWAY_SECONDS)
    if isinstance(error, MarketplaceError) and error.action == Action.REAUTHORISE:
        return postpone(asked, f"{error} {error.advice}".strip(), REST_SECONDS)
    advice = error.advice if isinstance(error, MarketplaceError) else ""
    text = f"{error} {advice}".strip() or type(error).__name__
    return judge_error(asked, text, is_final=False, retry_after_seconds=retry_after_seconds, jitter=jitter)
