"""One worker process for the bench `growth`: syncs what is connected and prints what it cost, batch by batch.

Its own process, as the most memory that a process ever had is known of the whole process only.
"""

import json
import os
import resource
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
django.setup()

from django.conf import settings  # noqa: E402  all of these need the settings

from backoffice.common import clock  # noqa: E402
from backoffice.common.ingest import Origin  # noqa: E402
from benchmarks.sync_ways import sync  # noqa: E402
from shops.services import list_sandbox_shops  # noqa: E402
from syncjobs.engine import reader  # noqa: E402
from syncjobs.engine.writer import Batch, BatchWriter  # noqa: E402


class TimedWriter(BatchWriter):
    """Notes for each batch how many orders were stored before it, how many are in it, and the seconds it took.

    A batch's seconds are those since the batch before was stored: reading its pages and writing them.
    """

    batches: ClassVar[list[tuple[int, int, float]]] = []
    last_at: ClassVar[float] = clock.monotonic_seconds()

    def store(
        self, batch: Batch, origin: Origin, counts: dict[str, float], place: Mapping[str, Any] | None = None
    ) -> None:
        """Store a batch and note it."""
        super().store(batch, origin, counts, place)
        now, batches = clock.monotonic_seconds(), TimedWriter.batches
        stored_before = batches[-1][0] + batches[-1][1] if batches else 0
        batches.append((stored_before, len(batch), now - TimedWriter.last_at))
        TimedWriter.last_at = now


def peak_kib() -> int:
    """Return the most memory this process ever had, in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def main() -> None:
    """Sync shop after shop."""
    settings.DEBUG = False  # with it the last nine thousand statements are kept
    vars(reader)["BatchWriter"] = TimedWriter
    for shop in list_sandbox_shops():
        sync(shop)
    print(json.dumps({"peak_kib": peak_kib(), "batches": TimedWriter.batches}))


if __name__ == "__main__":
    main()
