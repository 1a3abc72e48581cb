"""After the storm: every order that came without package number ends with exactly its own packages."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from backoffice.common import clock
from backoffice.management.demo.compare import fetch_truth
from orders.choices import OrderStatus
from orders.models import Shipment
from shops.models import Shop
from syncjobs.models import EnrichmentStatus, EnrichmentTask
from syncjobs.services import retry_tasks
from tests.chaos.aftermath import EXAMPLES, NotHealed
from tests.chaos.marketplace import Marketplace
from tests.chaos.storm import POLL_SECONDS, Storm

SECONDS_BETWEEN_HURRIES = 4
Packages = Mapping[tuple[int, str], set[str]]


def wait_for_packages(storm: Storm, marketplace: Marketplace, frozen: int, seconds: float) -> None:
    """Wait until the packages of all tasks are here; raises NotHealed. Waits are cut short, as hours would pass."""
    truth = read_truth(storm.shops, marketplace, frozen)
    until = clock.monotonic_seconds() + seconds
    hurried_at = float("-inf")
    while wrong := list(find_wrong(truth)):
        storm.pulse(fill=False, sync=False)
        if clock.monotonic_seconds() - hurried_at > SECONDS_BETWEEN_HURRIES:
            hurried_at = clock.monotonic_seconds()
            EnrichmentTask.objects.filter(status=EnrichmentStatus.PENDING).update(next_try_at=clock.now())
            failed = EnrichmentTask.objects.filter(status=EnrichmentStatus.FAILED)
            storm.tally["enrichment tasks a person retried"] += retry_tasks(failed)
        if clock.monotonic_seconds() > until:
            raise NotHealed(f"{len(wrong)} orders lack packages after {seconds:.0f} s: {'; '.join(wrong[:EXAMPLES])}")
        clock.sleep(POLL_SECONDS)


def read_truth(shops: Sequence[Shop], marketplace: Marketplace, frozen: int) -> Packages:
    """Read which packages each order has, by shop and order number."""
    packages: dict[tuple[int, str], set[str]] = defaultdict(set)
    for shop in shops:
        for parcel in fetch_truth(marketplace.url, shop, "shipments", frozen):
            for number in parcel["orders"]:
                packages[shop.pk, number].add(parcel["id"])
    return packages


def find_wrong(truth: Packages) -> Iterator[str]:
    """Name the tasks whose orders have other packages here than there. What is partly sent may lack the rest."""
    here: dict[tuple[int, str], set[str]] = defaultdict(set)
    for shop_id, package_sn, numbers in Shipment.objects.values_list("shop_id", "external_id", "order_external_ids"):
        for number in numbers:
            here[shop_id, number].add(package_sn)
    rows = EnrichmentTask.objects.values_list("shop_id", "parent_order_sn", "status", "package_sns", "order__status")
    for shop_id, number, status, package_sns, order_status in rows:
        there, found = truth.get((shop_id, number), set()), here[shop_id, number]
        is_whole = found == there or (order_status == OrderStatus.PARTIALLY_SHIPPED and found <= there)
        is_told = status != EnrichmentStatus.COMPLETED or set(package_sns) == there
        if not (is_whole and is_told):
            yield f"{number} ({status}) has {sorted(found)}, says {package_sns}, there are {sorted(there)}"
