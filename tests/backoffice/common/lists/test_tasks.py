"""The sweep wakes what was forgotten, and says nothing where somebody is at work."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from backoffice.common.lists import tasks
from backoffice.common.lists.models import Batch, Export
from tests.architecture.rows import make_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch, settings, tmp_path):
    settings.EXPORT_DIR = tmp_path
    sent = []
    for task in (tasks.work_on_batch, tasks.work_on_export):
        monkeypatch.setattr(task, "delay", lambda job_id, task=task: sent.append((task.__name__, job_id)))
    return sent


def make_jobs(**facts):
    person = make_superuser()
    batch = Batch.objects.create(user=person, action="tests.greet", **facts)
    return batch, Export.objects.create(user=person, kind="orders.orders", format="csv", **facts)


@pytest.mark.parametrize(
    ("facts", "is_woken"),
    [
        ({"state": "due"}, True),
        ({"state": "running", "lease_expires_at": clock.now() - timedelta(hours=1)}, True),
        ({"state": "running", "lease_expires_at": clock.now() + timedelta(hours=1)}, False),
        ({"state": "done"}, False),
        ({"state": "cancelled"}, False),
    ],
)
def test_the_sweep_wakes_what_nobody_works_on(woken, facts, is_woken):
    batch, export = make_jobs(**facts)
    tasks.tidy_lists()
    assert woken == ([("work_on_batch", batch.pk), ("work_on_export", export.pk)] if is_woken else [])


def test_a_batch_that_is_not_finished_in_time_is_handed_on(woken, monkeypatch):
    monkeypatch.setattr(tasks, "run_batch", lambda batch_id, seconds: True)
    tasks.work_on_batch(7)
    assert woken == [("work_on_batch", 7)]


def test_a_file_whose_time_is_over_is_deleted_by_the_sweep(woken, tmp_path):
    _, export = make_jobs(state="done")
    (tmp_path / "old.csv").touch()
    Export.objects.update(file_name="old.csv", expires_at=clock.now())
    tasks.tidy_lists()
    export.refresh_from_db()
    assert (export.state, list(tmp_path.iterdir())) == ("expired", [])
