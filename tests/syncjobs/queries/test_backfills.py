"""What is read about backfills: progress, days, shops, failures, and what quotas mean for them."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.common import clock
from syncjobs import queries
from syncjobs.models import Backfill, Chunk, Run
from syncjobs.queries import summary
from tests.factories.backfills import FIRST_DAY, make_backfill
from tests.factories.people import make_person
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db


def progress_of(backfill, viewer=None):
    return queries.read_backfill_progress(backfill, viewer)


def test_chunks_and_days_are_counted_by_state_and_sums_by_resource():
    backfill = make_backfill("done", "done", "failed", "due", "running", "buffered")
    Chunk.objects.filter(number=1).update(fetched_count=5, inserted_count=3, call_count=2)
    progress = progress_of(backfill)
    assert progress.chunks == {"done": 2, "failed": 1, "due": 1, "running": 1, "buffered": 1} == progress.days
    assert (progress.total, progress.ended, progress.empty_days) == (6, 4, 1)
    assert progress.resources["orders"]["fetched_count"] == progress.sums["fetched_count"] == 5
    assert progress.sums["inserted_count"] == 3


def test_a_chunk_of_seven_days_counts_as_seven_and_a_cut_one_as_one():
    backfill = make_backfill("done", "due")
    Chunk.objects.filter(number=1).update(window_end=FIRST_DAY + timedelta(days=7))
    Chunk.objects.filter(number=2).update(window_end=FIRST_DAY + timedelta(days=1, hours=2))
    assert progress_of(backfill).days == {"done": 7, "due": 1}


def test_the_speed_is_that_of_the_last_minutes():
    backfill = make_backfill("done", "done", "done", "due", "due")
    now = clock.now()
    Chunk.objects.update(fetched_count=30)
    Chunk.objects.filter(number=1).update(
        started_at=now - timedelta(hours=9), finished_at=now - timedelta(hours=8), fetched_count=9_000
    )
    progress = progress_of(backfill)
    assert (progress.recent_chunks, progress.recent_seconds) == (2, 300)
    assert (progress.chunks_a_minute, progress.orders_a_second) == (pytest.approx(0.4), pytest.approx(0.2))
    assert progress.seconds_left == pytest.approx(300)


def test_where_nothing_was_read_lately_nobody_knows_how_long_it_takes():
    assert progress_of(make_backfill("due")).seconds_left is None
    assert progress_of(make_backfill("done")).seconds_left == 0


def test_a_day_is_as_bad_as_its_worst_shop_and_leads_to_its_run():
    backfill = make_backfill("done", "done", "due", shops=(make_shop(timezone="UTC"), make_shop(timezone="UTC")))
    first, second = Run.objects.order_by("pk")
    second.chunks.filter(number=2).update(state="failed")
    first.chunks.filter(number=1).update(fetched_count=4)
    days = queries.list_days(backfill)
    assert list(days) == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
    assert [day.state for day in days.values()] == ["done", "failed", "due"]
    assert [day.run_id for day in days.values()] == [first.pk, second.pk, first.pk]
    assert (days[date(2026, 3, 1)].order_count, days[date(2026, 3, 1)].is_empty) == (4, False)
    assert days[date(2026, 3, 2)].chunks == {"done": 1, "failed": 1}


def test_a_day_without_orders_is_empty_only_when_it_was_read():
    days = queries.list_days(make_backfill("done", "due"))
    assert [day.is_empty for day in days.values()] == [True, False]


def test_days_are_those_of_the_shop():
    backfill = make_backfill("done", shops=[make_shop(timezone="Asia/Ho_Chi_Minh")])
    assert list(queries.list_days(backfill)) == [date(2026, 3, 1), date(2026, 3, 2)]  # 7:00 to 7:00
    Chunk.objects.update(window_start=FIRST_DAY - timedelta(hours=7), window_end=FIRST_DAY + timedelta(hours=17))
    assert list(queries.list_days(backfill)) == [date(2026, 3, 1)]


def test_days_of_one_shop():
    shops = make_shop(timezone="UTC"), make_shop(timezone="UTC")
    backfill = make_backfill("done", shops=shops)
    Run.objects.get(shop=shops[1]).chunks.update(state="failed")
    assert [day.state for day in queries.list_days(backfill, shop_id=shops[0].pk).values()] == ["done"]


def test_shops_with_failures_come_first_then_those_with_most_to_do():
    shops = [make_shop(name=name, timezone="UTC") for name in ("fine", "behind", "broken")]
    backfill = make_backfill("done", "done", shops=shops)
    Run.objects.get(shop=shops[1]).chunks.filter(number=2).update(state="due")
    Run.objects.get(shop=shops[2]).chunks.filter(number=1).update(state="failed")
    lines, count = queries.list_lines_of_shops(backfill, 2)
    assert ([line["run__shop__name"] for line in lines], count) == (["broken", "behind"], 3)
    assert (lines[0]["chunk_count"], lines[0]["ended_count"], lines[0]["failed_count"]) == (2, 2, 1)


def test_problem_days_are_listed_with_their_reasons_failed_ones_first():
    backfill = make_backfill("buffered", "failed", "done", "due", "failed")
    listed = queries.list_problem_days(backfill, 5)
    assert [(chunk.state, chunk.error) for chunk in listed] == [
        ("failed", "It broke."), ("failed", "It broke."), ("buffered", ""),
    ]  # fmt: skip
    assert len(queries.list_problem_days(backfill, 1)) == 1


def test_the_summary_has_days_chunks_problems_and_counts():
    backfill = make_backfill("done", "failed", "buffered", "due", "done")
    Chunk.objects.filter(number=5).update(fetched_count=8, call_count=2)
    told = queries.summarise_backfill(backfill)
    assert told["days"] == {
        "total": 5, "success": 2, "empty": 1, "failed": 1, "buffered": 1, "waiting": 1, "cancelled": 0,
    }  # fmt: skip
    assert told["chunks"]["done"] == 2 and told["chunks"]["running"] == 0
    assert told["counts"]["orders"]["fetched_count"] == 8
    first = told["problem_days"][0]
    assert (first["day"], first["state"], first["reason"]) == ("2026-03-02", "failed", "It broke.")
    assert first["at"] is not None


def test_many_problems_are_counted_and_some_are_listed(monkeypatch):
    monkeypatch.setattr(summary, "MOST_PROBLEM_DAYS", 1)
    shown = queries.summarise_backfill(make_backfill("failed", "failed"))
    assert (len(shown["problem_days"]), shown["days"]["failed"]) == (1, 2)


def test_numbers_are_those_of_the_shops_that_the_viewer_sees():
    mine, foreign = make_shop(timezone="UTC"), make_shop(timezone="UTC", name="faraway")
    backfill = make_backfill("failed", shops=(mine, foreign))
    person = make_person(shops=(mine,))
    assert progress_of(backfill, person).total == 1
    assert queries.list_days(backfill, person)[date(2026, 3, 1)].chunks.total() == 1
    assert queries.list_days(backfill, person, shop_id=foreign.pk) == {}
    assert {chunk.run.shop for chunk in queries.list_problem_days(backfill, 9, person)} == {mine}
    assert [line["run__shop__name"] for line in queries.list_lines_of_shops(backfill, 9, person)[0]] == [mine.name]
    assert queries.read_lines([backfill], person)[backfill.pk].shop_count == 1


def test_a_list_reads_its_lines_in_two_queries_and_counts_chunks_of_what_goes_on():
    backfills = [make_backfill("done", "due"), make_backfill("done", run_state="failed", state="ended")]
    chief = make_person()
    chief.is_superuser = True
    with CaptureQueriesContext(connection) as asked:
        lines = queries.read_lines(Backfill.objects.order_by("pk"), chief)
    assert len(asked) <= 3
    assert [(lines[one.pk].chunk_count, lines[one.pk].ended_count) for one in backfills] == [(2, 1), (0, 0)]
    assert [lines[one.pk].failed_run_count for one in backfills] == [0, 1]


def test_quotas_say_by_when_each_app_can_be_done():
    slow, free = make_app(calls_per_hour=100), make_app()
    backfill = make_backfill(
        "done", *["due"] * 400, shops=(make_shop(app=slow, timezone="UTC"), make_shop(app=free, timezone="UTC"))
    )
    outlook = queries.read_outlook(progress_of(backfill).apps)
    assert [(one.app, one.calls_left) for one in outlook] == [(slow, 400), (free, 400)]
    assert outlook[0].done_by - clock.now() > timedelta(hours=3)
    assert outlook[1].done_by <= clock.now()


def test_apps_that_have_nothing_left_to_do_are_left_out():
    assert queries.read_outlook(progress_of(make_backfill("done", "failed")).apps) == []
