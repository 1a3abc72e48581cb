"""The limit holds over processes, whoever asks how fast, and the lanes keep their order."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import redis

from shops.marketplaces.rate_limit import Lane

REPOSITORY = Path(__file__).parents[4]
CALLS, SECONDS = 20, 1
PERCENTS = {Lane.INTERACTIVE: 100, Lane.HIGH: 95, Lane.BACKFILL: 80}

Call = tuple[float, float]  # when it was asked for, and when it had been let through


class Hammers:
    """Processes that ask for calls, each in a lane."""

    def __init__(self, url: str, lanes: Sequence[Lane]) -> None:
        self.processes = [self._start(url, lane) for lane in lanes]
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def _start(self, url: str, lane: Lane) -> subprocess.Popen[str]:
        options = [url, *map(str, (CALLS, SECONDS, int(lane), PERCENTS[lane]))]
        command = [sys.executable, "-m", "tests.shops.marketplaces.rate_limit.hammer", *options]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY, text=True, bufsize=1
        )

    def begin(self, seconds: float) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()

    def list_calls(self) -> list[list[Call]]:
        """Wait for the end; list the calls that each process was let through."""
        answers = [process.communicate(timeout=60)[0] for process in self.processes]
        assert [process.returncode for process in self.processes] == [0] * len(answers)
        return [[(float(line.split()[0]), float(line.split()[1])) for line in text.splitlines()] for text in answers]


def most_in_a_window(calls: Sequence[Call]) -> int:
    """Count the most calls that were certainly let through within one window: asked for and granted inside of it."""
    return max(sum(asked >= start and granted < start + SECONDS for asked, granted in calls) for start, _ in calls)


def test_processes_never_get_more_together_than_the_limit_and_nearly_all_of_it(
    valkey: redis.Redis, valkey_url: str
) -> None:
    hammers = Hammers(valkey_url, [Lane.INTERACTIVE] * 4)
    hammers.begin(seconds=3)
    by_process = hammers.list_calls()
    calls = sorted(call for calls in by_process for call in calls)
    assert most_in_a_window(calls) <= CALLS
    assert len(calls) >= 2 * CALLS
    assert sum(map(bool, by_process)) > 1, "one process alone proves nothing"


def test_a_higher_lane_takes_every_call_that_it_wants_from_the_lower_ones(valkey: redis.Redis, valkey_url: str) -> None:
    hammers = Hammers(valkey_url, [Lane.BACKFILL, Lane.INTERACTIVE, Lane.HIGH])
    hammers.begin(seconds=3)
    backfill, people, high = hammers.list_calls()
    assert most_in_a_window(sorted(backfill + people + high)) <= CALLS
    # What the lower lanes took at the start has left the window after a while; from then on they have to stand back.
    began = min(asked for asked, _ in people)
    assert [call for call in backfill + high if call[0] > began + 1.5 * SECONDS] == []
    assert len([call for call in people if call[0] > began + SECONDS]) >= CALLS
