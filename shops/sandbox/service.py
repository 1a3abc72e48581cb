"""What all marketplaces of the sandbox have in common: count a call, let faults and quotas strike, stream the truth."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson

from shops.sandbox.calls import Asker, Ledger, Outcome
from shops.sandbox.faults import CALL_KINDS, Fault
from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Stage
from shops.sandbox.switches import set_switches
from shops.sandbox.targets import Known, one_of

# Calls whose endpoint could not be told.
UNKNOWN = "unknown"
RESOURCES = ("orders", "products", "shipments", "returns", "transactions", "statements")
# Which resource a call is for, and which piece of work, in a client's User-Agent: backoffice (orders; chunk 17).
_PURPOSE = re.compile(rf"\(({'|'.join(RESOURCES)})(?:; ([^)]*))?\)")
HTML = "text/html; charset=utf-8"
# Records written into one piece of the truth, about 200 kB.
_TRUTH_BATCH = 500
# The records of a shop, by its number, as they are at a moment.
Truth = Callable[[int, int], Iterable[dict[str, Any]]]


@dataclass
class Call:
    """One call while it is answered: where it belongs and how it ends, for the ledger."""

    endpoint: str = UNKNOWN
    shop: str | None = None
    outcome: Outcome = "ok"


class RefusalError(Exception):
    """A call that is answered with an error. Each marketplace has its own kind, which knows its table of errors."""

    def __init__(self, key: str, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.detail = detail
        self.retry_after = retry_after

    def response(self) -> Response:
        """Return the answer to send."""
        raise NotImplementedError


class Service(ABC):
    """One marketplace of the world. The keys "throttled", "server_error" and "expired_token" are errors in each."""

    name: str
    refusal: ClassVar[type[RefusalError]]

    def __init__(self, stage: Stage, shop_ids: Sequence[str], endpoints: Iterable[str], switches: Any) -> None:
        self.stage = stage
        self.ledger = Ledger()
        self.known = Known(tuple(shop_ids), tuple(dict.fromkeys(endpoints)))
        self.truths: dict[str, Truth] = {}
        self._switches = switches
        self._shop_numbers = {shop: number for number, shop in enumerate(shop_ids)}

    @abstractmethod
    def route(self, request: Request, call: Call) -> Response:
        """Answer a call, note in `call` where it belongs, or raise the marketplace's own RefusalError."""

    @abstractmethod
    def describe(self, url: str) -> dict[str, Any]:
        """Its entry in GET /world."""

    @abstractmethod
    def issue_auth_code(self, shop: str) -> str:
        """Return a code as the seller's browser would bring it back after consent."""

    def answer(self, request: Request) -> Response:
        """Answer a call and count it."""
        call = Call()
        self.ledger.asker = _read_asker(request.headers.get("User-Agent") or "")
        try:
            response = self.route(request, call)
        except RefusalError as refusal:
            if call.outcome == "ok":
                call.outcome = "throttled" if refusal.key == "throttled" else "refused"
            response = refusal.response()
        self.ledger.count(call.shop, call.endpoint, call.outcome)
        return response

    def truth(self, resource: str, shop: str | None, as_of: int) -> Iterator[bytes]:
        """Stream what a copy of a resource must agree with, shop by shop; nothing for what it does not have."""
        truth = self.truths.get(resource, _nothing)
        numbers = self._shop_numbers.values() if shop is None else [self._shop_numbers[shop]]
        for number in numbers:
            lines: list[bytes] = []
            for record in truth(number, as_of):
                lines.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
                if len(lines) == _TRUTH_BATCH:
                    yield b"".join(lines)
                    lines = []
            yield b"".join(lines)

    def switches(self) -> dict[str, Any]:
        """Where the real service's behaviour is unsure or a matter of settings."""
        return asdict(self._switches)

    def switch(self, wanted: Mapping[str, Any]) -> None:
        """Set switches."""
        set_switches(self._switches, wanted)

    def number_of(self, shop: str) -> int:
        """Return the number of a shop that a control request named."""
        return self._shop_numbers[one_of("shop", shop, self._shop_numbers)]

    def take_quota(self, call: Call) -> None:
        """Count the call against the quotas; refuses it if it is one too many."""
        wait = self.stage.quotas.take(self.name, call.shop)
        if wait is not None:
            raise self.refusal("throttled", retry_after=wait)

    def strike(self, call: Call, *, end_token: Callable[[], None] | None = None) -> Fault | None:
        """Let a fault strike the call; raises where the fault ends it. A token can only be ended where there is one."""
        kinds = set(CALL_KINDS) if end_token else set(CALL_KINDS) - {"expired_token"}
        fault = self.stage.faults.draw(self.name, call.shop, call.endpoint, kinds)
        if fault is None:
            return None
        if fault.kind == "throttled":
            raise self.refusal("throttled", retry_after=int(fault.option("retry_after")))
        if fault.kind == "throttled_silent":
            raise self.refusal("throttled")
        call.outcome = "faulted"
        if fault.kind == "server_error":
            raise self.refusal("server_error")
        if fault.kind == "expired_token" and end_token is not None:
            end_token()
            raise self.refusal("expired_token")
        if fault.kind == "slow":
            time.sleep(fault.option("seconds"))
        return fault

    def draw_page_fault(self, call: Call) -> Callable[[set[str]], Fault | None]:
        """Return the draw that cut_page() wants; a fault that strikes counts for the call."""

        def draw(kinds: set[str]) -> Fault | None:
            fault = self.stage.faults.draw(self.name, call.shop, call.endpoint, kinds)
            if fault is not None:
                call.outcome = "faulted"
            return fault

        return draw


def _read_asker(user_agent: str) -> Asker:
    """Read what a client says its call is for; most say nothing."""
    told = _PURPOSE.search(user_agent)
    return Asker(told[1], told[2] or "") if told else Asker()


def _nothing(_shop_number: int, _as_of: int) -> Iterable[dict[str, Any]]:
    return ()


def finish(response: Response, fault: Fault | None) -> Response:
    """Spoil a finished answer, if a fault that does so has struck."""
    if fault is not None and fault.kind == "not_json":
        # What a proxy in between might send.
        return Response(200, b"<html><body><h1>Please wait</h1></body></html>", content_type=HTML)
    response.is_cut_off = fault is not None and fault.kind == "cut_off"
    return response


def consent_page(request: Request, title: str, shops: Iterable[tuple[str, str]]) -> Response:
    """Show the shops (id and name) as links to the same address with `&shop=<id>`, which is to be a redirect."""
    links = []
    for shop, name in shops:
        target = request.path + "?" + urlencode([*request.query, ("shop", shop)])
        links.append(f'<li><a href="{escape(target)}">{escape(name)}</a></li>')
    page = f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1><ul>{''.join(links)}</ul>"
    return Response(200, page.encode(), content_type=HTML)


def redirect(callback: str, parameters: Mapping[str, str]) -> Response:
    """Send the browser back to the app; an address that is none of the web is answered with a sentence."""
    if not callback.startswith(("http://", "https://")) or not callback.isprintable() or not callback.isascii():
        return Response(400, b"The address to come back to must be a web address.", content_type="text/plain")
    joint = "&" if "?" in callback else "?"
    return Response(302, headers={"Location": callback + joint + urlencode(parameters)})
