"""The page of what runs when: the next run, and running something now."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django_celery_beat.models import ClockedSchedule, PeriodicTask
from kombu.exceptions import OperationalError

from backoffice import periodic_tasks
from backoffice.common import clock
from tests.factories.people import make_person

pytestmark = pytest.mark.django_db
LIST = reverse("admin:django_celery_beat_periodictask_changelist")
VIEW, CHANGE = "django_celery_beat.view_periodictask", "django_celery_beat.change_periodictask"


@pytest.fixture
def task(db):
    periodic_tasks.install()
    return PeriodicTask.objects.get(name="sync: wake due work")


@pytest.fixture
def sent(monkeypatch):
    messages: list[tuple] = []
    monkeypatch.setattr(
        "backoffice.periodic_tasks.current_app.send_task", lambda name, **options: messages.append((name, options))
    )
    return messages


def run_now(task):
    return reverse("admin:django_celery_beat_periodictask_run", args=[task.pk])


def test_run_now_sends_the_task_as_beat_would(client, task, sent):
    client.force_login(make_person(VIEW, CHANGE))
    PeriodicTask.objects.filter(pk=task.pk).update(args="[1]", kwargs='{"a": 2}')
    text = client.post(run_now(task), follow=True).content.decode()
    assert sent == [("syncjobs.tasks.wake_due_chunks", {"args": [1], "kwargs": {"a": 2}, "queue": "sweeps"})]
    assert "was sent to the workers" in text
    assert LogEntry.objects.get().change_message == "Run now."


def test_without_a_broker_it_says_so(client, task, monkeypatch):
    def refuse(*_, **__):
        raise OperationalError("refused")

    monkeypatch.setattr("backoffice.periodic_tasks.current_app.send_task", refuse)
    client.force_login(make_person(VIEW, CHANGE))
    assert "the message broker does not answer" in client.post(run_now(task), follow=True).content.decode()


def test_who_may_only_look_has_no_buttons_and_no_actions(client, task, sent):
    client.force_login(make_person(VIEW))
    text = client.get(LIST).content.decode()
    assert "Run now" not in text
    assert client.post(run_now(task)).status_code == 403
    client.post(LIST, {"action": "disable_tasks", "_selected_action": [task.pk]})
    assert PeriodicTask.objects.get(pk=task.pk).enabled
    assert sent == []


def test_running_selected_tasks_sends_them_as_the_button_does(client, task, sent):
    """A message that bears the entry's name would pass for beat's, and its turn may have been carried out already."""
    client.force_login(make_person(VIEW, CHANGE))
    text = client.post(LIST, {"action": "run_tasks", "_selected_action": [task.pk]}, follow=True).content.decode()
    assert sent == [("syncjobs.tasks.wake_due_chunks", {"args": [], "kwargs": {}, "queue": "sweeps"})]
    assert "1 task was sent to the workers." in text


def test_a_link_runs_nothing(client, task, sent):
    client.force_login(make_person(VIEW, CHANGE))
    assert client.get(run_now(task)).status_code == 405
    assert sent == []


def test_who_may_change_switches_tasks_off_as_before(client, task):
    client.force_login(make_person(VIEW, CHANGE))
    client.post(LIST, {"action": "disable_tasks", "_selected_action": [task.pk]})
    assert not PeriodicTask.objects.get(pk=task.pk).enabled


def test_the_next_run_lies_within_the_schedules_distance(task):
    next_run = periodic_tasks.find_next_run(task)
    assert next_run is not None
    assert timedelta(0) < next_run - clock.now() <= timedelta(minutes=1)


def test_what_is_off_or_over_has_no_next_run(task):
    task.enabled = False
    assert periodic_tasks.find_next_run(task) is None
    when = clock.now() + timedelta(days=1)
    once = PeriodicTask(name="once", task="x", one_off=True, clocked=ClockedSchedule(clocked_time=when))
    assert periodic_tasks.find_next_run(once) == when
    once.last_run_at = when
    assert periodic_tasks.find_next_run(once) is None


def test_the_list_shows_the_next_run_and_what_is_off(client, task):
    PeriodicTask.objects.filter(pk=task.pk).update(enabled=False)
    client.force_login(make_person(VIEW, CHANGE))
    text = client.get(LIST).content.decode()
    assert "Switched off" in text
    assert "Run now" in text
