"""A connector that answers from a script, and the connection around it: no HTTP, no waiting."""

from typing import Any

from shops.connections import ShopConnection
from shops.marketplaces.contract import OrderQuery
from shops.marketplaces.http import CallReport
from shops.marketplaces.records import OrderRecord, Page, Token, UnreadableRecord


def page(*records: Any, next_token: str = "", total: int | None = None) -> Page[OrderRecord]:
    readable = tuple(record for record in records if isinstance(record, OrderRecord))
    unreadable = tuple(record for record in records if isinstance(record, UnreadableRecord))
    return Page(readable, unreadable, next_token, len(records) if total is None else total)


class ScriptedConnector:
    """Gives the next answer of the script at each call: a page, an error to raise, or a function to ask."""

    marketplace = "tiktok"
    order_page_size = 100
    order_details_limit = 50
    token = Token("access-token", "refresh-token")

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.asked: list[tuple[OrderQuery, str]] = []
        self.connection: ShopConnection | None = None

    def raw_statuses(self, status: str) -> tuple[str, ...]:
        return {"in_transit": ("IN_TRANSIT", "ON_THE_WAY")}.get(status, ())

    def fetch_order_page(self, query: OrderQuery, page_token: str = "") -> Page[OrderRecord]:
        self.asked.append((query, page_token))
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
