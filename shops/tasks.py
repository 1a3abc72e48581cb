"""Background work on shops: tokens are renewed before they end."""

from collections import Counter
from datetime import timedelta

import structlog
from celery import shared_task
from django.db import DatabaseError

from backoffice.common.outages import is_outage
from shops import services
from shops.services.authorising import forget_attempts
from shops.tokens import store_kept_tokens

log = structlog.get_logger(__name__)


@shared_task
def refresh_tokens(hours: int = 24) -> dict[str, int]:
    """Renew the tokens that end within so many hours; return how many came to what. Forgets those nobody came for."""
    counts: Counter[str] = Counter()
    try:
        forget_attempts()
        shops = services.list_renewable_shops()
        for renewal in services.renew_tokens(shops, within=timedelta(hours=hours)):
            counts[renewal.outcome] += 1
            if renewal.is_trouble:
                log.warning("token_not_renewed", shop=renewal.shop.pk, outcome=renewal.outcome, reason=renewal.text)
    except DatabaseError as error:  # the next turn finds the same tokens
        if not is_outage(error):
            raise
        log.warning("database_away", error=str(error).partition("\n")[0])
    return dict(counts)


@shared_task
def store_kept_answers() -> int:
    """Store what this host kept of renewals while the database took nothing; return how many."""
    try:
        return store_kept_tokens()
    except DatabaseError as error:
        if not is_outage(error):
            raise
        return 0
