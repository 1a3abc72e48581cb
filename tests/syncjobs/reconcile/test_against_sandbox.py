"""Whole comparisons over HTTP: a report says exactly what differs, and fetching heals it, whatever goes wrong."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import F

from backoffice.common import clock
from orders.models import Order, OrderPayload
from shops.marketplaces.records import Window
from shops.models import Shop
from syncjobs import reconcile
from syncjobs.models import GapReport, Watermark
from syncjobs.reconcile import comparer
from tests.factories.orders import store_order
from tests.factories.sandboxes import ORDERS

pytestmark = pytest.mark.django_db
ALL = ORDERS // 2


@pytest.fixture
def shop(stored_shop, sandbox):
    sandbox.forget_calls()
    return stored_shop


def compare(shop, *, fetch=False, days=None):
    """Compare every order of the shop, in one report unless told otherwise; return the reports."""
    whole = Window(Watermark.objects.get().position_at - timedelta(days=8), clock.now())
    whole = Window(*(at.replace(microsecond=0) for at in (whole.start, whole.end)))
    ids = reconcile.plan_gap_reports([shop], days or (lambda zone: [whole]), trigger="command", fetch_missing=fetch)
    for _ in range(5):
        reconcile.work_on_reports(seconds=60, report_ids=ids)
        GapReport.objects.filter(state="due").update(due_at=clock.now())
    return list(GapReport.objects.filter(pk__in=ids).order_by("pk"))


def counts(report):
    return report.found_count, report.missing_count, report.stale_count, report.extra_count, report.fetched_count


def spoil(shop):
    """Lose three orders, make two old, and add one that the marketplace does not know."""
    ids = list(Order.objects.order_by("source_updated_at").values_list("external_id", flat=True)[10:300:50])
    missing, stale = ids[:3], ids[3:5]
    Order.objects.filter(external_id__in=missing).delete()
    Order.objects.filter(external_id__in=stale).update(
        source_updated_at=F("source_updated_at") - timedelta(seconds=30), status="unpaid", payload_hash=b"old"
    )
    middle = Order.objects.order_by("source_updated_at")[100].source_updated_at
    store_order(shop, "999000000000000001", source_updated_at=middle)
    return sorted(missing), sorted(stale)


def test_nothing_differs_after_a_sync_and_that_costs_the_least_possible_calls(sandbox, shop):
    (report,) = compare(shop)
    assert (report.state, report.error, counts(report)) == ("done", "", (ALL, 0, 0, 0, 0))
    calls = sandbox.calls()
    assert calls["ok"] == calls["least_possible"] == report.call_count == 4


def test_a_report_says_exactly_what_differs_and_changes_nothing(sandbox, shop):
    missing, stale = spoil(shop)
    (report,) = compare(shop)
    assert counts(report) == (ALL, 3, 2, 1, 0)
    told = {kind: sorted(ids) for kind, ids in report.examples.items()}
    assert told == {"missing": missing, "stale": stale, "extra": ["999000000000000001"]}
    assert (report.gap_count, report.remaining_count) == (6, 6)
    assert not Order.objects.filter(external_id__in=missing).exists()


def test_fetching_heals_all_that_is_there_and_the_report_still_says_what_was_found(sandbox, shop):
    missing, _ = spoil(shop)
    (report,) = compare(shop, fetch=True)
    assert counts(report) == (ALL, 3, 2, 1, 5)
    assert report.remaining_count == 1  # nothing can be fetched for an order that is not there
    result = sandbox.compare(shop)
    assert (result.missing, result.different, result.extra) == (0, 0, 1)
    doors = OrderPayload.objects.filter(order__external_id__in=missing).values_list("source", flat=True)
    assert set(doors) == {"gap_report"}
    (again,) = compare(shop)
    assert counts(again) == (ALL, 0, 0, 1, 0)


def test_each_day_has_its_own_report_and_together_they_find_every_order_once(sandbox, shop):
    spoil(shop)
    today = clock.now().date()
    reports = compare(shop, days=reconcile.choose_days(today - timedelta(days=9), today + timedelta(days=1)))
    assert len(reports) >= 10
    assert sum(report.found_count for report in reports) == ALL
    assert sum(report.missing_count for report in reports) == 3
    assert sum(report.extra_count for report in reports) == 1
    assert all(newer.window_start == older.window_end for newer, older in pairwise(reports))


FAULTS = {
    "page_shift": {"rows": 5, "times": 2},
    "page_shift that falls": {"rows": 3, "falls": 1, "times": 2},
    "repeated_rows": {"rows": 20, "times": 3},
    "impossible_record": {"times": 5},
    "server_error": {"times": 3},
    "cut_off": {"times": 3},
    "expired_token": {"times": 1},
}


@pytest.mark.parametrize(("name", "fetch"), [*((name, True) for name in FAULTS), ("page_shift", False)])
def test_a_fault_makes_no_false_gap_and_hides_no_true_one(sandbox, shop, name, fetch):
    missing, stale = spoil(shop)
    sandbox.fault(name.split()[0], **FAULTS[name])
    (report,) = compare(shop, fetch=fetch)
    assert sandbox.struck() == FAULTS[name]["times"]
    assert (report.state, report.error) == ("done", "")
    assert counts(report) == (ALL, 3, 2, 1, 5 if fetch else 0)
    assert (sorted(report.examples["missing"]), sorted(report.examples["stale"])) == (missing, stale)


def test_a_list_that_never_shows_all_fails_in_the_end_and_reports_no_gaps(sandbox, shop):
    sandbox.fault("page_shift", rows=5, rate=1.0)
    (report,) = compare(shop)
    assert (report.state, report.attempt_count) == ("failed", 3)
    assert "does not show" in report.error or "counts" in report.error
    assert report.gap_count == 0


def test_broken_records_in_every_answer_make_no_false_gap(sandbox, shop):
    sandbox.fault("impossible_record", rate=1.0)
    (report,) = compare(shop, fetch=True)
    assert (report.state, report.gap_count) == ("done", 0)


def test_what_the_next_run_reads_is_no_gap_yet(sandbox, shop):
    newest = Order.objects.latest("source_updated_at")
    Watermark.objects.update(position_at=newest.source_updated_at)
    newest.delete()
    (report,) = compare(shop)
    assert (report.found_count, report.gap_count) == (ALL, 0)


def test_a_report_is_set_aside_after_a_jobs_time_and_goes_on_where_it_was(sandbox, shop, settings):
    missing, _ = spoil(shop)
    settings.SYNC_JOB_SECONDS = 0
    window = Window(clock.now() - timedelta(days=10), clock.now())
    (report_id,) = reconcile.plan_gap_reports([shop], lambda zone: [window], trigger="command", fetch_missing=False)
    places: list[Any] = []
    for _ in range(20):
        reconcile.work_on_reports(seconds=0, report_ids=[report_id])
        report = GapReport.objects.get()
        if report.state == "done":
            break
        assert (report.state, report.attempt_count) == ("due", 0)
        places.append(report.compared_until)
    assert (report.state, counts(report)) == ("done", (ALL, 3, 2, 1, 0))
    assert sorted(report.examples["missing"]) == missing
    assert len(places) >= 3 and places == sorted(set(places))


def test_a_crowd_of_rows_here_is_asked_for_in_parts_and_the_place_is_kept(sandbox, shop, settings, monkeypatch):
    """All of ours look old and lie before the first of theirs: each must be asked for, and none twice."""
    monkeypatch.setattr(comparer, "ROWS_OF_A_STRETCH", 40)
    settings.SYNC_JOB_SECONDS = 0
    first_at = Order.objects.earliest("source_updated_at").source_updated_at
    assert first_at is not None
    start = first_at - timedelta(days=2)
    for number, order in enumerate(Order.objects.order_by("pk")):
        Order.objects.filter(pk=order.pk).update(source_updated_at=start + timedelta(seconds=number // 3))
    window = Window(start, clock.now())
    (report_id,) = reconcile.plan_gap_reports([shop], lambda zone: [window], trigger="command", fetch_missing=False)
    turns = 0
    while (report := GapReport.objects.get()).state == "due":
        reconcile.work_on_reports(seconds=0, report_ids=[report_id])
        turns += 1
    assert (report.state, counts(report)) == ("done", (ALL, 0, ALL, 0, 0))
    assert turns > ALL // 60


def test_a_long_wait_gives_the_report_back_without_a_try(sandbox, shop):
    sandbox.fault("throttled", retry_after=300)
    window = Window(clock.now() - timedelta(days=10), clock.now())
    (report_id,) = reconcile.plan_gap_reports([shop], lambda zone: [window], trigger="command", fetch_missing=False)
    reconcile.work_on_reports(seconds=60, report_ids=[report_id])
    report = GapReport.objects.get()
    assert (report.state, report.attempt_count, report.call_count) == ("due", 0, 1)
    assert 290 < (report.due_at - clock.now()).total_seconds() <= 300


def test_a_revoked_authorisation_fails_the_report_and_takes_the_shop_off_the_schedule(sandbox, shop):
    sandbox.switch(revoked_shops=[shop.external_id])
    (report,) = compare(shop)
    assert (report.state, Shop.objects.get(pk=shop.pk).state) == ("failed", "needs_reauthorisation")
    assert report.error
