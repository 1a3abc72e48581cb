"""A connector that answers from a script, and the connection around it: no HTTP, no waiting."""

from collections.abc import Sequence
from typing import Any

from orders.models import Order
from shops.connections import ShopConnection
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.http import CallReport
from shops.marketplaces.records import OrderRecord, Page, Payload, Resource, Stub, Token, UnreadableRecord, Window
from tests.factories.records import make_order


def page(*records: Any, next_token: str = "", total: int | None = None) -> Page[OrderRecord]:
    readable = tuple(record for record in records if isinstance(record, OrderRecord))
    unreadable = tuple(record for record in records if isinstance(record, UnreadableRecord))
    stubs = tuple(record for record in records if isinstance(record, Stub))
    return Page(readable, unreadable, next_token, len(records) if total is None else total, stubs)


def orders(*numbers: object, **changes: Any) -> list[OrderRecord]:
    return [make_order(f"order-{number}", **changes) for number in numbers]


def stored() -> list[str]:
    """The numbers of all orders that are here."""
    return sorted(Order.objects.values_list("external_id", flat=True))


class ScriptedConnector:
    """Gives the next answer of the script at each call: a page, an error to raise, or a function to ask."""

    marketplace = "tiktok"
    capabilities = {
        Resource.ORDERS: Capability(page_size=100, is_in_order=True, ids_limit=50, details={"detail": 2, "more": 1})
    }
    token = Token("access-token", "refresh-token")

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.asked: list[tuple[ListQuery, str]] = []
        self.details_asked: list[list[str]] = []
        self.connection: ShopConnection | None = None

    def plan_lists(self, resource: Resource, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        words = {"": ("",), "in_transit": ("IN_TRANSIT", "ON_THE_WAY")}.get(status, ())
        return tuple(ListQuery(resource, window, raw_status=word) for word in words)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[OrderRecord]:
        self.asked.append((query, page_token))
        return self._answer()

    def fetch_details(self, resource: Resource, stubs: Sequence[Stub]) -> Page[OrderRecord]:
        self.details_asked.append([f"{stub.step}:{stub.external_id}" for stub in stubs])
        return self._answer()

    def map_payload(self, resource: Resource, payload: Payload) -> OrderRecord | UnreadableRecord:
        return OrderRecord(str(payload["id"]), payload, raw_status=payload.get("status", ""))

    def _answer(self) -> Page[OrderRecord]:
        step = self.script.pop(0)
        answer: Page[OrderRecord] | Exception = step() if callable(step) else step
        if self.connection is not None:
            ok = not isinstance(answer, Exception)
            self.connection.counts.add(CallReport("POST", "", "", "", 200 if ok else 500, 0.5, 1000, ok))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def connect(self, *_: Any) -> ShopConnection:
        """Stand in for shops.tokens.open_connection."""
        self.connection = ShopConnection(self, lambda stale, connector: stale)  # type: ignore[arg-type]
        return self.connection
