"""What all connectors share: limits before a call, secrets out of messages, one reader for each resource."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol

from shops.marketplaces import errors
from shops.marketplaces.contract import (
    ASKED_ORDER,
    AnswerTraits,
    AppKeys,
    AuthorisationTraits,
    Capability,
    Connector,
    KnownOrder,
    ListQuery,
    ShopKeys,
)
from shops.marketplaces.http import HttpClient
from shops.marketplaces.rate_limit import RateLimiter
from shops.marketplaces.records import (
    AnswerToReturn,
    Page,
    Payload,
    RejectReason,
    Resource,
    Stub,
    Token,
    UnreadableRecord,
    Window,
)


class ResourceReader(ABC):
    """Reads one resource of one shop; the methods are those of `contract.Connector` without its resource.

    A reader with steps of details has `fetch_details`, one with an `ids_limit` has `fetch_by_ids`: without them the
    connector asks for neither. Each names the connector whose calls it makes.
    """

    _connector: "BaseConnector"
    resource: ClassVar[Resource]
    capability: ClassVar[Capability]

    def __init__(self, connector: Any) -> None:
        """Take the connector of the reader's marketplace."""
        self._connector = connector

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name the lists that together show everything in the window: one, where a reader does not say otherwise."""
        return (ListQuery(self.resource, window),)

    @abstractmethod
    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[Any]:
        """Read one page of a list."""

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[Any]:
        """Complete stubs of one step by one call."""
        raise NotImplementedError(f"{type(self).__name__} names no stubs, so there is none to complete.")

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[Any]:
        """Ask for records by id."""
        raise NotImplementedError(f"{type(self).__name__} cannot ask by id, so its ids_limit must be 0.")

    def begin_order(self, order: KnownOrder) -> Stub:
        """Name an order whose packages are wanted, with ASKED_ORDER: the reader of shipments alone is asked."""
        raise NotImplementedError(f"{type(self).__name__} reads no packages.")

    @abstractmethod
    def map_payload(self, payload: Payload) -> Any | UnreadableRecord:
        """Map one stored payload again."""


class Answerer(ABC):
    """Sends a seller's answers to returns; the methods are those of `contract.Connector`.

    One that `needs_reason_code` has `fetch_reject_reasons`. Each names the connector whose calls it makes.
    """

    _connector: "BaseConnector"
    traits: ClassVar[AnswerTraits]

    def __init__(self, connector: Any) -> None:
        """Take the connector of the answerer's marketplace."""
        self._connector = connector

    @abstractmethod
    def send(self, answer: AnswerToReturn) -> None:
        """Give the answer by one call; raises NotAnswerable before it."""

    def fetch_reject_reasons(self, external_id: str, line_ids: Sequence[str]) -> tuple[RejectReason, ...]:
        """List reasons for a rejection: none, where an answerer does not say otherwise."""
        return ()


