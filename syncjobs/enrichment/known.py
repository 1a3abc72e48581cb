"""Finds the packages of orders that the sync has stored meanwhile, whichever way they came."""

from collections.abc import Sequence

from orders.models import Package, Shipment
from syncjobs.enrichment.asking import count_pieces
from syncjobs.enrichment.verdicts import Found
from syncjobs.models import EnrichmentTask


def find_known(tasks: Sequence[EnrichmentTask]) -> dict[int, list[Found]]:
    """Find by task id the packages that name the order, and those that the order itself named; two queries.

    The tasks are of one shop. Orders without any are missing.
    """
    if not tasks:
        return {}
    by_number = {task.parent_order_sn: task.pk for task in tasks}
    by_order = {task.order_id: task for task in tasks}
    known: dict[int, list[Found]] = {}
    parcels = Shipment.objects.filter(shop=tasks[0].shop_id, order_external_ids__overlap=list(by_number))
    for package_sn, numbers, contents in parcels.values_list("external_id", "order_external_ids", "contents"):
        for number in by_number.keys() & set(numbers):
            known.setdefault(by_number[number], []).append(Found(package_sn, count_pieces(contents, number)))
    packages = Package.objects.filter(order__in=by_order)
    for order_id, package_sn, contents in packages.values_list("order_id", "external_id", "contents"):
        task = by_order[order_id]
        known.setdefault(task.pk, []).append(Found(package_sn, count_pieces(contents, task.parent_order_sn)))
    return known
