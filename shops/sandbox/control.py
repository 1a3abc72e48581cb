"""The control server: shows the world and its truth, moves its clock, makes things go wrong, counts the calls."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from shops.sandbox.clock import ClockError
from shops.sandbox.faults import KINDS
from shops.sandbox.listener import Request, Response
from shops.sandbox.marketplace import Marketplace, Stage
from shops.sandbox.service import RESOURCES
from shops.sandbox.targets import ControlError, Targets, one_of, only_fields

HELP = {
    "GET /": "this list",
    "GET /world": "seed, time, and for each marketplace addresses, keys and shops with tokens that work now",
    "GET /truth/<resource>?marketplace=&shop=&as_of=": {
        "resource": "|".join(RESOURCES),
        "answer": "one record a line as the marketplace has it; shop, as_of optional",
    },
    "GET /clock": "the world's time and how it runs",
    "POST /clock": {"mode": "real|frozen|scaled", "speed": 60, "now": "Unix seconds", "advance_seconds": 0},
    "GET /faults": "faults in force, with how often they struck",
    "POST /faults": {
        "kind": {kind: list(options) for kind, options in KINDS.items()},
        "marketplace": "",
        "shop": "optional",
        "endpoint": "optional",
        "times or rate": "a count, or a share from 0 to 1; without both once",
    },
    "DELETE /faults": "no more faults",
    "GET /quotas": "quotas in force",
    "POST /quotas": {"marketplace": "", "shop": "optional", "calls": 10, "seconds": 1},
    "DELETE /quotas": "no more quotas",
    "GET /calls": "calls by marketplace, shop and endpoint: ok, refused, throttled, faulted, least_possible",
    "DELETE /calls": "begin to count anew",
    "GET /switches": "behaviours that can be switched, by marketplace",
    "POST /switches": {"marketplace": "", "<switch>": "value"},
    "POST /auth_codes": {"marketplace": "", "shop": ""},
}
Handler = Callable[[Request], Response]


class Control:
    """Answers the control server's calls."""

    def __init__(self, stage: Stage, marketplaces: Mapping[str, Marketplace], urls: Mapping[str, str]) -> None:
        self._stage = stage
        self._marketplaces = marketplaces
        self._urls = urls
        self._targets = Targets({name: marketplace.known for name, marketplace in marketplaces.items()})
        self._handlers: dict[str, dict[str, Handler]] = {
            "/": {"GET": lambda _: _json(HELP)},
            "/world": {"GET": self._world},
            **{f"/truth/{resource}": {"GET": self._truth} for resource in RESOURCES},
            "/clock": {"GET": lambda _: self._clock({}), "POST": lambda request: self._clock(_body(request))},
            "/faults": {"GET": lambda _: self._faults(), "POST": self._add_fault, "DELETE": self._clear_faults},
            "/quotas": {"GET": lambda _: self._quotas(), "POST": self._set_quota, "DELETE": self._clear_quotas},
            "/calls": {"GET": lambda _: self._calls(), "DELETE": self._reset_calls},
            "/switches": {"GET": lambda _: self._switches(), "POST": self._switch},
            "/auth_codes": {"POST": self._auth_code},
        }

    def answer(self, request: Request) -> Response:
        """Answer with JSON; what cannot be done is refused with a sentence."""
        methods = self._handlers.get(request.path)
        if methods is None:
            return _error(404, f"No such path {request.path!r}; known are {', '.join(self._handlers)}.")
        handler = methods.get(request.method)
        if handler is None:
            return _error(405, f"{request.path} takes {', '.join(methods)}, not {request.method}.")
        try:
            return handler(request)
        except (ControlError, ClockError) as refusal:
            return _error(400, str(refusal))

    def _world(self, _request: Request) -> Response:
        described = {name: one.describe(self._urls[name]) for name, one in self._marketplaces.items()}
        world = self._stage.world
        return _json({"seed": world.seed, "now": self._stage.clock.now(), "marketplaces": described})

    def _truth(self, request: Request) -> Response:
        wanted = dict(request.query)
        only_fields(wanted, ("marketplace", "shop", "as_of"))
        target = self._targets.read({name: value for name, value in wanted.items() if value})
        now = self._stage.clock.now()
        as_of = _moment(wanted.get("as_of", ""), now)
        resource = request.path.rpartition("/")[2]
        lines = self._marketplaces[target.marketplace].truth(resource, target.shop, as_of)
        return Response(200, content_type="application/x-ndjson; charset=utf-8", chunks=lines)

    def _clock(self, wanted: Mapping[str, Any]) -> Response:
        state = self._stage.clock.change(wanted) if wanted else self._stage.clock.state()
        return _json({"now": state.now, "mode": state.mode, "speed": state.speed, "wall": state.wall})

    def _faults(self) -> Response:
        return _json({"faults": self._stage.faults.describe()})

    def _add_fault(self, request: Request) -> Response:
        return _json({"fault": self._stage.faults.add(_body(request), self._targets)})

    def _clear_faults(self, _request: Request) -> Response:
        self._stage.faults.clear()
        return self._faults()

    def _quotas(self) -> Response:
        return _json({"quotas": self._stage.quotas.describe()})

    def _set_quota(self, request: Request) -> Response:
        self._stage.quotas.set(_body(request), self._targets)
        return self._quotas()

    def _clear_quotas(self, _request: Request) -> Response:
        self._stage.quotas.clear()
        return self._quotas()

    def _calls(self) -> Response:
        return _json({name: one.ledger.report() for name, one in self._marketplaces.items()})

    def _reset_calls(self, _request: Request) -> Response:
        for marketplace in self._marketplaces.values():
            marketplace.ledger.reset()
        return self._calls()

    def _switches(self) -> Response:
        return _json({name: one.switches() for name, one in self._marketplaces.items()})

    def _switch(self, request: Request) -> Response:
        wanted = dict(_body(request))
        self._marketplace(wanted.pop("marketplace", None)).switch(wanted)
        return self._switches()

    def _auth_code(self, request: Request) -> Response:
        wanted = _body(request)
        only_fields(wanted, ("marketplace", "shop"))
        code = self._marketplace(wanted.get("marketplace")).issue_auth_code(wanted.get("shop", ""))
        return _json({"auth_code": code})

    def _marketplace(self, name: object) -> Marketplace:
        return self._marketplaces[one_of("marketplace", name, self._marketplaces)]


def _moment(text: str, now: int) -> int:
    """Return a moment of the past; the future is refused, because a copy of it cannot be compared with anything."""
    if not text:
        return now
    if not text.isascii() or not text.isdigit() or int(text[:15]) > now:
        raise ControlError(f"as_of must be whole Unix seconds, at most the world's now, {now}.")
    return int(text)


def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        raise ControlError("The body must be JSON.") from None
    if not isinstance(body, dict) or request.is_too_large:
        raise ControlError("The body must be a JSON object of at most 1 MiB.")
    return body


def _json(content: Any) -> Response:
    return Response(200, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _error(status: int, sentence: str) -> Response:
    return Response(status, orjson.dumps({"error": sentence}, option=orjson.OPT_APPEND_NEWLINE))
