"""How far the asking for package numbers is: in all, of a shop, what failed and why, and what a task waits for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Sum

from backoffice.common import clock
from backoffice.common.models import Viewer
from orders.models import Order, Package, Shipment
from shops.choices import ShopState
from shops.models import Shop
from syncjobs.models import EnrichmentStatus, EnrichmentTally, EnrichmentTask

GROUPS_AT_MOST = 200
FAILED_AT_MOST = 100_000  # the newest, which are grouped by cause: about a third of a second
WAITING_AT_MOST = 5_000  # the newest, as many as show what is wrong
REASONS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class EnrichmentStats:
    """How many tasks there are, by status and by shop; statuses and shops without any are missing."""

    by_status: Counter[str] = field(default_factory=Counter)
    by_shop: dict[int, Counter[str]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All tasks."""
        return self.by_status.total()


@dataclass(frozen=True, slots=True)
class EnrichmentProgress:
    """How far a shop is. `waiting_since` is when the oldest task was made that waits; `blocked` is why all of them do.

    `percent` is the share of tasks that have all their numbers, of those that nobody cancelled; None where there are
    none.
    """

    by_status: Counter[str]
    waiting_since: datetime | None
    last_finished_at: datetime | None
    blocked: str

    @property
    def total(self) -> int:
        """All tasks."""
        return self.by_status.total()

    @property
    def percent(self) -> int | None:
        """The share of those with a number."""
        wanted = self.total - self.by_status[EnrichmentStatus.CANCELLED]
        return self.by_status[EnrichmentStatus.COMPLETED] * 100 // wanted if wanted else None


@dataclass(frozen=True, slots=True)
class EnrichmentErrors:
    """Failed tasks of one cause, how many of how many shops, and when the newest of them failed."""

    cause: str
    count: int
    shop_count: int
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a task waits; `until` is when it is asked for again, None where that is up to somebody."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundPackage:
    """A package of an order, with the order's lines that are in it: [{"line": .., "quantity": n}, ...]."""

    package_sn: str
    carrier_name: str
    tracking_number: str
    status: str
    lines: list[dict[str, Any]]


def read_enrichment_stats(viewer: Viewer) -> EnrichmentStats:
    """Count the tasks of the shops that the viewer may see; as quick for a million of them as for one."""
    tallies: Any = EnrichmentTally.objects.visible_to(viewer).order_by().values_list("shop_id", "status")
    stats = EnrichmentStats()
    for shop_id, status, count in tallies.annotate(sum=Sum("count")):
        if count:
            stats.by_status[status] += count
            stats.by_shop.setdefault(shop_id, Counter())[status] = count
    return stats


def read_enrichment_progress(shop: Shop) -> EnrichmentProgress:
    """Return how far a shop is; three small queries, however many tasks it has."""
    counted: Any = EnrichmentTally.objects.filter(shop=shop).order_by().values_list("status")
    tasks = EnrichmentTask.objects.filter(shop=shop)
    waiting = tasks.filter(status=EnrichmentStatus.PENDING).order_by("id")  # ids rise with the time of making
    finished = tasks.filter(finished_at__isnull=False).order_by("-finished_at")
    return EnrichmentProgress(
        by_status=+Counter(dict(counted.annotate(sum=Sum("count")))),
        waiting_since=waiting.values_list("created_at", flat=True).first(),
        last_finished_at=finished.values_list("finished_at", flat=True).first(),
        blocked=say_why_not_asked(shop),
    )


def list_enrichment_errors(viewer: Viewer) -> list[EnrichmentErrors]:
    """Group the failed tasks that the viewer may see by cause, the largest group first; of very many the newest."""
    failed = EnrichmentTask.objects.visible_to(viewer).filter(status=EnrichmentStatus.FAILED)
    newest = failed.order_by("-id").values("pk")[:FAILED_AT_MOST]
    rows: Any = EnrichmentTask.objects.filter(pk__in=newest).order_by().values("cause")
    groups = rows.annotate(count=Count("pk"), shop_count=Count("shop", distinct=True), newest_at=Max("finished_at"))
    return [EnrichmentErrors(**row) for row in groups.order_by("-count", "cause")[:GROUPS_AT_MOST]]


