"""Parcels over the API."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from backoffice.common.api.views import DetailView
from orders.api.examples.history import HISTORY
from orders.api.examples.shipments import SHIPMENT
from orders.api.parameters import CHANGED, STORED
from orders.api.serializers.history import HistoryEntrySerializer
from orders.api.serializers.shipments import ShipmentSerializer
from orders.api.synced import UNUSED, HistoryView, StoredAfterChange, SyncedListView
from orders.models import Shipment
from orders.queries.shipment_filters import ShipmentFilterSet

SHIPMENTS = Shipment.objects.prefetch_related("events").defer(*UNUSED)


class ApiShipmentFilterSet(StoredAfterChange, ShipmentFilterSet):
    """The filters in words that fit the API's order."""


@extend_schema_view(
    get=extend_schema(
        operation_id="list_shipments", summary="List parcels", parameters=[*CHANGED, STORED], examples=[SHIPMENT]
    )
)
class ShipmentList(SyncedListView):
    """The parcels that you may see, with what their carriers said, in the order in which they were stored here."""

    queryset = SHIPMENTS
    serializer_class = ShipmentSerializer
    filterset_class = ApiShipmentFilterSet


@extend_schema_view(get=extend_schema(operation_id="get_shipment", summary="Read a parcel", examples=[SHIPMENT]))
class ShipmentDetail(DetailView):
    """One parcel by our id, with what its carrier said."""

    queryset = SHIPMENTS
    serializer_class = ShipmentSerializer


@extend_schema_view(
    get=extend_schema(
        operation_id="list_shipment_history", summary="List the changes of a parcel", examples=[HISTORY],
        responses=HistoryEntrySerializer(many=True), filters=False,
    )
)  # fmt: skip
class ShipmentHistory(HistoryView):
    """What changed of a parcel at the marketplace, newest first."""

    queryset = Shipment.objects.defer(*UNUSED)
