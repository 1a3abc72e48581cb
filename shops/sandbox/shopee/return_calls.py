"""Answers the return list and the return detail."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from shops.sandbox.aftersales import Case
from shops.sandbox.calls import Ledger
from shops.sandbox.decisions import Word
from shops.sandbox.listener import Request
from shops.sandbox.marketplace import Stage
from shops.sandbox.sessions import Draw
from shops.sandbox.shopee.faulty import spoil
from shops.sandbox.shopee.pages import numbered_page
from shops.sandbox.shopee.parameters import Window, body_of, invalid, one_word, short_window, whole
from shops.sandbox.shopee.replies import RefusalError
from shops.sandbox.shopee.returns import STATUSES, ReturnWriter
from shops.sandbox.shopee.shop import Shop
from shops.sandbox.shopee.switches import Switches

HIGHEST_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 40
_NEGOTIATIONS = ("PENDING_RESPOND", "ONGOING", "TERMINATED")
_HIGHEST_PAGE = 1_000_000


class _DisputeReason(NamedTuple):
    """What a dispute that gives this reason has to tell, and whether it has to show images."""

    requirement: str
    wants_images: bool


_DISPUTE_REASONS = {
    50: _DisputeReason("Show how the parcel was opened.", True),
    51: _DisputeReason("Tell which parcel has not come back.", False),
    52: _DisputeReason("Tell what is wrong with the request.", False),
}


class ReturnCalls:
    """The return endpoints of all shops."""

    def __init__(self, stage: Stage, ledger: Ledger, switches: Switches) -> None:
        self._stage = stage
        self._ledger = ledger
        self._switches = switches

    def return_list(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /returns/get_return_list: by page number, so that rows move when returns change between two pages."""
        first_page = self._switches.first_return_page
        page_no = whole(request, "page_no", first_page, first_page, _HIGHEST_PAGE) - first_page
        size = whole(request, "page_size", DEFAULT_PAGE_SIZE, 1, HIGHEST_PAGE_SIZE)
        created = short_window(request, "create_time_from", "create_time_to")
        updated = short_window(request, "update_time_from", "update_time_to")
        if created.start is not None and updated.start is not None and updated.start < created.start:
            raise invalid("update_time_from: must not be earlier than create_time_from")
        status = one_word(request, "status", STATUSES)
        negotiation = one_word(request, "negotiation_status", _NEGOTIATIONS)
        writer = shop.returns
        rows = [
            case
            for case in self._found(shop, created, updated)
            if status in ("", writer.status(case)) and negotiation in ("", writer.negotiation(case))
        ]
        key = blake2b(repr((created, updated, status, negotiation)).encode(), digest_size=8).digest()
        self._ledger.need_pages(shop.shop_id, "return_list", key, len(rows), HIGHEST_PAGE_SIZE)
        page, more, fault = numbered_page(rows, page_no, size, draw)
        shown = [writer.row(case) for case in page]
        spoil("return", shown, fault)
        return {"more": more, "return": shown}

    def return_detail(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /returns/get_return_detail: one at a time."""
        writer: ReturnWriter = shop.returns
        case = self._find(shop, request.parameter("return_sn") or "")
        if case is None:
            raise RefusalError("return_not_found")
        self._ledger.need_versions(shop.shop_id, "return_detail", [(writer.return_sn(case), case.updated)], 1)
        shown = writer.detail(case)
        spoil("return", [shown], draw({"impossible_record"}))
        return shown

    def dispute_reasons(self, request: Request, shop: Shop, _draw: Draw) -> dict[str, Any]:
        """GET /returns/get_return_dispute_reason: what a dispute of this return may say, and what it has to show."""
        return_sn = request.parameter("return_sn") or ""
        if self._find(shop, return_sn) is None:
            raise RefusalError("return_not_found")
        self._ledger.need_once(shop.shop_id, "return_dispute_reason", return_sn)
        return {
            "dispute_reason_list": [
                {
                    "dispute_reason": str(number),
                    "dispute_requirement": reason.requirement,
                    "sample_evidence": [],
                    "evidence_module_list": [
                        {"module_index": 1, "requirement": reason.requirement, "is_required": reason.wants_images}
                    ],
                }
                for number, reason in _DISPUTE_REASONS.items()
            ]
        }

    def confirm(self, request: Request, shop: Shop, _draw: Draw) -> dict[str, Any]:
        """POST /returns/confirm: the buyer gets the money, or may send the goods."""
        return self._decide("return_confirm", body_of(request), shop, "approve")

    def dispute(self, request: Request, shop: Shop, _draw: Draw) -> dict[str, Any]:
        """POST /returns/dispute: the marketplace is to decide."""
        body = body_of(request)
        number = body.get("dispute_reason_id")
        reason = _DISPUTE_REASONS.get(number) if isinstance(number, int) else None
        if reason is None or not body.get("email") or (reason.wants_images and not body.get("image_list")):
            raise RefusalError("dispute_reason")
        return self._decide("return_dispute", body, shop, "reject")

    def _decide(self, endpoint: str, body: dict[str, object], shop: Shop, word: Word) -> dict[str, Any]:
        case = self._find(shop, str(body.get("return_sn") or ""))
        if case is None:
            raise RefusalError("return_not_found")
        if not shop.seller.cases.decide(case, word, self._stage.clock.now()):
            raise RefusalError("return_status")
        return_sn = shop.returns.return_sn(case)
        self._ledger.need_once(shop.shop_id, endpoint, return_sn)
        return {"return_sn": return_sn}

    def truth(self, shop: Shop, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what copies of the returns must agree with."""
        for case in self._found(shop, Window(None, as_of), Window(None, None), as_of):
            yield shop.returns.truth(case)

    def _found(self, shop: Shop, created: Window, updated: Window, as_of: int | None = None) -> list[Case]:
        """Return the returns in both windows, in the order in which they were asked for."""
        now = self._stage.clock.now() if as_of is None else as_of
        cases = shop.seller.cases
        by_update = updated.start is not None or updated.end is not None
        if by_update:
            found = cases.updated_between(updated.start, updated.before, now)
        else:
            found = cases.created_between(created.start, created.before, now)
        wanted = [case for case in found if case.kind != "cancel" and created.holds(case.created)]
        return sorted(wanted, key=lambda case: (case.created, case.order.position))

    def _find(self, shop: Shop, return_sn: str) -> Case | None:
        now = self._stage.clock.now()
        place = shop.seller.names.find(return_sn[:-1])
        if place is None or place[0] != shop.seller.number or not shop.seller.lives.book.count:
            return None
        state = shop.seller.lives.state(place[1], now)
        cases = [] if state is None else shop.seller.cases.of(state, now)
        return next(
            (case for case in cases if case.kind != "cancel" and shop.returns.return_sn(case) == return_sn), None
        )
