"""Failures in groups: one line for one cause, with counts, shops and times, of the viewer's shops alone."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.marketplaces.records import UnreadableRecord
from syncjobs.intake import store_batch
from syncjobs.models import ChunkState, FailedRecord, RunState
from syncjobs.queries.failures import (
    group_chunks,
    group_records,
    list_all_failed_chunks,
    list_all_open_records,
    list_failed_chunks,
    list_open_records,
    select_runs_of_cause,
)
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db):
    return User.objects.create(username="chief", is_superuser=True)


def keep(shop, error, *, hours_ago=0, number=0):
    origin = Origin("poll", clock.now() - timedelta(hours=hours_ago))
    store_batch("orders", shop.pk, [], [UnreadableRecord({"n": number, "error": error}, error)], origin)


def test_one_fault_of_many_records_is_one_group(shop, chief, django_assert_num_queries):
    other = make_shop()
    for number in range(3):
        keep(shop, f"id is '{number}' instead of an id.", number=number, hours_ago=number)
    keep(other, "id is 'x' instead of an id.")
    keep(shop, "id is missing.")
    with django_assert_num_queries(1):
        large, small = group_records(list_open_records(chief))
    assert (large.cause, large.count, large.shop_count) == ("id is … instead of an id.", 4, 2)
    assert timedelta(hours=2) <= large.last_seen_at - large.first_seen_at < timedelta(hours=3)
    assert (small.cause, small.count) == ("id is missing.", 1)


def test_what_is_fixed_or_discarded_is_in_no_group(shop, chief):
    for number, state in enumerate(("fixed", "discarded")):
        keep(shop, "id is missing.", number=number)
        FailedRecord.objects.filter(payload__n=number).update(state=state)
    assert group_records(list_open_records(chief)) == []


def test_only_the_viewers_shops_count(shop):
    foreign = make_shop()
    keep(shop, "id is missing.")
    keep(foreign, "id is missing.")
    failed(foreign, "secret reason")
    person = make_person(shops=(shop,))
    [group] = group_records(list_open_records(person))
    assert (group.count, group.shop_count) == (1, 1)
    assert group_chunks(list_failed_chunks(person)) == []


def test_one_shop_can_be_looked_at_alone(shop):
    keep(make_shop(), "id is missing.")
    failed(make_shop(), "reason")
    assert group_records(list_all_open_records(shop)) == []
    assert group_chunks(list_all_failed_chunks(shop)) == []


def failed(shop, error, *, days_ago=0, run_state=RunState.FAILED, chunks=1):
    ended_at = clock.now() - timedelta(days=days_ago)
    run = make_run(shop=shop, kind="window", state=run_state, finished_at=ended_at)
    for number in range(1, chunks + 1):
        make_chunk(run=run, number=number, state=ChunkState.FAILED, error=error, finished_at=ended_at)
    return run


def test_failed_chunks_are_grouped_by_the_same_rule(shop, chief):
    first = failed(shop, "Busy (code 5, HTTP 500, request a1)", chunks=2)
    second = failed(make_shop(), "Busy (code 5, HTTP 500, request b2)", days_ago=1)
    failed(shop, "Refused (code 6, HTTP 401, request c3)")
    large, small = group_chunks(list_failed_chunks(chief))
    assert (large.cause, large.count, large.shop_count) == ("Busy (code 5, HTTP 500, request …)", 3, 2)
    assert large.run_ids == (first.pk, second.pk)
    assert timedelta(hours=23) < large.last_seen_at - large.first_seen_at < timedelta(hours=25)
    assert small.count == 1
    found = select_runs_of_cause(list_failed_chunks(chief), large.cause, "orders")
    assert {run.pk for run in found} == {first.pk, second.pk}
    assert not select_runs_of_cause(list_failed_chunks(chief), "no such cause").exists()


def test_chunks_of_long_ago_and_of_runs_that_are_open_again_are_left_out(shop, chief):
    failed(shop, "long ago", days_ago=8)
    failed(shop, "retried", run_state=RunState.OPEN)
    assert group_chunks(list_failed_chunks(chief)) == []
