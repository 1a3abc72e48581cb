"""What a list of parcels can be narrowed by."""

import django_filters
from django.db.models import QuerySet

from backoffice.common.filters import AnyChoiceFilter
from orders.choices import ShipmentStatus
from orders.models import Shipment
from orders.queries.search import ways_to_shipments
from orders.queries.synced_filters import LABELS, SyncedFilterSet, make_unknown_filter


class ShipmentFilterSet(SyncedFilterSet):
    """The filters of a list of parcels by name."""

    labels = {
        **LABELS, "external_id": "Package number", "tracking_number": "Tracking number", "unknown": "Unknown status",
    }  # fmt: skip
    ways = ways_to_shipments

    q = django_filters.CharFilter(
        method="by_text", label="Beginning of a package or tracking number, or a whole order number"
    )
    status = AnyChoiceFilter(choices=ShipmentStatus.choices, label="Status; may be given several times")
    unknown = make_unknown_filter("status")
    order_external_id = django_filters.CharFilter(method="by_order", label="Number of an order in it, exactly")
    tracking_number = django_filters.CharFilter(label="Tracking number, exactly")

    class Meta:
        model = Shipment
        fields: list[str] = []

    def by_order(self, shipments: QuerySet[Shipment], _: str, number: str) -> QuerySet[Shipment]:
        """Narrow to parcels that hold something of an order."""
        return shipments.filter(order_external_ids__contains=[number])
