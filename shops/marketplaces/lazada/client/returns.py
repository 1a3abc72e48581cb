"""Reverse orders of a Lazada shop: cancellations, returns and refunds, whole in the list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.lazada.client.pages import as_object, read_rows, read_total
from shops.marketplaces.lazada.mapping.returns import map_return
from shops.marketplaces.records import Page, Payload, Resource, ReturnRecord, UnreadableRecord

if TYPE_CHECKING:
    from shops.marketplaces.lazada.client import LazadaConnector


class ReturnReader(ResourceReader):
    """Reads reverse orders by the time at which one of their lines changed."""

    _connector: "LazadaConnector"
    resource: ClassVar[Resource] = Resource.RETURNS
    capability: ClassVar[Capability] = Capability(
        # The most is documented nowhere, the default is 10. A server that gives fewer is followed: the rows count.
        page_size=50,
        ids_limit=1,
        note="The list by time of change has whole reverse orders: cancellations, returns and refunds. "
        "Their amounts are in hundredths, except in Vietnam.",
    )
    list_path: ClassVar[str] = "/reverse/getreverseordersforseller"

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ReturnRecord]:
        """Read one page. The end of the range may be part of it, so it is a millisecond less."""
        page_number, seen = _read_token(page_token)
        start, end = (int(moment.timestamp()) * 1000 for moment in (query.window.start, query.window.end))
        parameters = {
            "page_no": str(page_number),
            "page_size": str(self.capability.page_size),
            "ReverseOrderLineModifiedTimeRangeStart": str(start),
            "ReverseOrderLineModifiedTimeRangeEnd": str(end - 1),
        }
        rows, total = self._fetch_rows(parameters)
        seen += len(rows)
        if not rows and seen < total:
            raise errors.UnreadableAnswer(f"The list counts {total} rows and shows none on page {page_number}.")
        following = f"{page_number + 1}:{seen}" if seen < total else ""
        return page_of([self.map_payload(row) for row in rows], following, total)

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ReturnRecord]:
        """Read a reverse order by its id, from the list, so that it has the same keys."""
        rows, _ = self._fetch_rows({"page_no": "1", "page_size": "10", "reverse_order_id": external_ids[0]})
        return page_of([self.map_payload(row) for row in rows])

    def map_payload(self, payload: Payload) -> ReturnRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_return(payload, self._connector.shop.region)

    def _fetch_rows(self, parameters: dict[str, str]) -> tuple[list[Any], int]:
        result = as_object(self._connector.call(self.list_path, parameters, part="result"))
        if values.boolean(result.get("success")) is False:
            raise errors.Refused("Lazada did not list the reverse orders and gives no reason.")
        total = read_total(result, "total")
        return read_rows(result, "items", total), total


def _read_token(token: str) -> tuple[int, int]:
    """Read "page:rows seen before it"."""
    page_number, _, seen = (token or "1:0").partition(":")
    if not (page_number.isdecimal() and seen.isdecimal()):
        raise errors.BadRequest("The page token is none of this list.")
    return int(page_number), int(seen)
