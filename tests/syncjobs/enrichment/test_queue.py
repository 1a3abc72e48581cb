"""Each task has one worker; what a dead one held is given back; without Redis it goes on from the table."""

from datetime import timedelta

import pytest
import redis

from backoffice.common import clock, fast_queue
from backoffice.common.leases import LeaseLost
from syncjobs.enrichment import queue
from syncjobs.intake import QUEUE, name_item, name_order
from syncjobs.models import EnrichmentPriority, EnrichmentTask
from tests.factories.races import at_once
from tests.factories.shops import make_shop
from tests.syncjobs.enrichment.packages import make_tasks

pytestmark = pytest.mark.django_db
DEAD = "nowhere/0/0:1:dead"


def push(tasks):
    QUEUE.push([name_item(task.pk, task.shop_id, task.parent_order_sn) for task in tasks])


def ids(tasks):
    return [task.pk for task in tasks]


def test_a_claimed_task_is_claimed_by_nobody_else(shop):
    made = make_tasks(shop, "1", "2")
    assert ids(queue.claim_batch("a")) == ids(made)
    assert queue.claim_batch("b") == []
    task = EnrichmentTask.objects.get(parent_order_sn="1")
    assert (task.status, task.lease_owner) == ("processing", "a")
    assert task.lease_expires_at
    assert task.lease_expires_at > clock.now() + timedelta(minutes=4)


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_moment_share_the_tasks(shop, settings):
    settings.ENRICHMENT_BATCH_SIZE = 7
    made = make_tasks(shop, *map(str, range(40)))
    owners = iter("abcdefgh")

    def claim():
        owner, claimed = next(owners), []
        while batch := queue.claim_batch(owner):
            claimed += ids(batch)
        return claimed

    claimed = at_once(claim, times=4)
    assert sorted(task_id for batch in claimed for task_id in batch) == ids(made)


def test_hinted_tasks_come_first_and_the_batch_is_filled_up(shop, settings):
    settings.ENRICHMENT_BATCH_SIZE = 3
    made = make_tasks(shop, *"12345")
    assert set(ids(queue.claim_batch("a", hinted=[made[4].pk, 10**9]))) == {made[4].pk, made[0].pk, made[1].pk}


def test_thousands_in_the_queue_hold_up_nothing_that_is_urgent(shop, settings):
    settings.ENRICHMENT_BATCH_SIZE = 2
    made = make_tasks(shop, *"1234")
    (wish,) = make_tasks(make_shop(), "1")
    EnrichmentTask.objects.filter(pk=wish.pk).update(priority=EnrichmentPriority.PERSON)
    EnrichmentTask.objects.filter(pk=made[3].pk).update(priority=EnrichmentPriority.DUE)
    hinted = ids(made[:3])
    assert ids(queue.claim_batch("a", hinted)) == [wish.pk]
    urgent, named = sorted(ids(queue.claim_batch("a", hinted)), reverse=True)
    assert urgent == made[3].pk and named in hinted


def test_shops_that_rest_are_passed_over(shop):
    make_tasks(shop, "1")
    (other,) = make_tasks(make_shop(), "1")
    assert ids(queue.claim_batch("a", resting=[shop.pk])) == [other.pk]


def test_an_order_that_another_worker_has_locked_comes_later_and_the_others_now(shop):
    free, locked = make_tasks(shop, "free", "locked")
    assert QUEUE.lock([name_order(shop.pk, "locked")], "somebody", 60)
    assert ids(queue.claim_batch("a")) == [free.pk]
    locked.refresh_from_db()
    assert (locked.status, locked.retry_count) == ("pending", 0)
    assert locked.next_try_at > clock.now()
    assert QUEUE.lock([name_order(make_shop().pk, "locked")], "a", 60)  # the shop is part of its name


def test_the_lock_of_a_worker_that_is_gone_is_taken_over(shop, monkeypatch):
    (task,) = make_tasks(shop, "1")
    queue.claim_batch(DEAD)
    monkeypatch.setattr(queue, "is_gone", lambda owner: owner == DEAD)
    assert queue.reap_lost_tasks() == 1
    task.refresh_from_db()
    assert (task.status, task.retry_count, task.error_message) == ("pending", 1, queue.LOST)
    assert ids(queue.claim_batch("a")) == [task.pk]


def test_a_lease_that_ran_out_is_given_back_and_the_last_time_a_person_must_look(shop, monkeypatch):
    (task,) = make_tasks(shop, "1")
    for number in range(1, 6):
        (claimed,) = queue.claim_batch("a")
        assert queue.reap_lost_tasks() == 0
        EnrichmentTask.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
        assert queue.reap_lost_tasks() == 1
        task.refresh_from_db()
        assert (task.retry_count, task.status) == (number, "failed" if number == 5 else "pending")
        with pytest.raises(LeaseLost):
            queue.keep([claimed], "a")
        assert queue.hold([claimed], "a") == []


def test_a_heartbeat_extends_the_lease(shop, monkeypatch):
    make_tasks(shop, "1")
    claimed = queue.claim_batch("a")
    at = clock.now() + timedelta(minutes=4)
    monkeypatch.setattr(clock, "now", lambda: at)
    queue.keep(claimed, "a")
    assert EnrichmentTask.objects.get().lease_expires_at == at + timedelta(minutes=5)


def test_what_was_pushed_is_taken_once_and_known_ends_are_left_out(shop):
    made = make_tasks(shop, "1", "2", "3")
    QUEUE.forget("a")
    while queue.take_hinted("drain"):
        pass
    push(made)
    queue.let_go([made[1]], {made[1].pk: "completed"}, "a")
    assert QUEUE.count() == 3
    assert queue.take_hinted("a") == [made[0].pk, made[2].pk]
    assert (queue.take_hinted("a"), QUEUE.count()) == ([], 0)


def test_garbage_in_the_queue_is_passed_over(shop):
    (task,) = make_tasks(shop, "1")
    QUEUE.push(["", "nonsense", "x:1:1", "7", "9:9"])
    push([task])
    assert queue.take_hinted("a") == [task.pk]


def test_a_word_in_the_queue_wakes_a_waiting_worker(shop, monkeypatch):
    (task,) = make_tasks(shop, "1")
    while queue.take_hinted("drain"):
        pass
    push([task])
    assert queue.wait_for_hint("a", 1) == [task.pk]
    assert queue.wait_for_hint("a", 1) == []


def test_without_redis_tasks_are_claimed_from_the_table_and_redis_is_used_again_when_it_is_back(shop, monkeypatch):
    asked = []

    def away():
        asked.append(1)
        raise redis.ConnectionError("Connection refused.")

    monkeypatch.setattr(fast_queue, "client", away)
    monkeypatch.setattr(QUEUE, "_away_until", 0.0)
    made = make_tasks(shop, "1")
    push(made)
    assert queue.take_hinted("a") == []
    assert ids(queue.claim_batch("a")) == ids(made)
    queue.let_go(made, {made[0].pk: "pending"}, "a")
    assert len(asked) == 1  # it is left alone for a while
    waited: list[float] = []
    monkeypatch.setattr(clock, "sleep", waited.append)
    assert queue.wait_for_hint("a", 3) == []
    assert waited == [3]
    monkeypatch.undo()
    monkeypatch.setattr(QUEUE, "_away_until", 0.0)
    push(made)
    assert queue.take_hinted("a") == [made[0].pk]
