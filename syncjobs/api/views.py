"""Runs over the API: how they go, and starting one."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.common.api.keys import read_key
from backoffice.common.api.paging import NewestFirst
from backoffice.common.api.views import DetailView, ListView
from backoffice.common.wake_ups import wake_after_commit
from shops.marketplaces.records import Resource
from shops.models import Shop
from syncjobs.api.examples import KEY_PARAMETER, LOCATION, REQUESTS, RUN, RUN_DETAIL
from syncjobs.api.filters import RunFilterSet
from syncjobs.api.serializers import RunDetailSerializer, RunSerializer, StartRunSerializer
from syncjobs.models import Run, RunEvent, RunState, Trigger
from syncjobs.queries import NO_CHUNKS, read_progress
from syncjobs.services import request_run
from syncjobs.tasks import wake_workers

START_RUN = (
    "Reads orders, or another resource, of one shop anew, in the background: follow the run at its address. An open "
    "run that reads the same is given instead of a second one. Needs a token that may write, and the permission "
    "syncjobs.add_run."
)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_runs", summary="List runs", description="Runs of the shops you may see, newest first.",
        examples=[RUN],
    ),
    post=extend_schema(
        operation_id="start_run", summary="Start a run", description=START_RUN,
        request=StartRunSerializer, filters=False, parameters=[KEY_PARAMETER, LOCATION], responses={
            201: OpenApiResponse(RunSerializer, "Started."),
            200: OpenApiResponse(RunSerializer, "There was one: an open run that reads the same, or the key's."),
        }, examples=[RUN, *REQUESTS],
    ),
)  # fmt: skip
class RunList(ListView):
    """Runs, and starting one."""

    queryset = Run.objects.all()
    serializer_class = RunSerializer
    filterset_class = RunFilterSet
    pagination_class = NewestFirst

    def paginate_queryset(self, queryset: Any) -> Any:
        """Read a page, and the progress of its runs in one query more."""
        return _with_progress(super().paginate_queryset(queryset) or [])

    def post(self, request: Request) -> Response:
        body = StartRunSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        run, is_new = request_run(
            self._find_shop(asked["shop"]),
            kind=asked["kind"],
            resource=asked.get("resource", Resource.ORDERS),
            trigger=Trigger.API,
            hours=asked.get("hours", 24),
            status_filter=asked.get("status", ""),
            key=_name_key(request),
        )
        if is_new:  # a broker that is down must not fail the call: the row stands, and the sweep finds it
            wake_after_commit(lambda: wake_workers([run.pk]))
        address = reverse("api-run", args=[run.pk])
        shown = RunSerializer(_with_progress([run])[0]).data
        return Response(shown, status=201 if is_new else 200, headers={"Location": address})

    def _find_shop(self, shop_id: int) -> Shop:
        shop = Shop.objects.visible_to(self.request.user).filter(pk=shop_id).first()
        if shop is None:
            raise ValidationError({"shop": [f"There is no shop {shop_id} that you may see."]})
        return shop


@extend_schema_view(get=extend_schema(operation_id="get_run", summary="Read a run", examples=[RUN_DETAIL]))
class RunDetail(DetailView):
    """One run."""

    queryset = Run.objects.prefetch_related("chunks", Prefetch("events", RunEvent.objects.order_by("-pk")))
    serializer_class = RunDetailSerializer

    def get_object(self) -> Any:
        return _with_progress([super().get_object()])[0]


def _with_progress(runs: Iterable[Run]) -> list[Any]:
    """Give each run its progress, and an open one what its chunks have read so far."""
    shown: list[Any] = list(runs)
    progress = read_progress(shown)
    for run in shown:
        run.progress = progress.get(run.pk, NO_CHUNKS)
        if run.state == RunState.OPEN:
            vars(run).update(run.progress.counts)
    return shown


def _name_key(request: Request) -> str | None:
    key = read_key(request)
    return f"api:{request.user.pk}:{key}" if key else None
