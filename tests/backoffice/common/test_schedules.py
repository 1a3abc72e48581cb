"""Turns: the same for everyone who carries one out, and another one after each period."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from celery.app.task import Context
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from backoffice.celery import app
from backoffice.common import clock
from backoffice.common.schedules import Turn, count_turns_a_day, find_turn, list_scheduled
from tests.factories.brokers import empty_memory

pytestmark = pytest.mark.django_db
TASK = "syncjobs.tasks.sync_incremental"


def make_entry(minute="*", hour="*", zone="UTC", **facts):
    schedule = CrontabSchedule.objects.create(minute=minute, hour=hour, timezone=ZoneInfo(zone))
    return PeriodicTask.objects.create(name="entry", task=TASK, crontab=schedule, **facts)


def turn_at(monkeypatch, moment, name="entry"):
    monkeypatch.setattr(clock, "now", lambda: moment)
    return find_turn(SimpleNamespace(periodic_task_name=name, headers=None))


def test_a_message_of_beat_says_which_entry_it_is_of():
    make_entry(minute="*/10")
    entry = ModelEntry(PeriodicTask.objects.get(), app=app)
    with empty_memory() as connection:
        options = {**entry.options, "producer": app.amqp.Producer(connection)}
        app.send_task(entry.task, entry.args, entry.kwargs, **options)
        message = app.amqp.queues["default"](connection.default_channel).get(no_ack=True)
    assert message is not None
    assert find_turn(Context(message.headers)).period == timedelta(minutes=10)


@pytest.mark.parametrize(("minute", "hour", "zone", "moment", "key", "minutes"), [
    ("*/10", "*", "UTC", datetime(2026, 8, 1, 12, 9, 54), "2026-08-01T12:00", 10),
    ("*/10", "*", "UTC", datetime(2026, 8, 1, 12, 9, 56), "2026-08-01T12:10", 10),
    ("0", "3", "Asia/Ho_Chi_Minh", datetime(2026, 8, 1, 20, 0, 1), "2026-08-01T20:00", 24 * 60),
    ("0", "3", "Asia/Ho_Chi_Minh", datetime(2026, 8, 1, 19, 0, 0), "2026-07-31T20:00", 24 * 60),
    ("0,20", "*", "UTC", datetime(2026, 8, 1, 12, 30), "2026-08-01T12:20", 40),
])  # fmt: skip
def test_a_turn_lasts_until_the_crontab_names_the_next(monkeypatch, minute, hour, zone, moment, key, minutes):
    make_entry(minute, hour, zone)
    assert turn_at(monkeypatch, moment.replace(tzinfo=UTC)) == Turn(key, timedelta(minutes=minutes))


def test_what_a_person_sends_is_a_turn_of_its_own(monkeypatch):
    moment = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
    turns = [turn_at(monkeypatch, moment + timedelta(seconds=n), name=None) for n in range(2)]
    assert turns[0] != turns[1]
    assert turns[0].period is None


def test_an_entry_that_is_gone_or_has_no_near_turn_is_taken_for_a_person(monkeypatch):
    moment = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
    assert turn_at(monkeypatch, moment, name="gone").period is None
    never = CrontabSchedule.objects.create(minute="0", hour="0", day_of_month="29", month_of_year="2")
    PeriodicTask.objects.create(name="never", task=TASK, crontab=never)
    assert turn_at(monkeypatch, moment, name="never").period is None


def test_two_beats_send_one_turn_of_an_interval(monkeypatch):
    every = IntervalSchedule.objects.create(every=10, period="minutes")
    PeriodicTask.objects.create(name="interval", task=TASK, interval=every)
    moment = datetime(2026, 8, 1, 12, 1, tzinfo=UTC)
    first, second, later = (
        turn_at(monkeypatch, moment + timedelta(seconds=seconds), "interval") for seconds in (0, 2, 598)
    )
    assert first == second != later
    assert first.period == timedelta(minutes=10)


def test_what_comes_once_is_one_turn_however_often_it_is_sent(monkeypatch):
    once = ClockedSchedule.objects.create(clocked_time=datetime(2026, 8, 1, 12, 0, tzinfo=UTC))
    PeriodicTask.objects.create(name="once", task=TASK, clocked=once, one_off=True)
    moments = [datetime(2026, 8, 1, 12, minute, tzinfo=UTC) for minute in (0, 7)]
    assert len({turn_at(monkeypatch, moment, "once") for moment in moments}) == 1


@pytest.mark.parametrize(("facts", "turns"), [
    ({"minute": "*/10", "hour": "*"}, 144), ({"minute": "0", "hour": "3"}, 1), ({"minute": "0", "hour": "*/6"}, 4),
    ({"minute": "0", "hour": "3", "day_of_week": "1"}, 52 / 365),
])  # fmt: skip
def test_it_counts_the_turns_of_a_day(facts, turns):
    assert count_turns_a_day(CrontabSchedule(**facts).schedule) == pytest.approx(turns, rel=0.02)


def test_it_lists_what_is_switched_on_with_its_arguments():
    make_entry(minute="*/30", kwargs='{"hours": 24}')
    PeriodicTask.objects.create(name="off", task=TASK, crontab=CrontabSchedule.objects.get(), enabled=False)
    [entry] = list_scheduled([TASK])
    assert (entry.name, entry.turns_a_day, entry.arguments) == ("entry", 48, {"hours": 24})
