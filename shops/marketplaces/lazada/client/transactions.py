"""Money of a Lazada shop: its transactions by day, and the payouts, which are statements of account."""

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.lazada.client.pages import as_list
from shops.marketplaces.lazada.mapping.countries import find_country
from shops.marketplaces.lazada.mapping.statements import map_statement
from shops.marketplaces.lazada.mapping.transactions import map_transaction
from shops.marketplaces.records import Page, Payload, Resource, UnreadableRecord, Window

if TYPE_CHECKING:
    from shops.marketplaces.lazada.client import LazadaConnector

_PAYOUTS = "payouts"
_LENGTH_OF_CUTS = 50  # a server that gives fewer rows than were asked for gives 50, 100, 200 ... of them
_SECOND = timedelta(seconds=1)


class TransactionReader(ResourceReader):
    """Reads transactions by the shop's local days, and statements of account beside them."""

    _connector: "LazadaConnector"
    resource: ClassVar[Resource] = Resource.TRANSACTIONS
    capability: ClassVar[Capability] = Capability(
        page_size=500,  # the most that the list allows
        # Both days are asked for, and their distance must be less than 180 days.
        longest_window=timedelta(days=178),
        has_statements=True,
        note="Transactions by the shop's local days, one for each fee of each line, beside the list of payouts. "
        "They name the period of their statement, not its number.",
    )
    list_path: ClassVar[str] = "/finance/transaction/details/get"
    payouts_path: ClassVar[str] = "/finance/payout/status/get"
    every_type: ClassVar[str] = "-1"
    # Payouts are listed by when they were drawn up, and paid some days later: those of the last weeks are read again.
    payouts_reach_back: ClassVar[timedelta] = timedelta(days=30)

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name the list of transactions and the list of payouts."""
        return ListQuery(self.resource, window), ListQuery(self.resource, window, _PAYOUTS)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[Any]:
        """Read one page of either list."""
        if query.name == _PAYOUTS:
            return self._fetch_payouts(query.window)
        if page_token and not page_token.isdecimal():
            raise errors.BadRequest("The page token is none of this list.")
        offset = int(page_token or 0)
        parameters = {
            # Both days are taken for part of the list, as in the documented example (the 1st to the 31st).
            "start_time": self._day_of(query.window.start),
            "end_time": self._day_of(query.window.end - _SECOND),
            "trans_type": self.every_type,
            "limit": str(self.capability.page_size),
            "offset": str(offset),
        }
        rows = as_list(self._connector.call(self.list_path, parameters))
        # There is no total: a page that is not full is the last, unless its length is one at which servers cut.
        following = str(offset + len(rows)) if rows and len(rows) % _LENGTH_OF_CUTS == 0 else ""
        return page_of([self.map_payload(row) for row in rows], following)

    def _fetch_payouts(self, window: Window) -> Page[Any]:
        """Read the payouts drawn up since before the window; the list has no end and no pages."""
        parameters = {"created_after": self._day_of(window.start - self.payouts_reach_back)}
        rows = as_list(self._connector.call(self.payouts_path, parameters))
        return page_of([map_statement(row, self._connector.shop.region) for row in rows], total_count=len(rows))

    def _day_of(self, moment: datetime) -> str:
        country = find_country(self._connector.shop.region)
        zone: timezone = country.zone if country else UTC
        return moment.astimezone(zone).date().isoformat()

    def map_payload(self, payload: Payload) -> Any | UnreadableRecord:
        """Map one stored payload again: of a statement if it has a statement's number."""
        region = self._connector.shop.region
        is_statement = "statement_number" in values.fields(payload)
        return map_statement(payload, region) if is_statement else map_transaction(payload, region)
