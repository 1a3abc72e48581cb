"""What gap reports found, as checks and pages read it."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from syncjobs.queries import Gaps, count_gaps, list_last_reports
from tests.factories.gaps import make_report
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.sync import WINDOW_END

pytestmark = pytest.mark.django_db
NOW = clock.now()
SINCE = NOW - timedelta(days=1)
NEXT_DAY = {"window_start": WINDOW_END, "window_end": WINDOW_END + timedelta(days=1)}


def done(shop, finished_at=NOW, **facts):
    return make_report(shop, state="done", finished_at=finished_at, **facts)


def test_all_that_was_found_is_summed_and_what_is_left_is_what_the_newest_reports_say(shop):
    done(shop, missing_count=3, extra_count=1)
    done(shop, missing_count=3, stale_count=1, fetched_count=4, extra_count=1)
    done(shop, missing_count=5, fetched_count=2, **NEXT_DAY)
    assert count_gaps(SINCE) == {shop.pk: Gaps(11, 1, 2, 6, remaining_count=1 + 3)}


def test_only_reports_that_ended_since_then_count(shop):
    done(shop, SINCE - timedelta(seconds=1), missing_count=3)
    make_report(shop, state="running", missing_count=3)
    make_report(shop, state="failed", finished_at=NOW, missing_count=3)
    assert count_gaps(SINCE) == {}
    done(shop)
    assert count_gaps(SINCE) == {shop.pk: Gaps()}


def test_a_person_counts_the_gaps_of_their_own_shops(shop):
    foreign = make_shop()
    done(shop, missing_count=1)
    done(foreign, missing_count=2)
    person = make_person("syncjobs.view_gapreport", shops=(shop,))
    assert set(count_gaps(SINCE, viewer=person)) == {shop.pk}
    assert set(count_gaps(SINCE, shop_ids=[foreign.pk])) == {foreign.pk}
    assert set(count_gaps(SINCE)) == {shop.pk, foreign.pk}


def test_the_last_reports_of_a_shop_are_one_for_each_day_newest_first(shop):
    person = make_person("syncjobs.view_gapreport", shops=(shop,))
    done(shop)
    newest, next_day = done(shop), done(shop, **NEXT_DAY)
    assert list_last_reports(person, shop, 7) == [next_day, newest]
    assert list_last_reports(person, shop, 1) == [next_day]
    assert list_last_reports(make_person(name="other"), shop, 7) == []
