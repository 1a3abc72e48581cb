"""Which reports are written, and that none is written twice."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backoffice.common import clock
from shops.models import ShopCredential
from syncjobs import reconcile
from syncjobs.models import GapReport
from syncjobs.services import NotSyncable
from tests.factories.gaps import make_report
from tests.factories.races import at_once
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_days(settings):
    settings.SYNC_GAP_REPORT_DAYS = 3


def request(shop, **options):
    days = reconcile.choose_recent_days(3)
    return reconcile.request_reports(shop, days, **{"trigger": "person", "fetch_missing": False, **options})


def test_every_night_each_shop_on_the_schedule_has_its_last_days_compared(shop, three_days, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 8, 10, 21, tzinfo=UTC))  # 04:00 on the 11th there
    make_shop(state="paused")
    reconcile.plan_nightly_reports()
    reports = list(GapReport.objects.order_by("pk"))
    assert [report.window_start for report in reports] == [datetime(2026, 8, day, 17, tzinfo=UTC) for day in (9, 8, 7)]
    assert {(r.shop_id, r.trigger, r.resource, r.fetch_missing) for r in reports} == {(shop.pk, "beat", "orders", True)}


def test_whether_the_night_fetches_is_a_setting(shop, three_days, settings):
    settings.SYNC_GAP_REPORT_FETCH = False
    reconcile.plan_nightly_reports()
    assert set(GapReport.objects.values_list("fetch_missing", flat=True)) == {False}


def test_the_newest_days_of_all_shops_come_first(three_days):
    shops = [make_shop().pk for _ in range(2)]
    reconcile.plan_nightly_reports()
    assert list(GapReport.objects.order_by("pk").values_list("shop_id", flat=True)) == shops * 3


def test_a_second_beat_plans_nothing_in_the_same_night_and_the_next_night_does(shop, three_days):
    reconcile.plan_nightly_reports()
    GapReport.objects.update(state="done")
    assert reconcile.plan_nightly_reports() == []
    assert GapReport.objects.count() == 3
    GapReport.objects.update(created_at=clock.now() - timedelta(days=1))
    assert len(reconcile.plan_nightly_reports()) == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_plan_at_once_write_one_report_for_each_day():
    shop = make_shop()
    planned = at_once(lambda: request(shop), times=3)
    assert GapReport.objects.count() == 3
    assert planned[0] == planned[1] == planned[2]


def test_who_asks_for_what_waits_for_the_night_gets_it_at_once_and_fetched(shop, three_days, settings):
    settings.SYNC_GAP_REPORT_FETCH = False
    planned = reconcile.plan_nightly_reports()
    assert request(shop, fetch_missing=True) == planned
    assert set(GapReport.objects.values_list("trigger", "fetch_missing")) == {("person", True)}


def test_a_report_that_is_being_worked_on_stays_as_it_is(shop, three_days):
    reconcile.plan_nightly_reports()
    GapReport.objects.update(state="running", fetch_missing=False)
    request(shop, fetch_missing=True)
    assert set(GapReport.objects.values_list("trigger", "fetch_missing")) == {("beat", False)}


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("paused", r"\) is paused by a person, so it is not compared"),
        ("needs_reauthorisation", r"\) needs re-authorisation, so it is not compared"),
        ("active", r"\) has no credential"),
    ],
)
def test_a_shop_that_cannot_be_read_is_refused_with_the_reason(shop, state, reason):
    ShopCredential.objects.all().delete()
    shop.state = state
    with pytest.raises(NotSyncable, match=reason):
        request(shop)
    assert not GapReport.objects.exists()


def test_fetching_what_a_report_found_is_a_report_of_its_own(shop):
    old = make_report(shop, state="done", missing_count=2)
    new = GapReport.objects.get(pk=reconcile.request_fetch(old, trigger="person"))
    assert (new.window_start, new.window_end, new.fetch_missing) == (old.window_start, old.window_end, True)
    old.refresh_from_db()
    assert (old.state, old.missing_count, old.fetch_missing) == ("done", 2, False)


def test_a_zone_that_nobody_knows_is_taken_for_utc():
    shop = make_shop(timezone="Mars/Olympus")
    reconcile.plan_gap_reports(
        [shop], reconcile.choose_days(date(2026, 8, 1), date(2026, 8, 1)), trigger="command", fetch_missing=False
    )
    assert GapReport.objects.get().window_start == datetime(2026, 8, 1, tzinfo=UTC)
