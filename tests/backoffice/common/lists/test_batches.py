"""Bulk actions: a result for each row, what may be done is asked when a row's turn comes, and no row is done by two."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.db import connection

from backoffice.common import clock, stopping
from backoffice.common.errors import NotPossible
from backoffice.common.lists import batches, leases
from backoffice.common.lists.batches import cancel_batch, list_results, run_batch, start_batch
from backoffice.common.lists.models import Batch, BatchItem, ItemState, JobState
from shops.models import Shop, ShopGrant
from tests.architecture.rows import make_person, make_superuser
from tests.backoffice.common.lists.acting import Greeting, make_shops, plant_action

pytestmark = pytest.mark.django_db
LONG = 600.0


@pytest.fixture
def greeting():
    return Greeting()


@pytest.fixture
def action(monkeypatch, greeting):
    return plant_action(monkeypatch, greeting)


def start(action, shops, person=None):
    return start_batch(action=action, rows=[shop.pk for shop in shops], person=person or make_superuser())


def results(batch):
    return [(item.row_name, item.state, item.result) for item in list_results(batch)]


def counts(batch):
    batch.refresh_from_db()
    return (batch.state, batch.total_count, batch.done_count, batch.failed_count)


def test_each_row_gets_its_own_result_and_an_error_stops_no_other_row(action, greeting):
    shops = make_shops("one", "no", "break", "two")
    person = make_superuser()
    batch = start(action, shops, person)
    assert counts(batch) == ("due", 4, 0, 0)
    assert run_batch(batch.pk, seconds=LONG) is False
    assert counts(batch) == ("done", 4, 4, 2)
    assert results(batch) == [
        (str(shops[1]), "refused", "no does not want to be greeted."),
        (str(shops[2]), "refused", "Unexpected error; the log says more. Other rows are not touched by it."),
        (str(shops[0]), "done", f"{person.username} greeted one."),
        (str(shops[3]), "done", f"{person.username} greeted two."),
    ]
    assert greeting.greeted == [shop.pk for shop in shops]


def test_what_is_not_visible_gets_into_no_batch(action):
    own, foreign = make_shops("own", "foreign")
    person = make_person([own])
    assert list(start(action, [own, foreign], person).items.values_list("row_id", flat=True)) == [own.pk]
    everything = start_batch(action=action, rows=Shop.objects.all(), person=person)
    assert list(everything.items.values_list("row_id", flat=True)) == [own.pk]
    with pytest.raises(NotPossible, match="None of these rows"):
        start(action, [foreign], person)


def test_without_the_permission_nothing_is_started(action):
    (shop,) = make_shops("one")
    with pytest.raises(PermissionDenied):
        start(action, [shop], User.objects.create(username="nobody", is_staff=True))
    assert not Batch.objects.exists()


def test_a_grant_that_was_withdrawn_meanwhile_refuses_its_row_only(action, greeting):
    kept, lost = make_shops("kept", "lost")
    person = make_person([kept, lost])
    batch = start(action, [kept, lost], person)
    ShopGrant.objects.filter(shop=lost).delete()
    run_batch(batch.pk, seconds=LONG)
    assert greeting.greeted == [kept.pk]
    assert [(state, "may not see it" in result) for _, state, result in results(batch)] == [
        ("refused", True),
        ("done", False),
    ]


@pytest.mark.parametrize("withdraw", ["permission", "account"])
def test_a_permission_that_is_gone_in_the_middle_refuses_the_rest(monkeypatch, withdraw):
    shops = make_shops("one", "two", "three")
    person = make_person(shops)

    def run(shop, actor):
        if withdraw == "permission":
            actor.user_permissions.remove(Permission.objects.get(codename="change_shop"))
        else:
            User.objects.filter(pk=actor.pk).update(is_active=False)
        return "done"

    batch = start(plant_action(monkeypatch, run), shops, person)
    run_batch(batch.pk, seconds=LONG)
    assert [state for _, state, _ in results(batch)] == ["refused", "refused", "done"]


def test_a_row_that_is_gone_is_refused_and_keeps_its_name(action):
    shops = make_shops("here", "gone")
    batch = start(action, shops)
    name = str(shops[1])
    shops[1].delete()
    run_batch(batch.pk, seconds=LONG)
    assert results(batch)[0] == (name, "refused", "It is gone, or whoever asked for it may not see it any more.")


def test_more_rows_than_the_limit_are_refused_and_nothing_is_done(action, monkeypatch, greeting):
    monkeypatch.setattr(batches, "BATCH_MAX_ROWS", 2)
    start(action, make_shops("a", "b"))
    make_shops("c")
    with pytest.raises(NotPossible, match=r"more than 2 rows.*Narrow the list"):
        start_batch(action=action, rows=Shop.objects.all(), person=make_superuser())
    assert Batch.objects.count() == 1
    assert greeting.greeted == []


def test_rows_of_a_queryset_are_read_up_to_the_limit_and_not_beyond(action, monkeypatch, django_assert_max_num_queries):
    make_shops("a", "b", "c", "d")
    monkeypatch.setattr(batches, "BATCH_MAX_ROWS", 2)
    with django_assert_max_num_queries(10) as queries, pytest.raises(NotPossible):
        start_batch(action=action, rows=Shop.objects.all(), person=make_superuser())
    assert any("LIMIT 3" in query["sql"] for query in queries.captured_queries)


def test_after_its_time_it_hands_on_and_the_next_one_goes_on_where_it_stopped(action, greeting, monkeypatch):
    shops = make_shops("one", "two", "three")
    batch = start(action, shops)
    seconds = iter([0.0, 1.0, 20.0])
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: next(seconds))
    assert run_batch(batch.pk, seconds=10) is True
    assert counts(batch) == ("due", 3, 1, 0)
    monkeypatch.undo()
    monkeypatch.setattr(batches, "get_action", lambda key: action)
    assert run_batch(batch.pk, seconds=LONG) is False
    assert greeting.greeted == [shop.pk for shop in shops]
    assert counts(batch) == ("done", 3, 3, 0)


def test_a_worker_that_must_end_gives_the_rest_back_and_that_is_no_try(action):
    batch = start(action, make_shops("one"))
    stopping.request_stop()
    try:
        assert run_batch(batch.pk, seconds=LONG) is True
    finally:
        stopping.forget_stop()
    batch.refresh_from_db()
    assert (batch.state, batch.attempt_count, batch.done_count) == ("due", 0, 0)


def test_what_a_killed_worker_left_is_taken_over_when_its_lease_has_run_out(action, greeting):
    shops = make_shops("one", "two")
    batch = start(action, shops)
    BatchItem.objects.filter(batch=batch, row_id=shops[0].pk).update(state=ItemState.DONE, result="before")
    in_a_minute, a_minute_ago = clock.now() + timedelta(minutes=1), clock.now() - timedelta(minutes=1)
    Batch.objects.update(
        state="running", lease_owner="dead", lease_expires_at=in_a_minute, done_count=1, attempt_count=1
    )
    assert run_batch(batch.pk, seconds=LONG) is False
    assert greeting.greeted == []
    assert leases.list_free_ids(Batch) == []
    Batch.objects.update(lease_expires_at=a_minute_ago)
    assert leases.list_free_ids(Batch) == [batch.pk]
    run_batch(batch.pk, seconds=LONG)
    assert greeting.greeted == [shops[1].pk]
    assert counts(batch) == ("done", 2, 2, 0)


def test_a_row_that_kills_every_worker_is_left_out_after_three_and_the_others_get_their_turn(action, greeting):
    killer, other = make_shops("killer", "other")
    batch = start(action, [killer, other])
    expired = clock.now() - timedelta(minutes=1)
    for _ in range(leases.TRIES):
        assert leases.claim(Batch, batch.pk, "dies") is not None
        Batch.objects.update(lease_expires_at=expired)
    run_batch(batch.pk, seconds=LONG)
    assert greeting.greeted == [other.pk]
    assert "ended without a word" in results(batch)[0][2]
    assert counts(batch) == ("done", 2, 2, 1)


def test_a_cancelled_batch_finishes_the_row_in_hand_and_does_no_more(monkeypatch):
    shops = make_shops("one", "two")
    person = make_superuser()
    done = []

    def run(shop, actor):
        done.append(shop.pk)
        cancel_batch(Batch.objects.get(), person=person)
        return "done"

    batch = start(plant_action(monkeypatch, run), shops, person)
    assert run_batch(batch.pk, seconds=LONG) is False
    assert done == [shops[0].pk]
    assert counts(batch) == ("cancelled", 2, 1, 0)
    assert person.username in batch.reason
    with pytest.raises(NotPossible, match="ended already"):
        cancel_batch(batch, person=person)
    assert run_batch(batch.pk, seconds=LONG) is False
    assert counts(batch) == ("cancelled", 2, 1, 0)


def test_an_action_that_is_gone_fails_its_batch_with_a_reason(action):
    batch = start(action, make_shops("one"))
    Batch.objects.update(action="tests.gone")
    run_batch(batch.pk, seconds=LONG)
    batch.refresh_from_db()
    assert (batch.state, "tests.gone" in batch.reason) == (JobState.FAILED, True)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_no_row_twice_even_when_the_lease_ran_out(monkeypatch):
    """The second worker comes while the first is in the middle of a row that takes longer than the lease."""
    shops = make_shops("one", "two", "three")
    done = []
    in_the_middle, second_is_through = threading.Event(), threading.Event()

    def run(shop, person):
        done.append(shop.pk)
        if len(done) == 1:
            Batch.objects.update(lease_expires_at=clock.now() - timedelta(minutes=1))
            in_the_middle.set()
            assert second_is_through.wait(20)
        return "done"

    batch = start(plant_action(monkeypatch, run), shops)

    def first():
        try:
            run_batch(batch.pk, seconds=LONG)
        finally:
            connection.close()

    worker = threading.Thread(target=first)
    worker.start()
    assert in_the_middle.wait(20)
    assert run_batch(batch.pk, seconds=LONG) is False
    assert len(done) == 1
    second_is_through.set()
    worker.join(20)
    assert sorted(done) == [shop.pk for shop in shops]
    assert counts(batch) == ("done", 3, 3, 0)


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_do_each_row_once(monkeypatch):
    shops = make_shops(*(f"shop {number}" for number in range(12)))
    done = []

    def run(shop, person):
        done.append(shop.pk)
        return "done"

    batch = start(plant_action(monkeypatch, run), shops)

    def work():
        try:
            while batch_is_unfinished():
                run_batch(batch.pk, seconds=0.02)
        finally:
            connection.close()

    def batch_is_unfinished():
        return Batch.objects.get(pk=batch.pk).is_unfinished

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(done) == sorted(shop.pk for shop in shops)
    assert counts(batch) == ("done", 12, 12, 0)
