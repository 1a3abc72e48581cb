"""Several threads that do the same at the same moment, each on a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from backoffice.common.errors import BackofficeError


def at_once(act: Callable[[], Any], times: int = 4) -> list[Any]:
    """Return what each of them came to: its answer, or the product's own error; any other error is raised."""
    gate = threading.Barrier(times)

    def run() -> Any:
        try:
            gate.wait()
            return act()
        except BackofficeError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        running = [threads.submit(run) for _ in range(times)]
        return [one.result() for one in running]
