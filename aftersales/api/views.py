"""Returns, refunds and cancellations over the API."""

from django.db.models import Prefetch

from aftersales.api.examples import RETURN
from aftersales.api.serializers import ReturnSerializer
from aftersales.models import SyncedReturn, SyncedReturnLine
from aftersales.queries.filters import ReturnFilterSet
from backoffice.common.api.views import DetailView
from orders.api.document import describe_history, describe_list, describe_row
from orders.api.synced import UNUSED, HistoryView, StoredAfterChange, SyncedListView

RETURNS = SyncedReturn.objects.prefetch_related(
    Prefetch("lines", SyncedReturnLine.objects.defer("attributes").order_by("id"))
).defer(*UNUSED)


class ApiReturnFilterSet(StoredAfterChange, ReturnFilterSet):
    """The filters in words that fit the API's order."""


@describe_list("returns", RETURN)
class ReturnList(SyncedListView):
    """The returns, refunds and cancellations that you may see, in the order in which they were stored here."""

    queryset = RETURNS
    serializer_class = ReturnSerializer
    filterset_class = ApiReturnFilterSet


@describe_row("return", RETURN, "a return")
class ReturnDetail(DetailView):
    """One return, refund or cancellation by our id, with its lines."""

    queryset = RETURNS
    serializer_class = ReturnSerializer


@describe_history("return", "a return")
class ReturnHistory(HistoryView):
    """What changed of a return at the marketplace, newest first."""

    queryset = SyncedReturn.objects.defer(*UNUSED)
