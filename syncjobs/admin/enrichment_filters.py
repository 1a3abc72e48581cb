"""What the list of enrichment tasks can be narrowed by, at any size, and what an export of it holds."""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.common.admin.filters import FilterField, SelectSeveral
from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter
from backoffice.common.lists.exporters import Column
from orders.models import Shipment
from orders.queries.exporting import SHOP, FilteredList, choice, make_exporter, moment, text
from orders.queries.search import FOUND_AT_MOST, find_beginnings, search_rows
from orders.queries.synced_filters import LABELS, ScopedFilterSet
from shops.queries import list_shops_to_choose
from syncjobs.admin.filters import SHOP_FIELD
from syncjobs.models import EnrichmentPriority, EnrichmentStatus, EnrichmentTask

NEWEST_FIRST = ("-id",)


class EnrichmentTaskFilterSet(ScopedFilterSet):
    """The filters of enrichment tasks. Causes and priorities are indexed where they matter, and looked for there."""

    labels: ClassVar = {**LABELS, "cause": "Cause of failed ones", "priority": "Priority of waiting ones"}

    q = django_filters.CharFilter(method="by_text", label="Order number or package number")
    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop")
    status = AnyChoiceFilter(choices=EnrichmentStatus.choices, label="Status")
    cause = django_filters.CharFilter(method="by_cause", label="Cause")
    priority = AnyChoiceFilter(choices=EnrichmentPriority.choices, method="by_priority", label="Priority")

    class Meta:
        model = EnrichmentTask
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Any], _: str, text: str) -> QuerySet[Any]:
        """Find by the beginning of an order's number, or of the number of a package that was found."""
        viewer: Any = getattr(self.request, "user", None)
        return search_rows(rows, text, partial(_ways_to_tasks, Shipment.objects.visible_to(viewer)))

    def by_cause(self, rows: QuerySet[Any], _: str, cause: str) -> QuerySet[Any]:
        """Narrow to what failed for this cause."""
        return rows.filter(status=EnrichmentStatus.FAILED, cause=cause)

    def by_priority(self, rows: QuerySet[Any], _: str, chosen: list[str]) -> QuerySet[Any]:
        """Narrow to what waits with one of these priorities: of anything else it says nothing any more."""
        return rows.filter(status=EnrichmentStatus.PENDING, priority__in=chosen)


def _ways_to_tasks(shipments: QuerySet[Shipment], tasks: QuerySet[Any], text: str) -> Iterable[Iterable[int]]:
    yield find_beginnings(tasks, "order__external_id", text)
    named = shipments.filter(external_id__startswith=text).values_list("shop_id", "order_external_ids")[:FOUND_AT_MOST]
    wanted = {(shop_id, number) for shop_id, numbers in named for number in numbers}
    of_orders = tasks.filter(order__external_id__in={number for _, number in wanted}) if wanted else tasks.none()
    found = of_orders.values_list("pk", "shop_id", "parent_order_sn")
    yield [pk for pk, shop_id, number in found if (shop_id, number) in wanted]


FIELDS = (
    FilterField("status", "Status", SelectSeveral()),
    SHOP_FIELD,
    FilterField("priority", EnrichmentTaskFilterSet.labels["priority"], SelectSeveral()),
    FilterField("cause", EnrichmentTaskFilterSet.labels["cause"], UnfoldAdminTextInputWidget()),
)
READ = (
    "parent_order_sn", "status", "package_sns", "error_message", "retry_count", "max_retries", "looks", "priority",
    "deadline_at", "next_try_at", "created_at", "finished_at", "shop__name", "shop__marketplace",
)  # fmt: skip
EXPORTER = make_exporter(
    FilteredList(EnrichmentTaskFilterSet, READ, make_order=lambda filters: NEWEST_FIRST),
    "Package numbers",
    {
        "order": text("Order number", "parent_order_sn"),
        **SHOP,
        "status": choice("Status", "status"),
        "packages": Column("Package numbers", lambda task: ", ".join(task.package_sns)),
        "reason": text("Reason", "error_message"),
        "retry_count": text("Errors in a row", "retry_count"),
        "max_retries": text("Errors at most", "max_retries"),
        "looks": text("Answers without a number", "looks"),
        "priority": choice("Priority", "priority"),
        "deadline_at": moment("Order is due", "deadline_at"),
        "next_try": moment("Next try", "next_try_at"),
        "created_at": moment("Asked for since", "created_at"),
        "finished_at": moment("Ended", "finished_at"),
    },
)
