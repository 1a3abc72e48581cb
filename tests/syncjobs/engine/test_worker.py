"""A worker takes one chunk after another, and stops when it should."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from syncjobs import leases
from syncjobs.engine import worker
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Chunk, ChunkState, Run, RunState
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    run = make_run()
    for number in (1, 2, 3):
        make_chunk(run=run, number=number)
    return run


@pytest.fixture
def worked(monkeypatch):
    """Finish each chunk at once; return the numbers in the order of work."""
    numbers: list[int] = []

    def work(chunk, owner):
        numbers.append(chunk.number)
        leases.end(chunk, owner, ChunkState.DONE)

    monkeypatch.setattr(worker, "work_on_chunk", work)
    return numbers


def test_it_works_off_all_chunks_in_their_order_and_closes_the_run(run, worked):
    assert work_on_run(run.pk, seconds=60) is False
    assert worked == [1, 2, 3]
    assert Run.objects.get().state == RunState.DONE


def test_it_hands_on_when_its_time_is_over(run, worked):
    assert work_on_run(run.pk, seconds=0) is True
    assert worked == [1]
    assert Run.objects.get().state == RunState.OPEN


def test_it_closes_the_run_when_its_time_ends_with_the_last_chunk(run, worked):
    assert [work_on_run(run.pk, seconds=0) for _ in range(3)] == [True, True, False]
    assert Run.objects.get().state == RunState.DONE


def test_it_leaves_chunks_that_are_due_later(run, worked):
    Chunk.objects.filter(number__gt=1).update(due_at=clock.now() + timedelta(minutes=1))
    assert work_on_run(run.pk, seconds=60) is False
    assert (worked, Run.objects.get().state) == ([1], RunState.OPEN)


def test_it_stops_between_chunks(run, worked, monkeypatch):
    monkeypatch.setattr(worker, "is_stopping", lambda: len(worked) == 2)
    assert work_on_run(run.pk, seconds=60) is True
    assert worked == [1, 2]


def test_it_tells_who_watches(run, worked):
    seen = []
    work_on_run(run.pk, seconds=60, on_chunk=lambda chunk: seen.append(chunk.number))
    assert seen == [1, 2, 3]


def test_it_goes_on_after_a_chunk_that_failed(run, monkeypatch):
    def fail(chunk, owner):
        leases.end(chunk, owner, ChunkState.FAILED, error="broken")

    monkeypatch.setattr(worker, "work_on_chunk", fail)
    assert work_on_run(run.pk, seconds=60) is False
    assert set(Chunk.objects.values_list("state", flat=True)) == {ChunkState.FAILED}
    assert (Run.objects.get().state, Run.objects.get().reason) == (RunState.FAILED, "Chunk 1: broken")


def test_it_does_nothing_for_a_run_that_is_over(run, worked):
    Run.objects.update(state=RunState.CANCELLED)
    assert work_on_run(run.pk, seconds=60) is False
    assert worked == []
