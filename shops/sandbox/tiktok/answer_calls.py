"""Takes a seller's answers to returns, refunds and cancellations."""

from collections.abc import Mapping
from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.decisions import Word
from shops.sandbox.listener import Request
from shops.sandbox.service import Call, Service
from shops.sandbox.tiktok.cases import REJECT_REASONS, CaseWriter
from shops.sandbox.tiktok.filters import read_body
from shops.sandbox.tiktok.lists import Row
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.seller import Seller

_HIGHEST_KEY_LENGTH = 255
# What an answer must be about, by where the case stands.
_SUBJECTS = {
    ("refund", "requested"): "REFUND",
    ("return", "requested"): "RETURN",
    ("return", "sent"): "RECEIVED_PACKAGE",
}


class AnswerCalls:
    """The endpoints that approve and reject, of all shops."""

    def __init__(self, service: Service, sellers: list[Seller]) -> None:
        self._service = service
        self._sellers = sellers
        self._writers = [CaseWriter(seller) for seller in sellers]

    def approve(self, request: Request, shop_number: int, call: Call) -> Row:
        """POST /return_refund/202309/returns/{return_id}/approve, and the same for cancellations."""
        return self._answer(request, shop_number, call, "approve")

    def reject(self, request: Request, shop_number: int, call: Call) -> Row:
        """POST /return_refund/202309/returns/{return_id}/reject, and the same for cancellations."""
        return self._answer(request, shop_number, call, "reject")

    def _answer(self, request: Request, shop_number: int, call: Call, word: Word) -> Row:
        _, _, _, what, wanted, _ = request.path.split("/")
        now = self._service.stage.clock.now()
        case = self._writers[shop_number].find(wanted, now)
        if case is None or (case.kind == "cancel") != (what == "cancellations"):
            raise RefusalError("no_case")
        key = request.parameter("idempotency_key") or ""
        if len(key) > _HIGHEST_KEY_LENGTH:
            raise RefusalError("parameter", "idempotency_key is too long.")
        body = read_body(request) if request.body else {}
        cases = self._sellers[shop_number].cases
        if not cases.decisions.is_repeated(key):
            _check(case, word, body)
        if not cases.decide(case, word, now, key):
            raise RefusalError("case_step")
        self._service.ledger.need_once(call.shop, call.endpoint, wanted)
        return {}


def _check(case: Case, word: Word, body: Mapping[str, Any]) -> None:
    """Refuse an answer to another question than the one that waits, and a rejection without a known reason."""
    if case.kind != "cancel":
        subject = _SUBJECTS.get((case.kind, case.event))
        if subject is None or body.get("decision") != f"{word.upper()}_{subject}":
            raise RefusalError("case_step")
    elif case.event != "cancel_requested":
        raise RefusalError("case_step")
    if word == "reject" and body.get("reject_reason") not in dict(REJECT_REASONS):
        raise RefusalError("reject_reason")
