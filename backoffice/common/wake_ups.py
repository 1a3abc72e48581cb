"""Wakes workers once what they shall find is committed. A broker that is away costs time, never the request."""

from collections.abc import Callable

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def wake_after_commit(wake: Callable[[], object]) -> None:
    """Call `wake` after the commit. Without a broker nobody is woken: the sweep does that when it is back."""

    def wake_or_say_so() -> None:
        try:
            wake()
        except OperationalError as error:
            log.warning("nobody_woken", reason=str(error))

    transaction.on_commit(wake_or_say_so)
