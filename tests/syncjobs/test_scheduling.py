"""Runs of many shops: turns of the schedule, what they skip, postpone and stretch, and the dispatch of what is due."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from backoffice.common import clock
from backoffice.common.schedules import Turn
from shops.models import Shop
from syncjobs import services
from syncjobs.engine.planner import Selection
from syncjobs.models import Chunk, Lane, Run, RunState, Watermark
from syncjobs.services.starting import scheduling
from tests.factories.races import at_once
from tests.factories.shops import make_app, make_shop
from tests.factories.sync import make_run

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 1, 12, 0, 30, tzinfo=UTC)
END = NOW - timedelta(seconds=60)
HALF_HOUR = timedelta(minutes=30)
LAST_DAY = Selection(kind="window", hours=24)
TURN = Turn("12:00", HALF_HOUR)


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def done(shop, *, minutes_ago=5, days=7, **facts):
    """A run that read the last days and was done some minutes ago."""
    ended_at = NOW - timedelta(minutes=minutes_ago)
    window = {"window_start": ended_at - timedelta(days=days), "window_end": ended_at - timedelta(seconds=90)}
    stamps = {"started_at": ended_at - timedelta(seconds=30), "finished_at": ended_at}
    return make_run(shop=shop, **{"kind": "full", "state": RunState.DONE, **window, **stamps, **facts})


def test_a_turn_starts_one_run_for_each_shop(shop):
    shops = {shop, make_shop()}
    started = services.start_turn(LAST_DAY, TURN)
    runs = list(Run.objects.all())
    assert {run.shop for run in runs} == shops
    assert sorted(started.run_ids) == sorted(run.pk for run in runs)
    for run in runs:
        assert (run.kind, run.identity, run.trigger, run.lane) == ("window", "window:24h", "beat", Lane.INCREMENTAL)
        assert (run.window_start, run.window_end) == (END - timedelta(days=1), END)
        assert list(run.chunks.values_list("window_start", "window_end", "due_at")) == [(*_window(run), NOW)]
    assert set(Shop.objects.values_list("sync_status", flat=True)) == {"running"}


def _window(run):
    return run.window_start, run.window_end


def test_two_beats_carry_out_one_turn_once(shop):
    assert len(services.start_turn(LAST_DAY, TURN).run_ids) == 1
    assert services.start_turn(LAST_DAY, TURN).run_ids == []
    Run.objects.update(state=RunState.DONE)
    assert services.start_turn(LAST_DAY, TURN).run_ids == []
    assert Run.objects.count() == 1
    assert len(services.start_turn(LAST_DAY, Turn("12:30", HALF_HOUR)).run_ids) == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_beats_at_once_one_starts_the_runs():
    for _ in range(3):
        make_shop()
    started = at_once(lambda: services.start_turn(Selection(), TURN))
    assert sorted(len(one.run_ids) for one in started) == [0, 0, 0, 3]
    assert (Run.objects.count(), Chunk.objects.count()) == (3, 21)


def test_active_shops_with_a_credential_are_synced(shop):
    for state in ("paused", "needs_reauthorisation", "disconnected"):
        make_shop(state=state)
    make_shop().credential.delete()
    services.start_turn(Selection(), TURN)
    assert [run.shop for run in Run.objects.all()] == [shop]


def test_a_turn_may_be_for_one_marketplace(shop):
    assert services.start_turn(Selection(), TURN, marketplace="shopee").run_ids == []
    assert len(services.start_turn(Selection(), TURN, marketplace="tiktok").run_ids) == 1


def test_what_is_still_open_is_skipped_and_the_row_says_for_what(shop):
    [open_run] = services.start_turn(LAST_DAY, TURN).run_ids
    started = services.start_turn(LAST_DAY, Turn("12:30", HALF_HOUR))
    assert (started.run_ids, started.skipped_count) == ([], 1)
    skipped = Run.objects.get(state=RunState.SKIPPED)
    assert skipped.reason == f"Run {open_run} reads the same and is still open."
    assert (skipped.slot_key, skipped.finished_at) == (f"orders:window:24h:12:30:{shop.pk}", NOW)
    assert not skipped.chunks.exists()
    services.start_turn(LAST_DAY, Turn("12:30", HALF_HOUR))
    assert Run.objects.filter(state=RunState.SKIPPED).count() == 1


def test_a_window_that_was_read_within_the_period_is_skipped_as_covered(shop):
    full = done(shop)
    services.start_turn(LAST_DAY, TURN)
    skipped = Run.objects.exclude(pk=full.pk).get()
    assert skipped.state == RunState.SKIPPED
    assert skipped.reason.startswith(f"Covered by run {full.pk}, which read all of it and was done at 11:55:30 UTC")


@pytest.mark.parametrize("facts", [
    {"minutes_ago": 31}, {"days": 0.5}, {"status_filter": "unpaid"}, {"state": RunState.FAILED},
    {"resource": "products"}, {"slot_key": "orders:window:24h:11:30:1"},
    {"window_end": NOW - timedelta(minutes=40)},
])  # fmt: skip
def test_what_read_less_or_longer_ago_or_is_the_turn_before_covers_nothing(shop, facts):
    done(shop, **facts)
    assert len(services.start_turn(LAST_DAY, TURN).run_ids) == 1


def test_another_shops_run_covers_nothing(shop):
    done(make_shop())
    services.start_turn(LAST_DAY, TURN)
    assert Run.objects.filter(shop=shop, state=RunState.OPEN).exists()


@pytest.mark.parametrize("kind", ["incremental", "full"])
def test_only_windows_are_covered(shop, kind):
    done(shop, days=30)
    assert len(services.start_turn(Selection(kind=kind), TURN).run_ids) == 1


def test_what_a_person_sends_by_hand_is_not_taken_for_covered(shop):
    done(shop)
    assert len(services.start_turn(LAST_DAY, Turn("by hand")).run_ids) == 1


def test_what_was_sent_by_hand_covers_the_next_turn(shop):
    services.start_turn(LAST_DAY, Turn("by hand"))
    stamps = {"started_at": NOW, "finished_at": NOW}
    Run.objects.update(state=RunState.DONE, **stamps)
    assert services.start_turn(LAST_DAY, TURN).skipped_count == 1


def test_the_shop_that_was_synced_longest_ago_comes_first():
    for hours in (1, 3, 2):
        make_shop(last_sync_at=NOW - timedelta(hours=hours))
    never = make_shop()
    services.start_turn(Selection(), TURN)
    order = [run.shop.last_sync_at for run in Run.objects.order_by("pk")]
    assert order == [None, *(NOW - timedelta(hours=hours) for hours in (3, 2, 1))]
    assert Run.objects.earliest("pk").shop == never


def schedule(task, minutes, **facts):
    every, _ = IntervalSchedule.objects.get_or_create(every=minutes, period="minutes")
    name = f"{task} {minutes}"
    return PeriodicTask.objects.create(name=name, task=f"syncjobs.tasks.{task}", interval=every, **facts)


def test_turns_come_seldomer_where_the_quota_does_not_carry_them_and_the_run_says_so(settings):
    settings.RATE_LIMIT_INCREMENTAL_PERCENT = 50
    app = make_app(calls_per_day=288)
    shops = [make_shop(app=app), make_shop(app=app)]
    schedule("sync_incremental", 10)  # 288 calls a day for two shops, and 144 allowed
    first = services.start_turn(Selection(), Turn("12:00", timedelta(minutes=10)))
    assert len(first.run_ids) == len(shops)
    said = "Every 20 minutes instead of 10: the schedule needs 288 calls a day or more, and the quota of Test app"
    assert all(run.reason.startswith(said) and run.events.get().text == run.reason for run in Run.objects.all())
    Run.objects.update(state=RunState.DONE)
    for minutes, count in ((10, 0), (20, 2)):
        at = NOW + timedelta(minutes=minutes)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda at=at: at)
            started = services.start_turn(Selection(), Turn(f"{minutes}", timedelta(minutes=10)))
        assert (len(started.run_ids), started.not_due_count, started.skipped_count) == (count, 2 - count, 0)


def test_a_quota_that_suffices_and_no_limit_stretch_nothing():
    make_shop(app=make_app(calls_per_day=200))
    make_shop()
    schedule("sync_incremental", 10)
    schedule("sync_full", 1, enabled=False)
    services.start_turn(Selection(), Turn("12:00", timedelta(minutes=10)))
    assert set(Run.objects.values_list("reason", flat=True)) == {""}


def test_dispatch_starts_every_shop_that_is_due_and_says_who_is_left_out(shop):
    make_shop(state="needs_reauthorisation"), make_shop(state="paused")
    make_shop().credential.delete()
    busy = make_shop()
    services.start_run(busy, kind="incremental", trigger="beat")
    started = services.dispatch()
    assert started.left_out == {"needs_reauthorisation": 1, "paused": 1, "no_credential": 1}
    assert (len(started.run_ids), started.under_way_count) == (1, 1)
    run = Run.objects.get(pk=started.run_ids[0])
    assert (run.shop, run.kind, run.trigger, run.lane) == (shop, "incremental", "command", Lane.INCREMENTAL)


def test_dispatch_writes_the_distances_as_due_times():
    app = make_app(sync_spacing_seconds=30)
    for _ in range(5):
        make_shop(app=app)
    services.dispatch(batch_size=2, delay_seconds=60)
    starts = Run.objects.order_by("pk").values_list("chunks__due_at", flat=True).distinct()
    assert [(due_at - NOW).total_seconds() for due_at in starts] == [0, 2, 60, 62, 120]


def test_sandbox_shops_are_dispatched_all_at_once():
    for _ in range(3):
        make_shop()
    services.dispatch(batch_size=1, delay_seconds=60)
    assert set(Chunk.objects.values_list("due_at", flat=True)) == {NOW}


def test_priority_goes_ahead_and_takes_what_waits_along(shop):
    waiting = make_shop()
    services.start_run(waiting, kind="incremental", trigger="beat")
    services.dispatch(is_priority=True)
    assert dict(Run.objects.values_list("shop", "lane")) == {shop.pk: Lane.HIGH, waiting.pk: Lane.HIGH}


def test_only_those_behind_may_be_dispatched(shop):
    read = make_shop()
    Watermark.objects.create(shop=read, resource="orders", position_at=NOW - timedelta(minutes=14), moved_at=NOW)
    services.dispatch(behind=timedelta(minutes=15))
    assert [run.shop for run in Run.objects.all()] == [shop]


def test_a_dispatched_turn_is_carried_out_once(shop):
    services.dispatch(turn=TURN)
    Run.objects.update(state=RunState.DONE)
    services.dispatch(turn=TURN)
    assert Run.objects.count() == 1


@pytest.mark.parametrize("start", [
    lambda: services.start_turn(LAST_DAY, TURN), lambda: services.start_turn(Selection(), TURN),
    lambda: services.dispatch(is_priority=True),
])  # fmt: skip
def test_the_number_of_queries_does_not_depend_on_the_number_of_shops(start):
    app = make_app(sync_spacing_seconds=30, calls_per_day=1)
    schedule("sync_incremental", 10)

    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            start()
        Run.objects.all().delete()
        return len(queries)

    for _ in range(2):
        make_shop(app=app)
    few = count_queries()
    for _ in range(30):
        make_shop(app=app)
    assert count_queries() == few < 30


def test_shops_are_planned_in_batches_and_none_is_forgotten(monkeypatch):
    monkeypatch.setattr(scheduling, "SHOPS_AT_ONCE", 2)
    shops = [make_shop() for _ in range(5)]
    assert len(services.start_turn(Selection(), TURN).run_ids) == len(shops)
