"""Beat and the workers each leave a stamp, and silence has a name."""

from datetime import timedelta

import pytest
from celery import signals

from backoffice.celery import app
from backoffice.common import clock
from syncjobs import tasks
from syncjobs.models import Heartbeat
from syncjobs.monitoring import heartbeats
from syncjobs.monitoring.heartbeats import Pulse, read_pulse
from tests.factories.brokers import empty_memory

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture
def in_beat():
    """What beat's process does at its start."""
    signals.beat_init.send(sender=None)
    yield
    signals.before_task_publish.disconnect(heartbeats._note_sent, sender=heartbeats.TASK)


def send(task):
    with empty_memory() as connection:
        task.apply_async(producer=app.amqp.Producer(connection))


def test_beat_stamps_what_it_sends(in_beat):
    send(tasks.heartbeat)
    pulse = read_pulse()
    assert (pulse.sent_at is not None, pulse.executed_at) == (True, None)


def test_a_worker_stamps_what_it_carries_out():
    tasks.heartbeat()
    tasks.heartbeat()
    pulse = read_pulse()
    assert (pulse.sent_at, pulse.executed_at is not None, Heartbeat.objects.count()) == (None, True, 1)


def test_other_tasks_of_beat_and_heartbeats_sent_by_hand_say_nothing(in_beat):
    send(tasks.wake_due_chunks)
    assert read_pulse() == Pulse()
    signals.before_task_publish.disconnect(heartbeats._note_sent, sender=heartbeats.TASK)
    send(tasks.heartbeat)
    assert read_pulse() == Pulse()


@pytest.mark.parametrize(
    ("pulse", "silent"),
    [
        (Pulse(NOW, NOW), []),
        (Pulse(NOW - timedelta(minutes=4), NOW), []),
        (Pulse(NOW, NOW - timedelta(minutes=7)), ["workers silent for 7 minutes"]),
        (Pulse(NOW - timedelta(minutes=6), None), ["beat silent for 6 minutes", "workers never gave a sign of life"]),
    ],
)
def test_who_is_silent_is_named(pulse, silent):
    assert pulse.list_silent(NOW) == silent
