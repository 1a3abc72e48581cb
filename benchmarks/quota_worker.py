"""One worker process for the bench `quota`: works on due chunks of all lanes until it is told to end."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
django.setup()

from backoffice.common import clock  # noqa: E402  all of these need the settings
from backoffice.common.stopping import is_stopping, stop_on_signals  # noqa: E402
from syncjobs.engine.worker import work_on_lanes  # noqa: E402
from syncjobs.models import Lane  # noqa: E402

LOOK_SECONDS = 0.1  # in place of the broker's messages


def main() -> None:
    """Work until a signal comes."""
    with stop_on_signals():
        while not is_stopping():
            if not work_on_lanes(Lane.values, seconds=10):
                clock.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
