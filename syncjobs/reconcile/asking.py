"""What a comparison asks the marketplace: the lists of a window, and single rows by id."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backoffice.common import clock
from shops.connections import ShopConnection
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import Page, Resource, StatementRecord, Stub, Window
from syncjobs.engine.completing import CarefulCaller, bound_ids, complete
from syncjobs.reconcile.listing import Stretch, read_stretches, read_whole

READINGS_OF_IDS = 3  # an answer with records that cannot be read is asked for again
ROWS_AT_ONCE = 50  # of those that cannot be asked for by id, where they are fetched


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list. `found` is what the list gave for it, kept where it cannot be asked for by id."""

    external_id: str
    source_updated_at: datetime | None
    found: Any = None


class Asker:
    """Asks for one resource of one shop."""

    def __init__(self, connection: ShopConnection, resource: Resource, spacing_seconds: int) -> None:
        self._connection = connection
        self._caller = CarefulCaller(connection)
        self._resource = resource
        self._capability = connection.connector.capabilities[resource]
        self._spacing_seconds = spacing_seconds

    @property
    def knows_ids(self) -> bool:
        """Whether rows can be asked for by id; else nothing can be told of what a list does not show."""
        return self._capability.ids_limit > 0

    @property
    def ids_at_once(self) -> int:
        """How many rows one call is asked for."""
        connector = self._connection.connector
        return bound_ids(connector.marketplace, self._resource, self._capability.ids_limit or ROWS_AT_ONCE)

    def read_list(self, window: Window) -> Iterator[Stretch]:
        """Read what changed in the window, in stretches that are told completely; raises ListShifted.

        A list that shows everything whatever the window tells nothing of a window.
        """
        queries = self._connection.connector.plan_lists(self._resource, window)
        if self._capability.is_in_order:
            yield from read_stretches(self._fetch_in_order, window)
            return
        rows: dict[str, Listed] = {}
        unreadable_count = 0
        for query in queries:
            if query.is_windowed:
                page = self._make_rows(read_whole(self._fetch_after_rest, query))
                rows |= {row.external_id: row for row in page.records}
                unreadable_count += len(page.unreadable)
        yield Stretch(window, rows, unreadable_count, is_last=True)

    def rest(self) -> None:
        """Pause between two pages as the app asks."""
        clock.sleep(self._spacing_seconds)

    def look_up(self, listed: Mapping[str, Listed | None], *, is_wanted: bool) -> tuple[dict[str, Any], bool]:
        """Return records by id, and whether an id without one is really unknown there.

        What cannot be asked for by id is completed from what its list gave, if the records are wanted themselves.
        """
        if self.knows_ids:
            return self._fetch_by_ids(list(listed))
        if not is_wanted:
            return {}, False
        found = [row.found for row in listed.values() if row is not None]
        stubs = tuple(one for one in found if isinstance(one, Stub))
        page = complete(self._caller, self._resource, Page((), stubs=stubs))
        records = [*(one for one in found if not isinstance(one, Stub)), *page.records]
        return {record.external_id: record for record in records}, False

    def _fetch_by_ids(self, external_ids: Sequence[str]) -> tuple[dict[str, Any], bool]:
        records: dict[str, Any] = {}
        for _ in range(READINGS_OF_IDS):
            page = self._connection.call(lambda connector: connector.fetch_by_ids(self._resource, external_ids))
            page = complete(self._caller, self._resource, page)
            records |= {record.external_id: record for record in page.records}
            if not page.unreadable:
                return records, True
        return records, False

    def _fetch_in_order(self, window: Window, token: str) -> Page[Any]:
        (query,) = self._connection.connector.plan_lists(self._resource, window)
        return self._make_rows(self._fetch(query, token))

    def _fetch_after_rest(self, query: ListQuery, token: str) -> Page[Any]:
        if token:
            self.rest()
        return self._fetch(query, token)

    def _fetch(self, query: ListQuery, token: str) -> Page[Any]:
        return self._connection.call(lambda connector: connector.fetch_page(query, token))

    def _make_rows(self, page: Page[Any]) -> Page[Any]:
        """Return an answer whose records are rows to compare; completed is only what names no row or no time."""
        plain = [stub for stub in page.stubs if self._is_row(stub)]
        others = tuple(stub for stub in page.stubs if not self._is_row(stub))
        completed = complete(self._caller, self._resource, replace(page, stubs=others))
        found = [record for record in (*plain, *completed.records) if not isinstance(record, StatementRecord)]
        rows = (Listed(one.external_id, one.source_updated_at, None if self.knows_ids else one) for one in found)
        return replace(completed, records=tuple(rows))

    def _is_row(self, stub: Stub) -> bool:
        """Whether a stub stands for the one record of its id as of its time: no parcel's is an order's stub."""
        capability = self._capability
        is_one = stub.step not in capability.may_be_empty and not capability.has_statements
        return is_one and stub.source_updated_at is not None
