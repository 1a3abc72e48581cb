"""Returns and refunds of a Shopee shop: the list has nearly all, the detail each line's refund and who has it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import Page, Payload, Resource, ReturnRecord, Stub, UnreadableRecord
from shops.marketplaces.shopee.client.lists import halves, look, read_place, window_of, write_place
from shops.marketplaces.shopee.client.orders import LONGEST_WINDOW
from shops.marketplaces.shopee.mapping.returns import map_return

if TYPE_CHECKING:
    from shops.marketplaces.shopee.client import ShopeeConnector


class ReturnReader(ResourceReader):
    """Reads returns by time of change. Cancellations have no list: they are statuses of orders."""

    _connector: "ShopeeConnector"
    resource: ClassVar[Resource] = Resource.RETURNS
    capability: ClassVar[Capability] = Capability(
        page_size=100,
        longest_window=LONGEST_WINDOW,
        details={"detail": 1},
        ids_limit=1,
        note="A list by time of change, and one call more for each return that changed: the refund of each line, and "
        "where the goods are. Cancellations are not in it: they are statuses of orders.",
    )
    list_path: ClassVar[str] = "/returns/get_return_list"
    detail_path: ClassVar[str] = "/returns/get_return_detail"
    # The text says that pages count from 0, an example sends 1. Beginning at 0 reads one page twice at worst.
    first_page: ClassVar[int] = 0
    # Without the detail, a call less for each return, the lines' refunds and who has the goods stay unknown.
    asks_detail: ClassVar[bool] = True

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ReturnRecord]:
        """List what changed in the window, by page number; a list of several pages in halves of its window.

        A return that changes while pages are turned leaves the window, and the first one of the next page moves up
        unseen; nothing in the answers shows it. Of a list that is a single page this cannot happen.
        """
        windows, (number,) = read_place(page_token) if page_token else ((query.window,), (self.first_page,))
        parameters = (
            ("page_no", str(number)),
            ("page_size", str(self.capability.page_size)),
            *window_of(windows[0], "update_time_from", "update_time_to"),
        )
        found = look(self._connector.fetch(self.list_path, parameters), "return")
        cut = halves(windows[0]) if found.has_more and number == self.first_page else ()
        if cut:
            return Page((), next_token=write_place((*cut, *windows[1:]), self.first_page))
        rows = map(self._next_of, found.rows)
        if found.has_more:
            return page_of(rows, write_place(windows, number + 1))
        return page_of(rows, write_place(windows[1:], self.first_page) if windows[1:] else "")

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ReturnRecord]:
        """Read the detail of one return."""
        (stub,) = stubs
        return self._fetch_detail(stub.external_id, stub.payload)

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ReturnRecord]:
        """Read one return by number; missing where it is not known there."""
        try:
            return self._fetch_detail(external_ids[0], {})
        except errors.RecordRefused:
            return Page(())

    def map_payload(self, payload: Payload) -> ReturnRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_return(payload)

    def _next_of(self, row: Any) -> Stub | ReturnRecord | UnreadableRecord:
        return_sn = values.identifier(values.fields(row).get("return_sn"))
        if return_sn is None or not self.asks_detail:
            return map_return({"return": row})
        return Stub(return_sn, "detail", {"return": row}, values.seconds(row.get("update_time")))

    def _fetch_detail(self, return_sn: str, listed: Payload) -> Page[ReturnRecord]:
        detail = self._connector.fetch(self.detail_path, (("return_sn", return_sn),))
        if values.identifier(detail.get("return_sn")) != return_sn:
            raise errors.UnreadableAnswer("The answer is not about the return that was asked for.")
        return page_of([map_return({**listed, "detail": detail})])
