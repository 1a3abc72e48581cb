"""A worker that was asked to end ends by itself once nothing is running, and not before."""

from backoffice import worker_end
from backoffice.common import clock


def test_it_ends_once_nothing_has_run_for_a_while(monkeypatch):
    slept, ends = [0.0], []

    def sleep(seconds):
        slept[0] += seconds

    monkeypatch.setattr(clock, "sleep", sleep)

    class Running:
        """Busy, idle for a moment, busy again with what was given just before the end, then idle for good."""

        def __len__(self):
            return int(slept[0] <= 30 or 35 < slept[0] <= 40)

    worker_end.wait_and_end(Running(), lambda: ends.append(1))
    assert ends == [1]
    assert slept[0] == 40 + worker_end.IDLE_SECONDS
