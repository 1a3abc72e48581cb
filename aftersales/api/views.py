"""Returns, refunds and cancellations over the API."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_view

from aftersales.api.examples import RETURN
from aftersales.api.serializers import ReturnSerializer
from aftersales.models import SyncedReturn, SyncedReturnLine
from aftersales.queries.filters import ReturnFilterSet
from backoffice.common.api.views import DetailView
from orders.api.examples.history import HISTORY
from orders.api.parameters import CHANGED, STORED
from orders.api.serializers.history import HistoryEntrySerializer
from orders.api.synced import UNUSED, HistoryView, StoredAfterChange, SyncedListView

RETURNS = SyncedReturn.objects.prefetch_related(
    Prefetch("lines", SyncedReturnLine.objects.defer("attributes").order_by("id"))
).defer(*UNUSED)


class ApiReturnFilterSet(StoredAfterChange, ReturnFilterSet):
    """The filters in words that fit the API's order."""


@extend_schema_view(
    get=extend_schema(
        operation_id="list_returns", summary="List returns", parameters=[*CHANGED, STORED], examples=[RETURN]
    )
)
class ReturnList(SyncedListView):
    """The returns, refunds and cancellations that you may see, in the order in which they were stored here."""

    queryset = RETURNS
    serializer_class = ReturnSerializer
    filterset_class = ApiReturnFilterSet


@extend_schema_view(get=extend_schema(operation_id="get_return", summary="Read a return", examples=[RETURN]))
class ReturnDetail(DetailView):
    """One return, refund or cancellation by our id, with its lines."""

    queryset = RETURNS
    serializer_class = ReturnSerializer


@extend_schema_view(
    get=extend_schema(
        operation_id="list_return_history", summary="List the changes of a return", examples=[HISTORY],
        responses=HistoryEntrySerializer(many=True), filters=False,
    )
)  # fmt: skip
class ReturnHistory(HistoryView):
    """What changed of a return at the marketplace, newest first."""

    queryset = SyncedReturn.objects.defer(*UNUSED)