class BaseConnector:
    """Holds what calls need, and hands each resource to its reader. The marketplaces add their calls and tokens."""

    marketplace: ClassVar[str]
    capabilities: ClassVar[Mapping[Resource, Capability]]
    authorisation: ClassVar[AuthorisationTraits]
    reader_classes: ClassVar[Sequence[type[ResourceReader]]]
    answerer_class: ClassVar[type[Answerer]]
    answers: ClassVar[AnswerTraits]

    def __init__(
        self,
        keys: AppKeys,
        token: Token,
        shop: ShopKeys,
        http: HttpClient,
        limiter: RateLimiter,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what the calls need; `clock` gives Unix seconds."""
        self.token = token
        self.keys = keys
        self.shop = shop
        self.http = http
        self.limiter = limiter
        self.clock = clock
        self.readers: Mapping[Resource, ResourceReader] = {one.resource: one(self) for one in self.reader_classes}
        self.answerer = self.answerer_class(self)

    def plan_lists(self, resource: Resource, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name the lists that together show everything of a resource in the window."""
        return self.readers[resource].plan_lists(window, status)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[Any]:
        """Read one page of a list."""
        return self.readers[query.resource].fetch_page(query, page_token)

    def fetch_details(self, resource: Resource, stubs: Sequence[Stub]) -> Page[Any]:
        """Complete stubs of one step by one call; raises ValueError for more than one call takes."""
        if not stubs:
            return Page(())
        limit = self.capabilities[resource].details[stubs[0].step]
        if len(stubs) > limit or any(stub.step != stubs[0].step for stub in stubs):
            raise ValueError(f"at most {limit} stubs of one step at once")
        return self.readers[resource].fetch_details(stubs)

    def fetch_by_ids(self, resource: Resource, external_ids: Sequence[str]) -> Page[Any]:
        """Ask for records by id; raises ValueError for more than one call takes, makes no call for none."""
        limit = self.capabilities[resource].ids_limit
        if len(external_ids) > limit:
            raise ValueError(f"at most {limit} {resource} at once")
        return self.readers[resource].fetch_by_ids(external_ids) if external_ids else Page(())

    def plan_packages(self, orders: Sequence[KnownOrder]) -> tuple[Stub, ...]:
        """Name orders, each a stub of the shipments' details, which bring their packages by the fewest calls."""
        reader = self.readers[Resource.SHIPMENTS]
        return tuple(reader.begin_order(order) for order in orders)

    def map_payload(self, resource: Resource, payload: Payload) -> Any | UnreadableRecord:
        """Map one stored payload of a record again, without a call."""
        return self.readers[resource].map_payload(payload)

    def send_answer(self, answer: AnswerToReturn) -> None:
        """Give a seller's answer; raises NotAnswerable, before any call, where the marketplace does not take it."""
        if answer.decision not in self.answers.decisions:
            raise errors.NotAnswerable(f"The marketplace takes no “{answer.decision}” from programs.")
        self.answerer.send(answer)

    def fetch_reject_reasons(self, external_id: str, line_ids: Sequence[str] = ()) -> tuple[RejectReason, ...]:
        """List the reasons that a rejection of this return may give."""
        return self.answerer.fetch_reject_reasons(external_id, line_ids)

    def hold_back(self) -> None:
        """Take a call from the limits before it is made; raises OwnLimitReached where it must wait."""
        wait = self.limiter.acquire()
        if wait > 0:
            raise errors.OwnLimitReached(f"Held back for {wait:.1f} seconds.", retry_after_seconds=wait)

    def refusal(self, error: errors.MarketplaceError) -> errors.MarketplaceError:
        """Give back an error to raise; where the server asks for fewer calls, the limits hear of it first."""
        if isinstance(error, errors.Throttled):
            self.limiter.block(error.retry_after_seconds)
        return error

    def refresh_token(self) -> str:
        """Give the refresh token in use; raises AuthorisationEnded where there is none."""
        if not self.token.refresh_token:
            raise errors.AuthorisationEnded("There is no refresh token.")
        return self.token.refresh_token

    def without_secrets(self, message: str) -> str:
        """Take our secrets out of a message, in case the server repeats what it was sent."""
        for secret in (self.keys.app_secret, self.token.access_token, self.token.refresh_token, self.shop.cipher):
            if secret:
                message = message.replace(secret, "[hidden]")
        return message


def page_of(rows: Iterable[Any], next_token: str = "", total_count: int | None = None) -> Page[Any]:
    """Put an answer together from what its rows became, each kind in its order.

    A row is a record, an unreadable one, a stub, or text: the id of a row that holds nothing wanted.
    """
    records: list[Any] = []
    others: dict[type, list[Any]] = {UnreadableRecord: [], Stub: [], str: []}
    for row in rows:
        others.get(type(row), records).append(row)
    return Page(
        records=tuple(records),
        unreadable=tuple(others[UnreadableRecord]),
        next_token=next_token,
        total_count=total_count,
        stubs=tuple(others[Stub]),
        passed_ids=tuple(others[str]),
    )


def name_order(rows: Iterable[Any], stub: Stub) -> list[Any]:
    """Put the number of the order that was asked for on what cannot be read of its packages."""
    number = stub.payload.get(ASKED_ORDER)
    return [replace(row, external_id=number) if number and type(row) is UnreadableRecord else row for row in rows]


def broken_answer(message: str, stub: Stub) -> errors.MarketplaceError:
    """Give the error for a broken answer about one stub: a list must have it, of known orders only this one waits."""
    return (errors.RecordRefused if ASKED_ORDER in stub.payload else errors.UnreadableAnswer)(message)


def without_mark(payload: Payload) -> Payload:
    """Leave out of a stub's payload what no marketplace told, so that it can be stored."""
    return {key: value for key, value in payload.items() if key != ASKED_ORDER}


class ConnectorClass(Protocol):
    """How every connector is built; `clock` gives Unix seconds."""

    marketplace: str
    capabilities: Mapping[Resource, Capability]
    authorisation: AuthorisationTraits
    answers: AnswerTraits

    def __call__(
        self,
        keys: AppKeys,
        token: Token,
        shop: ShopKeys,
        http: HttpClient,
        limiter: RateLimiter,
        clock: Callable[[], float] = ...,
    ) -> Connector:
        """Build the connector of one shop."""
        ...
