"""Asking a marketplace once more: what it says of a case, and an answer whose reply was lost."""

from collections.abc import Callable

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import remote
from aftersales.api.cases.calls import CHANGE, CallView, show_case
from aftersales.api.cases.examples import CASE_TOLD, KEY_PARAMETERS, TAG
from aftersales.api.cases.records import CaseDetailSerializer
from aftersales.models import Case
from aftersales.services.asking import as_staff
from aftersales.states import Action, name_permission
from backoffice.common.api.bodies import StrictSerializer
from backoffice.common.api.permissions import require

READ_AGAIN = (
    "Asks the marketplace for its case, stores what it says and shows it; an answer that was in doubt is ended where "
    "that tells how it went. The call takes no fields. A case that was made here is refused with 409; where the "
    f"marketplace does not tell it the answer is 409 `not_read`. Needs the permission {CHANGE}."
)
SEND_AGAIN = (
    "Sends the answer that is in doubt once more, under its old key at the marketplace, a day after it was sent. The "
    "case is read before: what has moved on since is not answered again. The call takes no fields. Needs the "
    f"permissions {CHANGE} and the one of the answer, e.g. aftersales.approve_case."
)
OK = {200: OpenApiResponse(CaseDetailSerializer, "The case as it is now."), 422: None}


class AgainView(CallView):
    """A call about one case that takes no fields."""

    writing_permission = CHANGE

    def ask(self, carry_out: Callable[[Case], Case]) -> Response:
        """Ask the marketplace, and show the case as it is then."""
        case = self.get_case()
        self.read_body(StrictSerializer)
        return self.answer(lambda: show_case(carry_out(case)), stores_on_its_way=True)


class ReadAgainView(AgainView):
    """A marketplace's case as the marketplace tells it now."""

    @extend_schema(
        operation_id="read_case_again", summary="Read a case from its marketplace", description=READ_AGAIN, tags=TAG,
        request=None, parameters=KEY_PARAMETERS, examples=[CASE_TOLD], responses=OK,
    )  # fmt: skip
    def post(self, request: Request, id: int) -> Response:
        return self.ask(lambda case: remote.read_one_again(case.pk))


class SendAgainView(AgainView):
    """The answer to the marketplace whose reply was lost."""

    @extend_schema(
        operation_id="send_answer_again", summary="Send the answer in doubt again", description=SEND_AGAIN, tags=TAG,
        request=None, parameters=KEY_PARAMETERS, examples=[CASE_TOLD], responses=OK,
    )  # fmt: skip
    def post(self, request: Request, id: int) -> Response:
        return self.ask(self._send)

    def _send(self, case: Case) -> Case:
        person, answer = self.request.user, remote.get_in_doubt(case)
        require(person, f"{Case._meta.app_label}.{name_permission(Action(answer.decision))}")
        return remote.send_again(answer.pk, as_staff(person), person=person, request_id=self.call_key)
