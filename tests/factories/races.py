"""Several threads that do the same at the same moment, each on a database connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from backoffice.common.errors import BackofficeError


def at_once(act: Callable[[], Any], times: int = 4) -> list[Any]:
    """Return what each of them came to: its answer, or the error it raised."""
    gate, outcomes = threading.Barrier(times), []

    def run() -> None:
        try:
            gate.wait()
            outcomes.append(act())
        except BackofficeError as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
