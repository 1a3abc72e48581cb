"""Claims tasks, keeps and settles them, gives back those of dead workers: nobody else changes one that is in work.

A batch is of one shop, so that its calls can be full. What a person waits for comes first, then what is about to be
due, then what the queue in Redis names, then the rest; among the shops that have such tasks one is drawn, so that none
waits for all of another's.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from backoffice.common import clock
from backoffice.common.leases import LeaseLost, is_gone
from syncjobs.enrichment.verdicts import Verdict
from syncjobs.intake import QUEUE, name_order
from syncjobs.models import EnrichmentPriority, EnrichmentStatus, EnrichmentTally, EnrichmentTask
from syncjobs.queries import list_asked_shops

LOST = "The worker ended without a word (killed, or its machine went away)."
LONGEST_WAIT_SECONDS = 4  # for a word in the queue: less than the client waits for an answer
SECONDS_PUT_OFF = 60
MOST_RAISED = 10_000  # tasks whose priority one sweep changes


def take_hinted(owner: str) -> list[int]:
    """Take what the queue in Redis names: ids of tasks that are new, or wanted by a person."""
    return _read_ids(QUEUE.take(owner, settings.ENRICHMENT_BATCH_SIZE))


def wait_for_hint(owner: str, seconds: int) -> list[int]:
    """Wait for a word in the queue; as long, and for nothing, where Redis is away."""
    return _read_ids(QUEUE.wait(owner, seconds))


def claim_batch(owner: str, hinted: Collection[int] = (), resting: Collection[int] = ()) -> list[EnrichmentTask]:
    """Claim due tasks of one shop, but of none that rests: the urgent, hinted ones, others. Empty: nothing is due."""
    while (shop_id := _choose_shop(hinted, resting)) is not None:
        claimed = _claim_of_shop(shop_id, owner, hinted)
        if claimed:  # else others were quicker, or have the orders locked: what comes next is not theirs
            tasks = EnrichmentTask.objects.filter(pk__in=claimed).select_related("shop", "order")
            return list(tasks.prefetch_related("order__lines").order_by("priority", "pk"))
    return []


def keep(tasks: Sequence[EnrichmentTask], owner: str) -> None:
    """Heartbeat: extend the leases; raises LeaseLost where nothing of the batch is left to this owner."""
    expires_at = clock.now() + timedelta(seconds=settings.ENRICHMENT_LEASE_SECONDS)
    if tasks and not _held(tasks, owner).update(lease_expires_at=expires_at):
        raise LeaseLost(f"{len(tasks)} tasks are no longer held by {owner}")


def hold(tasks: Sequence[EnrichmentTask], owner: str) -> list[EnrichmentTask]:
    """Return those of the tasks that this owner still holds, locked until the caller's transaction ends."""
    return list(_held(tasks, owner).select_for_update().order_by("pk"))


def settle(held: Sequence[EnrichmentTask], verdicts: Mapping[int, Verdict]) -> None:
    """Write what became of tasks that are held."""
    now = clock.now()
    for task in held:
        verdict = verdicts[task.pk]
        is_waiting = verdict.status == EnrichmentStatus.PENDING
        if verdict.looks > task.looks:  # who wished for it has an answer; the next look is one like any other
            task.priority = EnrichmentPriority.USUAL
        task.status = verdict.status
        task.error_message, task.cause = verdict.message, verdict.cause
        task.package_sns = list(verdict.package_sns) or task.package_sns
        task.retry_count, task.looks = verdict.retry_count, verdict.looks
        task.next_try_at = now + timedelta(seconds=verdict.wait_seconds)
        task.finished_at = None if is_waiting else now
        task.lease_owner, task.lease_expires_at = "", None
    EnrichmentTask.objects.bulk_update(
        held,
        [
            "status", "priority", "error_message", "cause", "package_sns", "retry_count", "looks", "next_try_at",
            "finished_at", "lease_owner", "lease_expires_at",
        ],
    )  # fmt: skip


def let_go(tasks: Sequence[EnrichmentTask], states: Mapping[int, str], owner: str) -> None:
    """Free the locks of tasks, note their states, and forget what was taken. Call after the commit."""
    names = {task.pk: name_order(task.shop_id, task.parent_order_sn) for task in tasks}
    QUEUE.note_states({names[task_id]: state for task_id, state in states.items()})
    QUEUE.unlock(list(names.values()), owner)
    QUEUE.forget(owner)


def sweep() -> None:
    """Do what must be done every minute whether or not anybody works."""
    reap_lost_tasks()
    raise_priorities()
    fold_tallies()


def reap_lost_tasks() -> int:
    """Give back the tasks of workers that are gone; the lost try counts as an error. Return how many."""
    now = clock.now()
    running = EnrichmentTask.objects.filter(status=EnrichmentStatus.PROCESSING)
    owners = set(running.values_list("lease_owner", flat=True).distinct())
    dead = {owner for owner in owners if is_gone(owner)}
    lost = running.filter(Q(lease_expires_at__lt=now) | Q(lease_owner__in=dead))
    freed: dict[str, Any] = {
        "lease_owner": "", "lease_expires_at": None, "error_message": LOST, "cause": LOST,
        "retry_count": F("retry_count") + 1,
    }  # fmt: skip
    is_last = Q(retry_count__gte=F("max_retries") - 1)
    given_up = lost.filter(is_last).update(status=EnrichmentStatus.FAILED, finished_at=now, **freed)
    return given_up + lost.exclude(is_last).update(status=EnrichmentStatus.PENDING, next_try_at=now, **freed)


