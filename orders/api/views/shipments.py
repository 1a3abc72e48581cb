"""Parcels over the API."""

from backoffice.common.api.views import DetailView
from orders.api.document import describe_history, describe_list, describe_row
from orders.api.examples.shipments import SHIPMENT
from orders.api.serializers.shipments import ShipmentSerializer
from orders.api.synced import UNUSED, HistoryView, StoredAfterChange, SyncedListView
from orders.models import Shipment
from orders.queries.shipment_filters import ShipmentFilterSet

SHIPMENTS = Shipment.objects.prefetch_related("events").defer(*UNUSED)


class ApiShipmentFilterSet(StoredAfterChange, ShipmentFilterSet):
    """The filters in words that fit the API's order."""


@describe_list("shipments", SHIPMENT, words="parcels")
class ShipmentList(SyncedListView):
    """The parcels that you may see, with what their carriers said, in the order in which they were stored here."""

    queryset = SHIPMENTS
    serializer_class = ShipmentSerializer
    filterset_class = ApiShipmentFilterSet


@describe_row("shipment", SHIPMENT, "a parcel")
class ShipmentDetail(DetailView):
    """One parcel by our id, with what its carrier said."""

    queryset = SHIPMENTS
    serializer_class = ShipmentSerializer


@describe_history("shipment", "a parcel")
class ShipmentHistory(HistoryView):
    """What changed of a parcel at the marketplace, newest first."""

    queryset = Shipment.objects.defer(*UNUSED)
