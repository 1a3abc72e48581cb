"""Background work on cases. What is to be done stands in the cases' deadlines, so a lost message costs one turn."""

from collections.abc import Callable
from typing import Any

import structlog
from celery import shared_task
from django.db import DatabaseError

from aftersales import remote
from aftersales.services.following import follow_returns_without_case, follow_words_known_by_now
from aftersales.services.linking import link_waiting_cases
from aftersales.timeouts import AlreadySwept, sweep
from backoffice.common.outages import is_outage
from backoffice.common.schedules import find_turn

log = structlog.get_logger(__name__)


@shared_task(bind=True)
def process_timeouts(self: Any, batch_size: int = 100) -> int:
    """Handle the cases whose time has run out; return how many. Each turn of an entry is carried out once."""
    slot = f"batches of {batch_size}, {find_turn(self.request).key}"
    try:
        return _unless_away(lambda: sweep(batch_size=batch_size, slot=slot).examined_count)
    except AlreadySwept:
        log.info("turn_swept_before", slot=slot)
        return 0


@shared_task
def settle_answers() -> int:
    """Find out what became of answers to marketplaces whose replies were lost; return how many were looked after."""
    return _unless_away(lambda: remote.settle_answers().examined_count)


@shared_task
def review_marketplace_cases() -> int:
    """Approve young requests of marketplaces by rule, where their shops want that; return how many."""
    return _unless_away(remote.review_marketplace_cases)


@shared_task
def follow_returns() -> int:
    """Make cases of returns that have none, move those whose word is known by now, link orders; return how many."""
    return _unless_away(lambda: follow_returns_without_case() + follow_words_known_by_now() + link_waiting_cases())


def _unless_away(work: Callable[[], int]) -> int:
    """Say in a line that the database is away, not in a traceback of every worker: the next turn does the work."""
    try:
        return work()
    except DatabaseError as error:
        if not is_outage(error):
            raise
        log.warning("database_away", error=str(error).partition("\n")[0])
        return 0
