"""Keeping cases in step with another system: by its own numbers, by the states it knows, by what it corrects."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales.api.cases.bodies import InformationBody, StatusBody, UpsertCaseBody, read_corrections
from aftersales.api.cases.calls import CHANGE, VIEW, CallView, as_request, find_order, show_case
from aftersales.api.cases.examples import CASE_DETAIL, INFORMATION, KEY_PARAMETERS, STATUS, TAG, UPSERT, UPSERTED
from aftersales.api.cases.records import CaseDetailSerializer
from aftersales.models import Case
from aftersales.queries.actions import find_action_to
from aftersales.queries.cases import load_case
from aftersales.queries.offering import list_offered
from aftersales.services.asking import NotAllowed, Unacceptable
from aftersales.services.creating import NoneCreated
from aftersales.services.informing import change_information
from aftersales.services.keyed_calls import Answer
from aftersales.services.upserting import upsert_case
from aftersales.states import CaseOrigin, CaseState
from backoffice.common.api.permissions import require

UPSERT_CASE = (
    "Makes the case with this number in the order's shop (201), or, where the shop has it, changes the description, "
    "the images and the reason that are given (200). What is claimed stays: another type, order, line, quantity or "
    "amount is refused with 422. Needs the permissions aftersales.add_case and aftersales.change_case."
)
UPDATE_STATUS = (
    "Takes the action that leads from the case's state to this one, with the fields that it needs. A case that is in "
    "the state already stays as it is. Where no action leads there the answer is 409 with what is possible. Needs the "
    "action's own permission."
)
UPDATE_INFORMATION = (
    "Corrects the description, the images or the reason of a case that has not ended, or tells what happened to goods "
    f"on their way back. Needs the permission {CHANGE}."
)
OK = {200: OpenApiResponse(CaseDetailSerializer, "The case as it is now."), 422: None}


class UpsertView(CallView):
    """Cases by another system's numbers."""

    @extend_schema(
        operation_id="upsert_case", summary="Make or correct a case by its number", description=UPSERT_CASE, tags=TAG,
        request=UpsertCaseBody, parameters=KEY_PARAMETERS, examples=[CASE_DETAIL, UPSERTED, UPSERT],
        responses={**OK, 201: OpenApiResponse(CaseDetailSerializer, "It was made.")},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        require(request.user, CHANGE)
        given = self.read_body(UpsertCaseBody)
        asked = as_request(find_order(request.user, given), given)
        operator = self.find_operator(given)

        def carry_out() -> Answer:
            case, is_new = upsert_case(asked, operator, request_id=self.call_key)
            return show_case(case, 201 if is_new else 200)

        try:
            return self.answer(carry_out)
        except NoneCreated as error:
            (refused,) = error.refused
            raise Unacceptable(refused.field, refused.message) from error


class StatusView(CallView):
    """The state that a case has reached elsewhere."""

    writing_permission = VIEW  # and the action's own, once it is found

    @extend_schema(
        operation_id="update_case_status", summary="Take a case to a state", description=UPDATE_STATUS, tags=TAG,
        request=StatusBody, parameters=KEY_PARAMETERS, examples=[CASE_DETAIL, STATUS], responses=OK,
    )  # fmt: skip
    def post(self, request: Request, id: int) -> Response:
        self.get_case()
        given = self.read_body(StatusBody)
        return self.answer(lambda: show_case(self._take(CaseState(given["state"]), given)))

    def _take(self, state: CaseState, given: dict[str, Any]) -> Case:
        case, kind = self.get_case(), self.find_operator(given).kind
        if case.state == state:
            return case
        named = frozenset(name for name, value in given.items() if value not in ("", None))
        is_ours = case.origin == CaseOrigin.INTERNAL
        action = find_action_to(case, state, kind, named) if is_ours else None
        if action is None:
            why = f"nothing takes it from {case.state} to {state} in one step."
            possible = [one.move.action for one in list_offered(load_case(case), self.request.user)]
            raise NotAllowed(
                f"Case {case.number}: {why if is_ours else 'the marketplace decides on its state.'}", possible
            )
        return self.act(case, action, given)


class InformationView(CallView):
    """What is corrected in a case."""

    writing_permission = CHANGE

    @extend_schema(
        operation_id="update_case_information", summary="Correct a case", description=UPDATE_INFORMATION, tags=TAG,
        request=InformationBody, parameters=KEY_PARAMETERS, examples=[CASE_DETAIL, INFORMATION], responses=OK,
    )  # fmt: skip
    def post(self, request: Request, id: int) -> Response:
        case = self.get_case()
        given = self.read_body(InformationBody)
        operator = self.find_operator(given)
        corrected = read_corrections(given)
        return self.answer(
            lambda: show_case(change_information(case.pk, operator, **corrected, request_id=self.call_key))
        )
