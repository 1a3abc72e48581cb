"""Background work on cases. What is to be done stands in the cases' deadlines, so a lost message costs one turn."""

from typing import Any

import structlog
from celery import shared_task
from django.db import DatabaseError

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
        return sweep(batch_size=batch_size, slot=slot).examined_count
    except AlreadySwept:
        log.info("turn_swept_before", slot=slot)
    except DatabaseError as error:
        if not is_outage(error):
            raise
        log.warning("database_away", error=str(error).partition("\n")[0])
    return 0


@shared_task
def follow_returns() -> int:
    """Make cases of returns that have none, move those whose word is known by now, link orders; return how many."""
    return follow_returns_without_case() + follow_words_known_by_now() + link_waiting_cases()
