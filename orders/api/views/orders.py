"""Orders and their history over the API."""

from django.db.models import Prefetch

from backoffice.common.api.views import DetailView
from orders.api.document import describe_history, describe_list, describe_row
from orders.api.examples.orders import ORDER, ORDER_DETAIL
from orders.api.parameters import CHANGED, ORDERED
from orders.api.serializers.orders import OrderDetailSerializer, OrderSerializer
from orders.api.synced import UNUSED, HistoryView, StoredAfterChange, SyncedListView
from orders.models import Order, OrderLine, Package
from orders.queries.filters import OrderFilterSet

UNUSED_OF_ORDERS = (*UNUSED, "other_amounts", "recipient_details")
ORDERS = (
    Order.objects.select_related("handling__assignee")
    .prefetch_related(
        Prefetch("lines", OrderLine.objects.defer("attributes").order_by("id")),
        Prefetch("packages", Package.objects.order_by("id")),
    )
    .defer(*UNUSED_OF_ORDERS)
)


class ApiOrderFilterSet(StoredAfterChange, OrderFilterSet):
    """The filters in words that fit the API's order."""

    since = ("ordered_from", "changed_from")


@describe_list("orders", ORDER, [*ORDERED, *CHANGED])
class OrderList(SyncedListView):
    """The orders that you may see, with lines and packages, in the order in which they were stored here.

    To follow what changes, ask again with `updated_since`: two minutes before the newest `synced_at` you have seen.
    """

    queryset = ORDERS
    serializer_class = OrderSerializer
    filterset_class = ApiOrderFilterSet


@describe_row("order", ORDER_DETAIL, "an order")
class OrderDetail(DetailView):
    """One order by our id, with lines and packages, and where its parcels, returns and money are.

    By the marketplace's number: the list with `external_id`.
    """

    queryset = ORDERS
    serializer_class = OrderDetailSerializer


@describe_history("order", "an order")
class OrderHistory(HistoryView):
    """What changed at the marketplace, when we received it and by which door, newest first.

    Payloads are kept for some months; the newest always is.
    """

    queryset = Order.objects.defer(*UNUSED_OF_ORDERS)
