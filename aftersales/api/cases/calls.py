"""What calls that change something have in common: who acts, which case is meant, and the key of the call."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales.api.cases.bodies import read_inputs
from aftersales.api.cases.records import CaseDetailSerializer
from aftersales.models import Case
from aftersales.queries.cases_shown import list_shown_whole
from aftersales.remote import act
from aftersales.services.asking import Operator, as_buyer, as_staff
from aftersales.services.creating import CaseRequest, LineRequest
from aftersales.services.guards import check_used
from aftersales.services.keyed_calls import Answer, answer_once
from aftersales.states import Action, CaseType, name_permission
from backoffice.common.api.bodies import StrictSerializer
from backoffice.common.api.keys import read_key
from backoffice.common.api.permissions import require
from backoffice.common.api.views import ApiView
from backoffice.common.payloads import dump_payload
from orders.models import Order

VIEW, CHANGE = "aftersales.view_case", "aftersales.change_case"
REPEATED_HEADER = "Idempotency-Replayed"


class CallView(ApiView):
    """An address that takes calls, each of which may bear a key.

    Every answer shows a case, so that each call needs the permission to view cases beside its own.
    """

    queryset: QuerySet[Case] = Case.objects.all()

    def check_permissions(self, request: Request) -> None:
        """Refuse whoever may not act, and whoever may not see what the answer shows."""
        super().check_permissions(request)
        if request.method == "POST":
            require(request.user, VIEW)

    def read_body(self, kind: type[StrictSerializer]) -> dict[str, Any]:
        """Read the body, or refuse it."""
        body = kind(data=self.request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        return given

    def get_case(self) -> Case:
        """Return the case that the address names."""
        case: Case = self.get_row()
        return case

    def find_operator(self, given: Mapping[str, Any]) -> Operator:
        """Return who acts: the person of the token, or a buyer through them."""
        return as_buyer(self.request.user) if given["on_behalf_of_buyer"] else as_staff(self.request.user)

    @property
    def call_key(self) -> str:
        """The key of the call, which is its name in the log; empty where it bears none."""
        return read_key(self.request)

    def act(self, case: Case, action: Action, given: Mapping[str, Any]) -> Case:
        """Take an action on a case, if the person may."""
        person: Any = self.request.user
        require(person, f"{Case._meta.app_label}.{name_permission(action)}")
        operator, inputs = self.find_operator(given), read_inputs(given)
        check_used(case, action, inputs)
        return act(case.pk, action, operator, inputs, person=person, request_id=self.call_key)

    def answer(self, carry_out: Callable[[], Answer], *, stores_on_its_way: bool = False) -> Response:
        """Carry out the call, once if it bears a key. Who calls must have looked at scope and permissions."""
        key = self.call_key
        if not key:
            return _respond(carry_out())
        digest = _digest(self.request)
        return _respond(answer_once(self.request.user, key, digest, carry_out, stores_on_its_way=stores_on_its_way))


def find_order(person: Any, given: Mapping[str, Any]) -> Order:
    """Return the order that a body or an address names."""
    orders = Order.objects.visible_to(person)
    if "order" in given:
        order, name = orders.filter(pk=given["order"]).first(), "order"
    else:
        order = orders.filter(shop=given["shop"], external_id=given["order_external_id"]).first()
        name = "order_external_id"
    if order is None:
        raise ValidationError({name: [f"There is no order {given[name]} that you may see."]})
    return order


def as_request(order: Order, given: Mapping[str, Any]) -> CaseRequest:
    """Read a body as a request for cases of an order."""
    return CaseRequest(
        order=order,
        type=CaseType(given["type"]),
        reason=given["reason"],
        lines=tuple(LineRequest(**line) for line in given["lines"]),
        description=given["description"],
        images=tuple(given["images"]),
        currency=given["currency"],
        number=given.get("number", ""),
    )


def show_case(case: Case, status: int = 200) -> Answer:
    """Show a case as it is now."""
    return Answer(status, CaseDetailSerializer(list_shown_whole().get(pk=case.pk)).data)


def _respond(answer: Answer) -> Response:
    return Response(
        answer.body, status=answer.status, headers={REPEATED_HEADER: "true"} if answer.is_repeated else None
    )


def _digest(request: Request) -> bytes:
    """Tell calls apart by what they ask for; blanks and the order of fields in a body are the same call."""
    parts = [str(request.method).encode(), request.path.encode(), dump_payload(request.data)]
    return sha256(b" ".join(parts)).digest()
