"""Package numbers of one shop, and how far all shops are."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from redis import RedisError
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.common.api.paging import NewestFirst
from backoffice.common.api.views import ApiView, ListView
from backoffice.common.history import note_change
from backoffice.common.plurals import say_count
from backoffice.common.wake_ups import wake_after_commit
from shops.models import Shop
from syncjobs.api.enrichment.examples import ENRICHED, PROGRESS, STATS, TASKS, WISHES
from syncjobs.api.enrichment.filters import EnrichmentTaskFilterSet
from syncjobs.api.enrichment.serializers import (
    EnrichedSerializer,
    EnrichmentProgressSerializer,
    EnrichmentStatsSerializer,
    EnrichmentTaskSerializer,
    EnrichNowSerializer,
)
from syncjobs.intake import QUEUE
from syncjobs.models import EnrichmentTask
from syncjobs.queries import list_found_packages, read_enrichment_progress, read_enrichment_stats
from syncjobs.services import EnrichNow, enrich_now, enrich_shop
from syncjobs.tasks import find_in_background, wake_enrichers

TAG = ["enrichment"]
SECONDS_OF_A_CALL = 5  # for the orders of a whole shop: about 50,000; the rest goes on in the background
SHOP_ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="Our id of the shop")
ENRICH_NOW = (
    "Asks for the package numbers of these orders before all others. Asking twice is the same as asking once. Needs a "
    "token that may write, and the permission syncjobs.add_enrichmenttask."
)


class OfOneShop(ApiView):
    """An address of one shop; one that may not be seen is as if it were not there."""

    queryset = EnrichmentTask.objects.all()

    def find_shop(self) -> Shop:
        """Return the shop that the address names."""
        shop: Shop = self.get_row(Shop.objects.visible_to(self.request.user))
        return shop


class EnrichmentProgressView(OfOneShop):
    """How far the asking for the shop's package numbers is, what it waits for, and how the shop's syncs stand."""

    serializer_class = EnrichmentProgressSerializer

    @extend_schema(
        operation_id="get_enrichment_progress", summary="Read a shop's progress", tags=TAG, parameters=[SHOP_ID],
        examples=[PROGRESS],
    )  # fmt: skip
    def get(self, request: Request, id: int) -> Response:
        shop = self.find_shop()
        shown = {"shop": shop, "progress": read_enrichment_progress(shop), "queue_length": _read_queue_length()}
        return Response(EnrichmentProgressSerializer(shown).data)


class EnrichNowView(OfOneShop):
    """Asking at once."""

    @extend_schema(
        operation_id="enrich_details", summary="Ask for package numbers", description=ENRICH_NOW, tags=TAG,
        parameters=[SHOP_ID], request=EnrichNowSerializer,
        responses={202: OpenApiResponse(EnrichedSerializer, "They are asked for.")}, examples=[ENRICHED, *WISHES],
    )  # fmt: skip
    def post(self, request: Request, id: int) -> Response:
        shop = self.find_shop()
        body = EnrichNowSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        numbers = body.validated_data.get("order_sns")
        if numbers is None:
            wish, is_finished = self._ask_for_all(shop)
        else:
            wish, is_finished = self._ask_for(shop, numbers), True
        if wish.created or wish.hurried:
            wake_after_commit(wake_enrichers)
        return Response(EnrichedSerializer({**vars(wish), "is_finished": is_finished}).data, status=202)

    @transaction.atomic
    def _ask_for(self, shop: Shop, numbers: Sequence[str]) -> EnrichNow:
        wish = enrich_now(shop, numbers)
        self._note(shop, say_count(len(numbers), "order"))
        return wish

    def _ask_for_all(self, shop: Shop) -> tuple[EnrichNow, bool]:
        """Begin with a shop's orders, slice by slice; say whether that was all."""
        found = enrich_shop(shop, seconds=SECONDS_OF_A_CALL)
        self._note(shop, "all orders")
        if not found.is_finished:  # where nobody hears of it, who asks again goes on from there
            wake_after_commit(lambda: find_in_background(shop.pk, found.after))
        return EnrichNow(created=found.count), found.is_finished

    def _note(self, shop: Shop, what: str) -> None:
        note_change(self.request.user, shop, f"Asked for the package numbers of {what} over the API.")


class EnrichmentTaskList(OfOneShop, ListView):
    """The tasks of the shop with the packages that were found, newest first."""

    serializer_class = EnrichmentTaskSerializer
    filterset_class = EnrichmentTaskFilterSet
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Any]:
        """Narrow to the shop."""
        return super().get_queryset().filter(shop=self.find_shop())

    def paginate_queryset(self, queryset: Any) -> Any:
        """Read a page, and the packages of its orders in two queries more."""
        tasks: list[Any] = list(super().paginate_queryset(queryset) or [])
        packages = list_found_packages(tasks)
        for task in tasks:
            task.packages = packages[task.pk]
        return tasks

    @extend_schema(
        operation_id="list_enrichment_tasks", summary="List a shop's tasks", tags=TAG, parameters=[SHOP_ID],
        examples=[TASKS],
    )  # fmt: skip
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class EnrichmentStatsView(ApiView):
    """How many tasks there are of the shops that you may see. As quick for a million of them as for one."""

    queryset = EnrichmentTask.objects.all()
    serializer_class = EnrichmentStatsSerializer

    @extend_schema(
        operation_id="get_enrichment_stats", summary="Count tasks", tags=TAG, examples=[STATS],
        responses=EnrichmentStatsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        stats = read_enrichment_stats(request.user)
        shops = [
            {"shop_id": shop_id, "total": counts.total(), "by_status": counts}
            for shop_id, counts in sorted(stats.by_shop.items())
        ]
        shown = {"total": stats.total, "by_status": stats.by_status, "shops": shops}
        return Response(EnrichmentStatsSerializer(shown).data)


def _read_queue_length() -> int | None:
    try:
        return QUEUE.count()
    except RedisError:
        return None
