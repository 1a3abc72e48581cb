"""`make chaos`: one bounded run; exit code 1 if anything was lost, doubled, different, or did not heal."""

import argparse
import os
import signal
import sys
from types import FrameType

LAG_SECONDS = 5_400  # the world begins so far behind the present, and catches up while it is synced
# Everything that is a matter of seconds is made short, so that minutes hold many deaths and recoveries.
SETTINGS = {
    "SYNC_LEASE_SECONDS": 8,
    "SYNC_JOB_SECONDS": 20,
    "SYNC_END_GUARD_SECONDS": 2,
    "SYNC_OVERLAP_SECONDS": LAG_SECONDS + 60,  # the world lags, and what happens there later has earlier times
    "SYNC_CHUNK_DAYS": 1,
    "SYNC_RETURNS_CHUNK_DAYS": 3,
    "SYNC_TRANSACTIONS_CHUNK_DAYS": 3,
    "SYNC_RETRY_AFTER_SECONDS": 3,
    "REQUEST_TIMEOUT": 10,
    "REQUEST_BACKOFF_SECONDS": 0,
    "SYNC_BUFFER_DIR": "",  # that is below VAR_DIR, whatever .env says: it is emptied at the start
}


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def read_arguments(words: list[str]) -> argparse.Namespace:
    """Read what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_500, help="orders of each marketplace at the start")
    parser.add_argument("--shops", type=int, default=2, help="of each marketplace")
    # An order changes for the last time after five days: more days spread the last changes over many chunks.
    parser.add_argument("--without", nargs="*", default=[], help="resources that are not read: parcels take most calls")
    parser.add_argument("--days", type=int, default=14, help="days of orders before the world's start")
    parser.add_argument("--kills", type=int, default=30, help="kill -9 of processes that hold a chunk")
    parser.add_argument("--database-restarts", type=int, default=6)
    parser.add_argument("--redis-restarts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1, help="of the world, its faults, and the order of the blows")
    parser.add_argument("--seconds-at-most", type=int, default=600, help="for all of it")
    parser.add_argument("--seconds-of-storm", type=int, default=0, help="over which the blows are spread")
    parser.add_argument(
        "--sweep-cases", type=int, default=0, help="instead of syncing: sweeps and a person on so many due cases"
    )
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Run once."""
    arguments = read_arguments(words)
    own = SETTINGS | dict.fromkeys(("FULL_SYNC_DAYS", "TEMU_FULL_SYNC_DAYS"), arguments.days + 1)
    os.environ.update({name: str(value) for name, value in own.items()})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    import django

    from backoffice import embedded

    wanted = embedded.wanted()
    if not (wanted.database and wanted.redis):
        print("The suite empties and kills its servers, so it runs only on embedded ones: see make chaos.")
        return 2
    embedded.ensure()
    django.setup()
    from tests.chaos import sweeps  # these need the apps
    from tests.chaos.drill import Drill

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        if arguments.sweep_cases:
            return sweeps.run(
                cases=arguments.sweep_cases, kills=arguments.kills, seed=arguments.seed,
                seconds_at_most=arguments.seconds_at_most,
            )  # fmt: skip
        return Drill(arguments, lag_seconds=LAG_SECONDS).run()
    except Stopped:
        print("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
