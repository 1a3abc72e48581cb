"""Reading cases: one with its records, its log, what could be asked for of an order, and who carries goods."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales.api.cases.bodies import OrderQuery
from aftersales.api.cases.calls import find_order
from aftersales.api.cases.examples import CARRIER, CASE_DETAIL, LOG, PREVIEW, TAG
from aftersales.api.cases.previews import PreviewSerializer
from aftersales.api.cases.records import CarrierSerializer, CaseDetailSerializer
from aftersales.api.cases.serializers import CaseLogSerializer
from aftersales.models import Carrier, Case, CaseLog
from aftersales.queries.cases_shown import list_shown_whole
from aftersales.services.creating import preview_order
from backoffice.common.api.paging import KeysetPagination
from backoffice.common.api.views import PAGE_PARAMETERS, ApiView, DetailView, ListView
from backoffice.common.filters import TruthFilter
from orders.models import Order

NAMES = ("order", "shop", "order_external_id")


@extend_schema_view(
    get=extend_schema(operation_id="get_case", summary="Read a case", tags=TAG, examples=[CASE_DETAIL])
)  # fmt: skip
class CaseDetail(DetailView):
    """One case by our id, with its lines, its records and both deadlines. By its number: the list with `number`."""

    queryset = list_shown_whole()
    serializer_class = CaseDetailSerializer


@extend_schema_view(
    get=extend_schema(
        operation_id="list_case_log", summary="List what was done to a case", tags=TAG, filters=False, examples=[LOG],
        responses=CaseLogSerializer(many=True),
    )
)  # fmt: skip
class CaseLogList(DetailView):
    """What was done to the case, by whom and with which change, the oldest first."""

    queryset = Case.objects.all()
    serializer_class = CaseLogSerializer
    pagination_class = KeysetPagination

    def list_parameters(self) -> tuple[str, ...]:
        """List what pages take."""
        return PAGE_PARAMETERS

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        pages = KeysetPagination()
        rows = pages.paginate_queryset(CaseLog.objects.filter(case=self.get_object()), request, self)
        return pages.get_paginated_response(CaseLogSerializer(rows, many=True).data)


class PreviewView(ApiView):
    """What is left to claim of each line of an order, what could be refunded, and which types of case can be made.

    Needs the permission orders.view_order.
    """

    queryset = Order.objects.all()
    serializer_class = PreviewSerializer

    def list_parameters(self) -> tuple[str, ...]:
        """List the ways to name an order."""
        return NAMES

    @extend_schema(
        operation_id="preview_order", summary="Preview what can be refunded", tags=TAG, examples=[PREVIEW],
        parameters=[
            OpenApiParameter("order", {"type": "integer", "minimum": 1}, description="Our id of the order"),
            OpenApiParameter("shop", {"type": "integer", "minimum": 1}, description="Our id of the shop"),
            OpenApiParameter("order_external_id", str, description="With `shop`: the marketplace's number"),
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        named = OrderQuery(data=request.query_params.dict())
        named.is_valid(raise_exception=True)
        order = find_order(request.user, named.validated_data)
        return Response(PreviewSerializer({"order": order, "lines": preview_order(order)}).data)


class CarrierFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of a list of carriers by name."""

    code = django_filters.CharFilter(label="Code, exactly")
    is_active = TruthFilter(label="Whether calls may name it")

    class Meta:
        model = Carrier
        fields: list[str] = []


class CarrierPages(KeysetPagination):
    """As they are offered to people."""

    keys = ("position", "id")


@extend_schema_view(
    get=extend_schema(operation_id="list_carriers", summary="List carriers", tags=TAG, examples=[CARRIER])
)
class CarrierList(ListView):
    """Who carries goods back and replacements out; the same ones for all shops."""

    queryset = Carrier.objects.all()
    serializer_class = CarrierSerializer
    filterset_class = CarrierFilterSet
    pagination_class = CarrierPages

    def get_queryset(self) -> QuerySet[Any]:
        """List all: they belong to no shop."""
        return Carrier.objects.all()