def list_waiting_reasons(shop: Shop) -> list[tuple[str, int]]:
    """Group the newest waiting tasks of a shop by cause: (cause, how many); "" of those that were not asked for yet."""
    waiting = EnrichmentTask.objects.filter(shop=shop, status=EnrichmentStatus.PENDING).order_by("-id")
    rows: Any = EnrichmentTask.objects.filter(pk__in=waiting.values("pk")[:WAITING_AT_MOST]).order_by()
    return list(rows.values_list("cause").annotate(count=Count("pk")).order_by("-count", "cause")[:REASONS_AT_MOST])


def keep_unnumbered(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Keep the orders of which no package is here, neither named by the order nor naming it."""
    naming = Shipment.objects.filter(
        shop_id=OuterRef("shop_id"), order_external_ids__contains=[OuterRef("external_id")]
    )
    return orders.filter(~Exists(Package.objects.filter(order_id=OuterRef("pk"))), ~Exists(naming))


def say_why_not_asked(shop: Shop) -> str:
    """Say why the orders of a shop are not asked for package numbers, and what to do; empty where they are."""
    if shop.state != ShopState.ACTIVE:
        return f"{shop} {shop.state_in_words}, so it is not asked for package numbers. {shop.state_reason}".strip()
    if shop.marketplace not in settings.ENRICHMENT_MARKETPLACES:
        return (
            f"Package numbers are not asked for at {shop.get_marketplace_display()}: "
            "the setting ENRICHMENT_MARKETPLACES leaves it out."
        )
    return "" if shop.is_enriched else f"{shop} does not ask for package numbers. Switch that on at the shop first."


def list_asked_shops() -> QuerySet[Shop]:
    """List the shops whose orders are asked for package numbers: on the schedule, and both switches on."""
    return Shop.objects.filter(
        state=ShopState.ACTIVE, is_enriched=True, marketplace__in=settings.ENRICHMENT_MARKETPLACES
    )


def explain_wait(task: EnrichmentTask) -> Wait | None:
    """Say what a pending task waits for; None where it does not wait."""
    if task.status != EnrichmentStatus.PENDING:
        return None
    if blocked := say_why_not_asked(task.shop):
        return Wait(blocked)
    if task.next_try_at > clock.now():
        return Wait(task.error_message or "Somebody else works on this order.", task.next_try_at)
    return Wait("It is due, and waits for a worker and for the marketplace's limit of calls.")


def list_found_packages(tasks: Sequence[EnrichmentTask]) -> dict[int, list[FoundPackage]]:
    """Return by task id the packages that are here of each task's order, by number; two queries. All are of one shop.

    Parcels say most; packages that only the order itself names follow where no parcel has their number.
    """
    if not tasks:
        return {}
    by_number = {task.parent_order_sn: task.pk for task in tasks}
    by_order = {task.order_id: task.pk for task in tasks}
    found: dict[int, dict[str, FoundPackage]] = {task.pk: {} for task in tasks}
    parcels = Shipment.objects.filter(shop=tasks[0].shop_id, order_external_ids__overlap=list(by_number))
    for parcel in parcels.defer("attributes", "validation_errors", "payload_hash"):
        for number in by_number.keys() & set(parcel.order_external_ids):
            # Where a line does not say whose it is, the parcel must be of this order alone.
            is_alone = len(parcel.order_external_ids) == 1
            lines = [part for part in parcel.contents if (part.get("order") or (is_alone and number)) == number]
            found[by_number[number]][parcel.external_id] = _describe(parcel, parcel.status, lines)
    for package in Package.objects.filter(order__in=by_order):
        found[by_order[package.order_id]].setdefault(
            package.external_id, _describe(package, package.raw_status, package.contents)
        )
    return {task_id: [packages[number] for number in sorted(packages)] for task_id, packages in found.items()}


def _describe(package: Shipment | Package, status: str, contents: list[dict[str, Any]]) -> FoundPackage:
    lines = [{"line": one.get("line", ""), "quantity": one.get("quantity")} for one in contents]
    return FoundPackage(package.external_id, package.carrier_name, package.tracking_number, status, lines)