def raise_priorities() -> int:
    """Move what is about to be due before the rest; return how many."""
    until = clock.now() + timedelta(hours=settings.ENRICHMENT_URGENT_HOURS)
    usual = EnrichmentTask.objects.filter(status=EnrichmentStatus.PENDING, priority=EnrichmentPriority.USUAL)
    near = usual.filter(deadline_at__lt=until).order_by("deadline_at").values_list("pk", flat=True)[:MOST_RAISED]
    return usual.filter(pk__in=list(near)).update(priority=EnrichmentPriority.DUE)


def fold_tallies() -> None:
    """Fold the tallies of each shop and status into one row."""
    table = EnrichmentTally._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        # What others add meanwhile is a row that this statement does not see, and stays.
        cursor.execute(
            f"WITH gone AS (DELETE FROM {table} WHERE id IN (SELECT id FROM {table} FOR UPDATE SKIP LOCKED)"  # noqa: S608
            f" RETURNING shop_id, status, count) INSERT INTO {table} (shop_id, status, count)"
            " SELECT shop_id, status, sum(count) FROM gone GROUP BY shop_id, status HAVING sum(count) <> 0"
        )


def count_due(most: int) -> int:
    """Count the tasks that can be claimed now, up to so many."""
    return len(_due().filter(shop__in=list_asked_shops()).values_list("pk")[:most])


def _read_ids(items: Sequence[str]) -> list[int]:
    """Read the ids of what was taken; what is known to have ended needs no look into the database."""
    parts = [item.partition(":") for item in items]
    # What somebody else put there is passed over.
    named = {int(task_id): name for task_id, _, name in parts if task_id.isdecimal() and ":" in name}
    states = QUEUE.read_states(named.values())
    ended = (EnrichmentStatus.COMPLETED, EnrichmentStatus.CANCELLED)
    return [task_id for task_id, name in named.items() if states.get(name) not in ended]


def _due() -> QuerySet[EnrichmentTask]:
    return EnrichmentTask.objects.filter(status=EnrichmentStatus.PENDING, next_try_at__lte=clock.now())


def _choose_shop(hinted: Collection[int], resting: Collection[int]) -> int | None:
    shops = list_asked_shops().exclude(pk__in=resting)
    for is_one in _list_turns(hinted):
        due = _due().filter(is_one, shop=OuterRef("pk"))
        shop_id = shops.filter(Exists(due)).order_by("?").values_list("pk", flat=True).first()
        if shop_id is not None:
            return shop_id
    return None


def _list_turns(hinted: Collection[int]) -> list[Q]:
    """List the conditions of those whose turn it is, in order: thousands in the queue hold up nothing urgent."""
    person, due, usual = (Q(priority=priority) for priority in EnrichmentPriority)
    return [person, due, *([Q(pk__in=hinted)] if hinted else []), usual]


def _claim_of_shop(shop_id: int, owner: str, hinted: Collection[int]) -> set[int]:
    """Claim a shop's next tasks. What another worker has locked in Redis comes later, or nothing else had its turn."""
    with transaction.atomic():
        chosen = _choose_tasks(shop_id, hinted)
        names = {task_id: name_order(shop_id, number) for task_id, number in chosen.items()}
        locked = _lock(list(names.values()), owner)
        claimed = {task_id for task_id, name in names.items() if name in locked}
        now = clock.now()
        EnrichmentTask.objects.filter(pk__in=claimed).update(
            status=EnrichmentStatus.PROCESSING,
            lease_owner=owner,
            lease_expires_at=now + timedelta(seconds=settings.ENRICHMENT_LEASE_SECONDS),
        )
        put_off = EnrichmentTask.objects.filter(pk__in=chosen.keys() - claimed)
        put_off.update(next_try_at=now + timedelta(seconds=SECONDS_PUT_OFF))
    return claimed


def _lock(names: Sequence[str], owner: str) -> set[str]:
    """Lock names in Redis; where one who holds some is dead, once more."""
    locked = QUEUE.lock(names, owner, settings.ENRICHMENT_LEASE_SECONDS)
    if len(locked) < len(names):
        dead = {holder for holder in QUEUE.read_holders(set(names) - locked) if is_gone(holder)}
        if dead:
            QUEUE.note_dead(dead, settings.ENRICHMENT_LEASE_SECONDS)
            locked = QUEUE.lock(names, owner, settings.ENRICHMENT_LEASE_SECONDS)
    return locked


def _choose_tasks(shop_id: int, hinted: Collection[int]) -> dict[int, str]:
    """Choose a shop's next tasks, by id and order number, and lock their rows; those that others hold are passed."""
    due = _due().filter(shop=shop_id).select_for_update(skip_locked=True)
    size = settings.ENRICHMENT_BATCH_SIZE
    chosen: dict[int, str] = {}
    for is_one in _list_turns(hinted):
        room = size - len(chosen)
        if room > 0:
            more = due.filter(is_one).exclude(pk__in=list(chosen)).order_by("next_try_at")
            chosen |= dict(more.values_list("pk", "parent_order_sn")[:room])
    return chosen


def _held(tasks: Sequence[EnrichmentTask], owner: str) -> QuerySet[EnrichmentTask]:
    ids = [task.pk for task in tasks]
    return EnrichmentTask.objects.filter(pk__in=ids, status=EnrichmentStatus.PROCESSING, lease_owner=owner)
