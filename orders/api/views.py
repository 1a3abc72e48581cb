"""Orders over the API."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_view

from backoffice.common.api.paging import KeysetPagination
from backoffice.common.api.views import DetailView, ListView
from orders.api.examples import ORDER
from orders.api.parameters import MOMENTS
from orders.api.serializers import OrderSerializer
from orders.models import Order, OrderLine, Package
from orders.queries.filters import OrderFilterSet

# Columns that no answer holds; two of them can be large.
UNUSED = ("other_amounts", "attributes", "recipient_details", "validation_errors", "payload_hash")
ORDERS = (
    Order.objects.select_related("handling__assignee")
    .prefetch_related(
        Prefetch("lines", OrderLine.objects.defer("attributes").order_by("id")),
        Prefetch("packages", Package.objects.order_by("id")),
    )
    .defer(*UNUSED)
)


class OrderPages(KeysetPagination):
    """By the time of storing, so that a caller who comes back goes on where it ended."""

    keys = ("synced_at", "id")


@extend_schema_view(
    get=extend_schema(operation_id="list_orders", summary="List orders", parameters=MOMENTS, examples=[ORDER])
)
class OrderList(ListView):
    """The orders that you may see, with lines and packages, in the order in which they were stored here.

    To follow what changes, ask again with `updated_since`: two minutes before the newest `synced_at` you have seen.
    """

    queryset = ORDERS
    serializer_class = OrderSerializer
    filterset_class = OrderFilterSet
    pagination_class = OrderPages


@extend_schema_view(get=extend_schema(operation_id="get_order", summary="Read an order", examples=[ORDER]))
class OrderDetail(DetailView):
    """One order by our id, with lines and packages. By the marketplace's number: the list with `external_id`."""

    queryset = ORDERS
    serializer_class = OrderSerializer
