"""The contract that every connector satisfies: endpoints only. Waiting, retrying and storing are the callers' part."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from shops.marketplaces.records import OrderRecord, Page, Payload, ShopRecord, Token, UnreadableRecord, Window


@dataclass(frozen=True, slots=True)
class AppKeys:
    """An app registered at a marketplace: what signs its calls, and where they go."""

    app_key: str
    app_secret: str = field(repr=False)
    api_url: str
    auth_url: str


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """Which orders to list: those updated in the window; `raw_status` narrows to one status of the marketplace's."""

    window: Window
    raw_status: str = ""


class Connector(Protocol):
    """One shop of one marketplace over HTTP.

    Every method makes at most one call and raises a `MarketplaceError` (shops.marketplaces.errors) that says what to
    do next; none of them retries, sleeps or stores. `token` is the one in use; whoever renews it sets it.
    """

    marketplace: ClassVar[str]
    order_page_size: ClassVar[int]
    order_details_limit: ClassVar[int]
    token: Token

    def fetch_refreshed_token(self) -> Token:
        """Ask the token host for a new token set in exchange for the refresh token in use."""
        ...

    def fetch_shops(self) -> tuple[ShopRecord, ...]:
        """List the shops that the authorisation reaches. The harmless call that connection tests use."""
        ...

    def fetch_order_page(self, query: OrderQuery, page_token: str = "") -> Page[OrderRecord]:
        """Read one page of orders in ascending update time; the token of the page before continues the list."""
        ...

    def fetch_orders_by_id(self, external_ids: Sequence[str]) -> Page[OrderRecord]:
        """Read up to `order_details_limit` orders by id; ids the marketplace does not know are simply missing."""
        ...

    def map_order(self, payload: Payload) -> OrderRecord | UnreadableRecord:
        """Map one stored payload again, without a call."""
        ...

    def raw_statuses(self, status: str) -> tuple[str, ...]:
        """Translate one of our statuses to the marketplace's words; empty if it has none for it."""
        ...
