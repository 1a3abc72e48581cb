"""The contract that every connector satisfies: endpoints only. Waiting, retrying and storing are the callers' part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from shops.marketplaces.records import (
    AnswerToReturn,
    Decision,
    Page,
    Payload,
    RejectReason,
    Resource,
    ShopRecord,
    Stub,
    Token,
    UnreadableRecord,
    Window,
)

ANY_LENGTH = timedelta(days=36_500)
# Where a stub's payload names the order whose packages are asked for: such stubs are completed without tracking events.
ASKED_ORDER = "asked_order"


@dataclass(frozen=True, slots=True)
class AppKeys:
    """An app registered at a marketplace: what signs its calls, and where they go.

    `consent_url` is where a seller lets it in; `service_id` is TikTok's number of the app for that page.
    """

    app_key: str
    app_secret: str = field(repr=False)
    api_url: str
    auth_url: str
    consent_url: str = ""
    service_id: str = ""


@dataclass(frozen=True, slots=True)
class ShopKeys:
    """Which shop a connector speaks for; all empty until it is known."""

    external_id: str = ""
    region: str = ""
    cipher: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One list to read: what changed in the window. `name` tells a resource's lists apart where it has several.

    `raw_status` narrows to one status of the marketplace's. A list that is not windowed, beside others that are, shows
    the same in every window: of the windows of one reading only the latest needs it.
    """

    resource: Resource
    window: Window
    name: str = ""
    raw_status: str = ""
    is_windowed: bool = True


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """What is known here of an order whose packages are asked for; `lines` are line id and marketplace's status."""

    external_id: str
    raw_status: str = ""
    source_updated_at: datetime | None = None
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Capability:
    """How one marketplace gives one resource. Shown in docs/marketplaces.md.

    `page_size` is the rows of a list page that we ask for, `longest_window` the longest that its lists take. A list
    that is not windowed shows everything each time; one that `is_in_order` is the only one, and shows the oldest change
    first and each row with its time. `details` are the calls that complete a list's rows: step to ids a call; those in
    `may_be_empty` bring any number of records with ids of their own, or none. `ids_limit` is how many records can be
    asked for by id in one call; 0 where that cannot be done.
    """

    page_size: int
    longest_window: timedelta = ANY_LENGTH
    is_windowed: bool = True
    is_in_order: bool = False
    details: Mapping[str, int] = field(default_factory=dict)
    ids_limit: int = 0
    may_be_empty: frozenset[str] = frozenset()
    has_statements: bool = False
    note: str = ""  # one or two sentences: what is read, from which calls, what is missing


@dataclass(frozen=True, slots=True)
class AuthorisationTraits:
    """How a seller lets an app in, and for how long.

    `is_redirect`: the seller's browser is sent to a page of the marketplace and comes back with a code; otherwise a
    token is pasted. `returns_state`: the page hands our state value back by itself. `is_token_per_shop`: where one
    consent opens several shops, each of them gets a token of its own by a renewal of the first.
    """

    is_redirect: bool
    can_refresh: bool
    is_token_per_shop: bool = False
    is_refresh_token_single_use: bool = False
    returns_state: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class AnswerTraits:
    """What a marketplace takes of a seller's answers to returns, refunds and cancellations.

    `needs_reason_code`: a rejection names one of `fetch_reject_reasons`. `takes_idempotency_key`: an answer that is
    sent once more under the same key is not executed twice.
    """

    decisions: frozenset[Decision] = frozenset(Decision)
    needs_reason_code: bool = True
    takes_idempotency_key: bool = False
    note: str = ""


class Connector(Protocol):
    """One shop of one marketplace over HTTP.

    Every method makes at most one call and raises a `MarketplaceError` (shops.marketplaces.errors) that says what to
    do next; none of them retries, sleeps or stores. `token` is the one in use; whoever renews it sets it.
    """

    marketplace: ClassVar[str]
    capabilities: ClassVar[Mapping[Resource, Capability]]
    authorisation: ClassVar[AuthorisationTraits]
    answers: ClassVar[AnswerTraits]
    token: Token

    def authorisation_url(self, state: str, callback_url: str) -> str:
        """Give the address of the page where a seller lets the app in; "" where there is none. Makes no call."""
        ...

    def fetch_token(self, code: str, shop_id: str = "", account_id: str = "") -> Token:
        """Exchange the code that a seller's browser brought back; shop or account is what came with it, where it did.

        An account stands for all of its shops.
        """
        ...

    def fetch_refreshed_token(self) -> Token:
        """Ask for a new token set in exchange for the refresh token in use; AuthorisationEnded where there is none."""
        ...

    def fetch_shops(self) -> tuple[ShopRecord, ...]:
        """List the shops that the token reaches. The harmless call that connection tests use."""
        ...

    def plan_lists(self, resource: Resource, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name the lists that together show everything of a resource in the window; makes no call.

        With one of our order statuses only orders in it; empty if the marketplace cannot search for it.
        """
        ...

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[Any]:
        """Read one page of a list, in ascending time of change where it can be asked for; the token continues it."""
        ...

    def fetch_details(self, resource: Resource, stubs: Sequence[Stub]) -> Page[Any]:
        """Complete stubs of one step, at most as many as `capabilities[resource].details[step]` says, by one call.

        A stub whose record needs yet another call comes back as a stub of the next step, with the same external id.
        Where one stub brings several records, the one with its own external id comes with the last call. Raises
        RecordRefused where the marketplace refuses what was asked for by itself.
        """
        ...

    def plan_packages(self, orders: Sequence[KnownOrder]) -> tuple[Stub, ...]:
        """Name orders, each a stub of the shipments' details, which bring their packages by the fewest calls.

        Makes no call itself. Tracking events are left out where they would cost calls of their own. Whatever comes of
        such a stub names its order: further stubs in their payload as ASKED_ORDER, what is unreadable as external id.
        """
        ...

    def fetch_by_ids(self, resource: Resource, external_ids: Sequence[str]) -> Page[Any]:
        """Ask for up to `ids_limit` records by id: records or stubs; ids that are not known there are missing."""
        ...

    def map_payload(self, resource: Resource, payload: Payload) -> Any | UnreadableRecord:
        """Map one stored payload of a record again, without a call."""
        ...

    def send_answer(self, answer: AnswerToReturn) -> None:
        """Give a seller's answer to a return, refund or cancellation; returns once the marketplace has taken it.

        Raises NotAnswerable, before any call, where the marketplace does not take it at this step. It moves money:
        who calls sees to it that a lost reply is no reason to send it again (`retry.is_in_doubt`).
        """
        ...

    def fetch_reject_reasons(self, external_id: str, line_ids: Sequence[str] = ()) -> tuple[RejectReason, ...]:
        """List the reasons that a rejection of this return may give; none where there is no such list."""
        ...
