"""Asks for package numbers at a person's wish, finds orders that nobody asked for, and retries or cancels tasks.

A worker that holds a task loses it to whoever changes it here: it settles only what is still its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.stopping import is_stopping
from orders.models import Order
from shops.models import Shop
from syncjobs.intake import QUEUE, create_enrichment_tasks, name_item, name_order
from syncjobs.intake.enrichment import ON_ITS_WAY
from syncjobs.models import EnrichmentPriority, EnrichmentStatus, EnrichmentTask
from syncjobs.queries import keep_unnumbered, say_why_not_asked
from syncjobs.services.refusals import refuse_unsyncable

MOST_NUMBERS = 1_000  # of one wish: they are answered one by one
SLICE = 1_000  # rows that one transaction changes
FOUND_AT_MOST = 5_000  # by one look at what was stored of late; the next one is a minute away
STORED_OF_LATE = timedelta(minutes=15)
RETRIABLE = (EnrichmentStatus.FAILED, EnrichmentStatus.CANCELLED)
CANCELLABLE = (EnrichmentStatus.PENDING, EnrichmentStatus.PROCESSING, EnrichmentStatus.FAILED)
CANCELLED_BY_PERSON = "A person cancelled it."


class NotEnriched(NotPossible):
    """The shop, or its marketplace, is not asked for package numbers."""

    code = "not_enriched"


@dataclass
class EnrichNow:
    """What became of a wish; each number counts once. `refused` says of a number why nothing is asked for it."""

    created: int = 0
    hurried: int = 0
    already_known: int = 0
    refused: dict[str, str] = field(default_factory=dict)


@dataclass
class FoundOrders:
    """How many tasks were made, and the order number after which to go on; `is_finished` where no order is left."""

    count: int = 0
    after: str = ""
    is_finished: bool = False


def refuse_unenriched(shop: Shop) -> None:
    """Raise NotPossible where the orders of a shop cannot be asked for package numbers now, and say what to do."""
    refuse_unsyncable(shop, "orders", undone="asked for package numbers")
    if reason := say_why_not_asked(shop):
        raise NotEnriched(reason)


def enrich_now(shop: Shop, order_numbers: Sequence[str]) -> EnrichNow:
    """Ask for the package numbers of these orders before all others; asking twice is the same as asking once.

    Raises NotPossible where the shop cannot be asked, or for too many numbers at once.
    """
    numbers = list(dict.fromkeys(order_numbers))
    if len(numbers) > MOST_NUMBERS:
        raise NotPossible(f"{len(numbers):,} orders are too many at once: {MOST_NUMBERS:,} at most.")
    refuse_unenriched(shop)
    now = clock.now()
    with transaction.atomic():
        created = create_enrichment_tasks(shop.pk, numbers, now, EnrichmentPriority.PERSON)
        of_numbers = EnrichmentTask.objects.filter(shop=shop, parent_order_sn__in=numbers)
        tasks = {task.parent_order_sn: task for task in of_numbers.order_by("pk").select_for_update()}
        _bring_to_front([task for task in tasks.values() if _is_behind(task, now)], now)
        statuses: Any = Order.objects.filter(shop=shop, external_id__in=numbers).values_list("external_id", "status")
        return _sum_up(numbers, created, tasks, dict(statuses))


def _is_behind(task: EnrichmentTask, now: datetime) -> bool:
    """Whether a task can be asked for sooner than it is; what is in work is asked for now."""
    if task.status == EnrichmentStatus.PENDING:
        return task.priority != EnrichmentPriority.PERSON or task.next_try_at > now
    return task.status == EnrichmentStatus.FAILED


def _sum_up(
    numbers: Sequence[str], created: int, tasks: dict[str, EnrichmentTask], order_statuses: dict[str, str]
) -> EnrichNow:
    summary = EnrichNow(created=created, hurried=-created)  # those that are new have a task by now, as others
    for number in numbers:
        task = tasks.get(number)
        if number not in order_statuses:
            summary.refused[number] = "This shop has no order with this number here."
        elif task is None and order_statuses[number] not in ON_ITS_WAY:
            word = order_statuses[number].replace("_", " ")
            summary.refused[number] = f"The order is not on its way, but {word}: it has no package number yet."
        elif task is None or task.status == EnrichmentStatus.COMPLETED:
            summary.already_known += 1
        elif task.status == EnrichmentStatus.CANCELLED:
            summary.refused[number] = f"{task.error_message} Retry its task to ask all the same."
        else:
            summary.hurried += 1
    return summary


def retry_tasks(tasks: QuerySet[EnrichmentTask]) -> int:
    """Ask anew, before all others, for what failed or was cancelled; return how many tasks that is."""
    return _change(tasks, RETRIABLE, _bring_to_front)


def cancel_tasks(tasks: QuerySet[EnrichmentTask]) -> int:
    """Stop asking for what has no package number yet; return how many tasks that is."""
    return _change(tasks, CANCELLABLE, _cancel)


def _change(
    tasks: QuerySet[EnrichmentTask],
    statuses: Sequence[str],
    change: Callable[[Sequence[EnrichmentTask], datetime], None],
) -> int:
    """Change those of the tasks that are in these states, slice by slice, each locked in the order of all writers."""
    ids = sorted(tasks.values_list("pk", flat=True))
    count = 0
    for start in range(0, len(ids), SLICE):
        with transaction.atomic():
            chosen = EnrichmentTask.objects.filter(pk__in=ids[start : start + SLICE], status__in=statuses)
            rows = list(chosen.order_by("pk").select_for_update())
            change(rows, clock.now())
        count += len(rows)
    return count


def _bring_to_front(tasks: Sequence[EnrichmentTask], now: datetime) -> None:
    """Make locked tasks the next ones that are asked for, with all their tries."""
    EnrichmentTask.objects.filter(pk__in=[task.pk for task in tasks]).update(
        status=EnrichmentStatus.PENDING,
        priority=EnrichmentPriority.PERSON,
        next_try_at=now,
        retry_count=0,
        finished_at=None,
    )
    items = [name_item(task.pk, task.shop_id, task.parent_order_sn) for task in tasks]
    # A worker passes by what is known to have ended.
    states = {name_order(task.shop_id, task.parent_order_sn): EnrichmentStatus.PENDING.value for task in tasks}
    transaction.on_commit(lambda: QUEUE.note_states(states))
    transaction.on_commit(lambda: QUEUE.push(items))


def _cancel(tasks: Sequence[EnrichmentTask], now: datetime) -> None:
    EnrichmentTask.objects.filter(pk__in=[task.pk for task in tasks]).update(
        status=EnrichmentStatus.CANCELLED,
        error_message=CANCELLED_BY_PERSON,
        cause="",
        finished_at=now,
        lease_owner="",
        lease_expires_at=None,
    )


def enrich_shop(shop: Shop, *, after: str = "", seconds: float) -> FoundOrders:
    """Make the tasks of all orders of a shop that are on their way without one, for about so many seconds.

    For shops that were read before they were asked. `after` goes on where another call ended. Raises NotPossible where
    the shop cannot be asked.
    """
    refuse_unenriched(shop)
    until = clock.monotonic_seconds() + seconds
    found = FoundOrders(after=after)
    # By number: that index holds the shop's orders side by side, where the ids of all shops are mixed.
    orders = Order.objects.filter(shop=shop, status__in=ON_ITS_WAY).order_by("external_id")
    while not found.is_finished:
        with transaction.atomic():
            numbers = list(orders.filter(external_id__gt=found.after).values_list("external_id", flat=True)[:SLICE])
            found.count += create_enrichment_tasks(shop.pk, numbers, clock.now())
        found.after = numbers[-1] if numbers else found.after
        found.is_finished = len(numbers) < SLICE
        if is_stopping() or clock.monotonic_seconds() >= until:
            break
    return found


def find_recent_orders() -> int:
    """Make the tasks that orders stored of late should have and have not, in case a door forgot; return how many."""
    orders: Any = keep_unnumbered(Order.objects.all()).filter(
        ~Exists(EnrichmentTask.objects.filter(order_id=OuterRef("pk"))),
        synced_at__gte=clock.now() - STORED_OF_LATE,
        status__in=ON_ITS_WAY,
        shop__is_enriched=True,
        shop__marketplace__in=settings.ENRICHMENT_MARKETPLACES,
    )
    numbers: dict[int, list[str]] = {}
    for shop_id, number in orders.values_list("shop_id", "external_id")[:FOUND_AT_MOST]:
        numbers.setdefault(shop_id, []).append(number)
    count = 0
    for shop_id, of_shop in sorted(numbers.items()):
        with transaction.atomic():
            count += create_enrichment_tasks(shop_id, of_shop, clock.now())
    return count
