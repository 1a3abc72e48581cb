"""Orders and their history over the API."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.common.api.paging import KeysetPagination
from backoffice.common.api.views import PAGE_PARAMETERS, DetailView, ListView
from backoffice.common.filters import DAY
from backoffice.common.sorting import sort_few
from orders.api.examples import HISTORY, ORDER
from orders.api.parameters import MOMENTS
from orders.api.serializers import HistoryEntrySerializer, OrderSerializer
from orders.models import Order, OrderLine, Package
from orders.queries.filters import OrderFilterSet
from orders.queries.payloads import compare_in_turn, find_before, list_payloads

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

    def arrange(self, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Sort few; many are read in the order of an index."""
        return sort_few(super().arrange(queryset))


class ApiOrderFilterSet(OrderFilterSet):
    """The filters in words that fit the API's order."""

    def filter_queryset(self, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Leave out what was stored before it can have happened, which else is read before the first match is met."""
        orders: QuerySet[Order] = super().filter_queryset(queryset)
        since = [self.form.cleaned_data[name] for name in ("ordered_from", "changed_from")]
        bounds = {"synced_at__gte": max(moment - DAY for moment in since if moment)} if any(since) else {}
        return orders.filter(**bounds)


@extend_schema_view(
    get=extend_schema(operation_id="list_orders", summary="List orders", parameters=MOMENTS, examples=[ORDER])
)
class OrderList(ListView):
    """The orders that you may see, with lines and packages, in the order in which they were stored here.

    To follow what changes, ask again with `updated_since`: two minutes before the newest `synced_at` you have seen.
    """

    queryset = ORDERS
    serializer_class = OrderSerializer
    filterset_class = ApiOrderFilterSet
    pagination_class = OrderPages


@extend_schema_view(get=extend_schema(operation_id="get_order", summary="Read an order", examples=[ORDER]))
class OrderDetail(DetailView):
    """One order by our id, with lines and packages. By the marketplace's number: the list with `external_id`."""

    queryset = ORDERS
    serializer_class = OrderSerializer


class HistoryPages(KeysetPagination):
    """Newest first; small pages, as every payload on them is read and compared."""

    keys = ("received_at", "id")
    descending = True
    page_size, largest_page = 20, 50


@extend_schema_view(
    get=extend_schema(
        operation_id="list_order_history", summary="List the changes of an order", examples=[HISTORY],
        responses=HistoryEntrySerializer(many=True), filters=False,
    )
)  # fmt: skip
class OrderHistory(DetailView):
    """What changed at the marketplace, when we received it and by which door, newest first.

    Payloads are kept for some months; the newest always is.
    """

    queryset = Order.objects.defer(*UNUSED)
    serializer_class = HistoryEntrySerializer
    pagination_class = HistoryPages

    def list_parameters(self) -> tuple[str, ...]:
        """List what pages take."""
        return PAGE_PARAMETERS

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        order = self.get_object()
        pages = HistoryPages()
        rows = pages.paginate_queryset(list_payloads(order), request, self)
        entries = compare_in_turn(rows, find_before(order, rows[-1]) if rows else None)
        return pages.get_paginated_response(HistoryEntrySerializer(entries, many=True).data)
