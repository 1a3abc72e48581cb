"""The list of cases, making them, and acting on one."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales.api.cases.bodies import ActBody, CreateCasesBody, ShipmentBody
from aftersales.api.cases.calls import VIEW, CallView, as_request, find_order, show_case
from aftersales.api.cases.examples import (
    ACTS,
    CASE,
    CASE_DETAIL,
    CREATED,
    KEY_PARAMETERS,
    NONE_CREATED,
    POSSIBLE,
    REQUESTS,
    SHIPMENT,
    TAG,
)
from aftersales.api.cases.previews import CreatedSerializer, NoneCreatedSerializer, RefusedLineSerializer
from aftersales.api.cases.records import CaseDetailSerializer
from aftersales.api.cases.serializers import CaseSerializer, PossibleActionsSerializer
from aftersales.models import Case
from aftersales.queries.case_filters import CaseFilterSet
from aftersales.queries.cases import load_case
from aftersales.queries.cases_shown import list_shown, list_shown_whole
from aftersales.queries.offering import list_offered
from aftersales.services.creating import Created, NoneCreated, create_cases
from aftersales.services.keyed_calls import Answer
from aftersales.states import ANSWERS, Action, CaseOrigin
from backoffice.common.api.errors import error_body
from backoffice.common.api.paging import KeysetPagination
from backoffice.common.api.views import ListView
from backoffice.common.errors import RefusedValue
from backoffice.common.sorting import sort_few
from orders.api.parameters import describe_moment, describe_range
from orders.api.synced import StoredAfterChange

CREATE = (
    "Makes one case for each line of the request and says which lines were refused, and why. Where every line is "
    "refused nothing is made and the answer is 422. Needs the permission aftersales.add_case."
)
ACT = (
    "Takes one of the actions that the list at this address names. Needs the action's own permission, e.g. "
    "aftersales.approve_case. Approving and rejecting a marketplace's case is sent to the marketplace, where the shop "
    "lets that be; the case then shows what the marketplace made of it."
)
SHIP = (
    "Says how the buyer sent the goods back, as the action fill_shipment does. Needs the permission "
    "aftersales.fill_shipment_case."
)
RANGES = [
    *describe_range("created", "Made"), *describe_range("audited", "Reviewed"), *describe_range("completed", "Ended"),
    describe_moment("updated_since", "Changed here at or after, by `updated_at`"),
]  # fmt: skip


class ApiCaseFilterSet(StoredAfterChange, CaseFilterSet):
    """The filters in words that fit the API's order."""

    since = ("created_from", "audited_from", "completed_from")
    stored = "updated_at"


class CasePages(KeysetPagination):
    """By the time of change, so that a caller who comes back goes on where it ended."""

    keys = ("updated_at", "id")

    def arrange(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Sort few; many are read in the order of an index."""
        return sort_few(super().arrange(queryset))


@extend_schema_view(
    get=extend_schema(operation_id="list_cases", summary="List cases", tags=TAG, parameters=RANGES, examples=[CASE]),
    post=extend_schema(
        operation_id="create_cases", summary="Make cases", description=CREATE, tags=TAG, filters=False,
        request=CreateCasesBody, parameters=KEY_PARAMETERS, examples=[CREATED, NONE_CREATED, *REQUESTS],
        responses={
            201: OpenApiResponse(CreatedSerializer, "At least one case was made."),
            422: OpenApiResponse(NoneCreatedSerializer, "No case was made."),
        },
    ),
)  # fmt: skip
class CaseList(CallView, ListView):
    """The cases that you may see, in the order in which they were changed here.

    To follow what changes, ask again with `updated_since`: two minutes before the newest `updated_at` you have seen.
    """

    queryset = list_shown()
    serializer_class = CaseSerializer
    filterset_class = ApiCaseFilterSet
    pagination_class = CasePages

    def post(self, request: Request) -> Response:
        given = self.read_body(CreateCasesBody)
        asked = as_request(find_order(request.user, given), given)
        operator = self.find_operator(given)
        try:
            return self.answer(lambda: _show_created(create_cases(asked, operator, request_id=self.call_key)))
        except NoneCreated as error:
            refused = RefusedLineSerializer(error.refused, many=True).data
            return Response({**error_body(error.code, str(error)), "refused": refused}, status=422)


class ActionsView(CallView):
    """What you may do to a case now, with the fields that each action needs and the state that it leads to."""

    queryset = Case.objects.all()
    serializer_class = PossibleActionsSerializer
    writing_permission = VIEW  # and the action's own, once the body is read

    @extend_schema(
        operation_id="list_case_actions", summary="List what may be done", tags=TAG, examples=[POSSIBLE]
    )  # fmt: skip
    def get(self, request: Request, id: int) -> Response:
        case = self.get_case()
        token: Any = request.auth  # None where somebody is logged in without one
        may_write = token is None or token.may_write
        actions = list_offered(load_case(case), request.user) if may_write else []
        return Response(PossibleActionsSerializer({"state": case.state, "actions": actions}).data)

    @extend_schema(
        operation_id="act_on_case", summary="Act on a case", description=ACT, tags=TAG, request=ActBody,
        parameters=KEY_PARAMETERS, examples=[CASE_DETAIL, *ACTS],
        responses={200: OpenApiResponse(CaseDetailSerializer, "The case as it is now."), 422: None},
    )  # fmt: skip
    def post(self, request: Request, id: int) -> Response:
        case = self.get_case()
        given = self._read_act(case)
        action = Action(given["action"])
        return self.answer(
            lambda: show_case(self.act(case, action, given)),
            stores_on_its_way=case.origin == CaseOrigin.MARKETPLACE and action in ANSWERS,
        )

    def _read_act(self, case: Case) -> dict[str, Any]:
        """Read the body; where the action is none, say which ones the person may take."""
        try:
            return self.read_body(ActBody)
        except RefusedValue as refusal:
            refusal.allowed = [one.move.action for one in list_offered(load_case(case), self.request.user)]
            raise


class ReturnShipmentView(CallView):
    """How the buyer sent the goods back."""

    writing_permission = "aftersales.fill_shipment_case"

    @extend_schema(
        operation_id="submit_return_shipment", summary="Submit the return shipment", description=SHIP, tags=TAG,
        request=ShipmentBody, parameters=KEY_PARAMETERS, examples=[CASE_DETAIL, SHIPMENT],
        responses={200: OpenApiResponse(CaseDetailSerializer, "The case as it is now."), 422: None},
    )  # fmt: skip
    def post(self, request: Request, id: int) -> Response:
        case = self.get_case()
        given = self.read_body(ShipmentBody)
        return self.answer(lambda: show_case(self.act(case, Action.FILL_SHIPMENT, given)))


def _show_created(created: Created) -> Answer:
    cases = list_shown_whole().filter(pk__in=[case.pk for case in created.cases]).order_by("pk")
    return Answer(201, CreatedSerializer({"created": cases, "refused": created.refused}).data)
