"""Who works on a gap report: one at a time, the next one after a death, nobody for ever."""

from datetime import timedelta

import pytest

from backoffice.common import clock, leases
from shops.models import Shop
from syncjobs.engine.outcomes import Outcome
from syncjobs.leases import LOST
from syncjobs.models import ChunkState, GapReport, Lane
from syncjobs.reconcile import claims, count_due_reports, reap_lost_reports
from tests.factories.gaps import make_report
from tests.factories.races import at_once
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
OWNER = "elsewhere:1:a"


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_each_gets_another_report():
    reports = {make_report().pk for _ in range(4)}
    claimed = at_once(lambda: claims.claim_next_report(leases.new_owner()), times=6)
    assert {report.pk for report in claimed if report} == reports
    assert claimed.count(None) == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_the_report():
    make_report()
    claimed = at_once(lambda: claims.claim_next_report(leases.new_owner()))
    assert sum(report is not None for report in claimed) == 1


def test_a_persons_reports_go_first_and_then_the_oldest():
    now = clock.now()
    younger = make_report(due_at=now)
    older = make_report(due_at=now - timedelta(hours=1))
    asked = make_report(due_at=now, trigger="person")
    assert [claims.claim_next_report(OWNER) for _ in range(4)] == [asked, older, younger, None]


def test_a_queue_works_on_its_own_lanes_only():
    nightly, asked = make_report(), make_report(trigger="command")
    assert count_due_reports([Lane.BACKFILL], 5) == count_due_reports([Lane.INTERACTIVE, Lane.HIGH], 5) == 1
    assert count_due_reports([Lane.INCREMENTAL], 5) == 0
    assert claims.claim_next_report(OWNER, lanes=[Lane.INCREMENTAL]) is None
    assert claims.claim_next_report(OWNER, lanes=[Lane.BACKFILL]) == nightly
    assert claims.claim_next_report(OWNER, lanes=[Lane.INTERACTIVE, Lane.HIGH]) == asked
    assert (claims.lane_of(nightly), claims.lane_of(asked)) == (Lane.BACKFILL, Lane.INTERACTIVE)


def test_what_is_due_later_waits():
    make_report(due_at=clock.now() + timedelta(minutes=1))
    assert claims.claim_next_report(OWNER) is None


def test_the_schedules_reports_wait_while_their_shop_is_off_it_and_nothing_fails():
    report = make_report(make_shop(state="paused"))
    assert claims.claim_next_report(OWNER) is None
    Shop.objects.update(state="active")
    assert claims.claim_next_report(OWNER) == report


def test_a_dead_workers_report_goes_to_another_and_the_try_counts():
    report = make_report()
    claims.claim_next_report(OWNER)
    assert (reap_lost_reports(), claims.claim_next_report("b:1:b")) == (0, None)
    GapReport.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert reap_lost_reports() == 1
    taken = claims.claim_next_report("b:1:b")
    assert taken == report and (taken.attempt_count, taken.error) == (2, LOST)
    with pytest.raises(leases.LeaseLost):
        claims.end(report, OWNER)


def test_after_the_last_try_a_person_must_look(settings):
    make_report(attempt_count=settings.SYNC_MAX_ATTEMPTS - 1)
    claims.claim_next_report(OWNER)
    GapReport.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert reap_lost_reports() == 1
    report = GapReport.objects.get()
    assert (report.state, report.error) == ("failed", LOST)
    assert report.finished_at is not None


@pytest.mark.parametrize(("counts_as_try", "tries"), [(True, 1), (False, 0)])
def test_a_report_given_back_is_due_after_the_wait(counts_as_try, tries):
    make_report()
    report = claims.claim_next_report(OWNER)
    assert report is not None
    claims.leave(report, OWNER, Outcome(ChunkState.DUE, "Wait.", 90, counts_as_try=counts_as_try), call_count=3)
    report.refresh_from_db()
    assert (report.state, report.error, report.attempt_count, report.call_count) == ("due", "Wait.", tries, 3)
    assert 80 < (report.due_at - clock.now()).total_seconds() <= 90
