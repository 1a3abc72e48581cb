"""What runs when: the table fills the schedule, and what an operator changed stays."""

from io import StringIO

import pytest
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from backoffice.celery import app
from backoffice.periodic_tasks import ENTRIES, Entry, install
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
NAMES = [entry.name for entry in ENTRIES]
CHOICES = {entry.name for entry in ENTRIES if entry.off}  # added switched off, whatever they cost


def test_names_are_used_once():
    assert len(set(NAMES)) == len(NAMES)


def test_it_adds_what_is_missing():
    assert install() == {entry.name: f"off: {entry.off}" if entry.off else "added" for entry in ENTRIES}
    for entry in ENTRIES:
        task = PeriodicTask.objects.get(name=entry.name)
        assert (task.task, task.queue, task.enabled) == (entry.task, entry.queue, not entry.off)
        assert (task.crontab.minute, task.crontab.hour) == (entry.minute, entry.hour)
        assert task.description


def test_installing_twice_changes_nothing():
    install()
    before = list(PeriodicTask.objects.order_by("pk").values())
    assert install() == dict.fromkeys(NAMES, "kept")
    assert list(PeriodicTask.objects.order_by("pk").values()) == before
    assert CrontabSchedule.objects.count() == len({(entry.minute, entry.hour) for entry in ENTRIES})


def test_what_an_operator_changed_is_kept():
    install()
    every_hour = IntervalSchedule.objects.create(every=1, period="hours")
    changes = {"enabled": False, "queue": "night", "crontab": None, "interval": every_hour, "description": "mine"}
    PeriodicTask.objects.filter(name=NAMES[0]).update(**changes)
    install()
    task = PeriodicTask.objects.get(name=NAMES[0])
    assert {name: getattr(task, name) for name in changes} == changes


def test_what_an_operator_removed_comes_back_and_what_they_added_stays():
    install()
    PeriodicTask.objects.get(name=NAMES[0]).delete()
    every_hour = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="mine", task="syncjobs.tasks.wake_due_chunks", interval=every_hour)
    assert install()[NAMES[0]] == "added"
    assert PeriodicTask.objects.filter(name="mine").exists()


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Europe/London"])
def test_schedules_are_in_the_operators_zone(settings, zone):
    settings.OPERATOR_TIME_ZONE = zone
    install()
    assert {str(schedule.timezone) for schedule in CrontabSchedule.objects.all()} == {zone}


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_the_task_exists_and_a_worker_serves_its_queue(entry: Entry):
    app.loader.import_default_modules()
    assert entry.task in app.tasks
    assert entry.queue in {queue.alias or queue.name for queue in app.conf.task_queues}


@pytest.mark.django_db(transaction=True)  # beat closes the connections that it was given
def test_beat_adds_nothing_of_its_own():
    install()
    DatabaseScheduler(app=app)
    assert set(PeriodicTask.objects.values_list("name", flat=True)) == set(NAMES)


def test_the_command_says_what_it_did():
    out = StringIO()
    call_command("install_periodic_tasks", stdout=out)
    call_command("install_periodic_tasks", stdout=out)
    lines = [line.split(maxsplit=1) for line in out.getvalue().splitlines()]
    added = [
        ["off", f"{entry.name}  (switched off: {entry.off})"] if entry.off else ["added", entry.name]
        for entry in ENTRIES
    ]
    assert lines == added + [["kept", name] for name in NAMES]


# Of a TikTok shop: the task of Temu's depth costs it nothing.
READING = [entry.name for entry in ENTRIES if ".sync_" in entry.task and entry.arguments.get("marketplace") != "temu"]

ONE_CALL = {"products: full"}  # a day: all products are one window


def test_what_a_small_quota_cannot_carry_is_installed_switched_off_and_said():
    make_shop(app=make_app(name="Small", calls_per_day=700))
    make_shop(app=make_app(name="Large", calls_per_day=10_000)), make_shop()
    out = StringIO()
    call_command("install_periodic_tasks", stdout=out)
    off = set(PeriodicTask.objects.filter(enabled=False).values_list("name", flat=True))
    assert off - CHOICES == {"orders: last hour", "orders: awaiting shipment", "orders: in transit"}
    said = next(line for line in out.getvalue().splitlines() if "orders: last hour" in line)
    assert said.startswith(
        "   off  orders: last hour  (switched off: for 1 shop it needs 144 calls a day or more; of the 630 that Small"
    )


def test_a_task_that_was_switched_on_again_stays_on():
    make_shop(app=make_app(calls_per_day=1))
    install()
    off = set(PeriodicTask.objects.filter(enabled=False).values_list("name", flat=True))
    assert off - CHOICES == set(READING) - ONE_CALL
    PeriodicTask.objects.update(enabled=True)
    assert set(install().values()) == {"kept"}
    assert not PeriodicTask.objects.filter(enabled=False).exists()


def test_what_runs_already_is_counted_first():
    install()
    PeriodicTask.objects.get(name="orders: full").delete()
    make_shop(app=make_app(calls_per_day=650))
    assert install()["orders: full"].startswith("off: ")


def test_a_shop_at_rest_and_an_app_without_limits_cost_nothing():
    make_shop(app=make_app(calls_per_day=1), state="paused"), make_shop()
    assert {name for name, outcome in install().items() if outcome != "added"} == CHOICES
