"""Returns, refunds and cancellations of a TikTok Shop: two searches whose rows are whole."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.paging import TokenPaging
from shops.marketplaces.records import Page, Payload, Resource, ReturnRecord, Stub, UnreadableRecord, Window
from shops.marketplaces.tiktok.client.lists import look, page_parameters, updated_in
from shops.marketplaces.tiktok.mapping.returns import map_return

if TYPE_CHECKING:
    from shops.marketplaces.tiktok.client import TikTokConnector


class ReturnReader(ResourceReader):
    """Reads both lists by time of change. Ids of the two look alike: what is no return may be a cancellation."""

    _connector: "TikTokConnector"
    resource: ClassVar[Resource] = Resource.RETURNS
    capability: ClassVar[Capability] = Capability(
        page_size=50,  # the most that either search allows
        details={"cancellation": 50},
        ids_limit=50,
        may_be_empty=frozenset({"cancellation"}),
        note="Two searches by time of change: returns and refunds, and cancellations. Their rows are whole.",
    )
    search_paths: ClassVar[Mapping[str, str]] = {
        "returns": "/return_refund/202602/returns/search",
        "cancellations": "/return_refund/202602/cancellations/search",
    }
    paging: ClassVar[Mapping[str, TokenPaging]] = {
        "returns": TokenPaging(rows_field="return_orders"),
        "cancellations": TokenPaging(rows_field="cancellations"),
    }

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name both searches."""
        return tuple(ListQuery(self.resource, window, name) for name in self.search_paths)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ReturnRecord]:
        """Search one of the lists by update time."""
        return self._search(query.name, updated_in(query.window), page_token)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ReturnRecord]:
        """Look for what is no return among the cancellations; unknown ids are missing."""
        return self._search("cancellations", {"cancel_ids": [stub.external_id for stub in stubs]})

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ReturnRecord]:
        """Look for ids among the returns; those that are none are then looked for among the cancellations."""
        page = self._search("returns", {"return_ids": list(external_ids)})
        found = {record.external_id for record in page.records}
        missing = [one for one in external_ids if one not in found]
        return Page(page.records, page.unreadable, stubs=tuple(Stub(one, "cancellation", {}) for one in missing))

    def map_payload(self, payload: Payload) -> ReturnRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_return(payload)

    def _search(self, name: str, body: Mapping[str, Any], page_token: str = "") -> Page[ReturnRecord]:
        paging = self.paging[name]
        parameters = page_parameters(paging, self.capability.page_size, page_token, "update_time")
        found = look(paging, self._connector.call("POST", self.search_paths[name], parameters, body), page_token)
        return page_of([map_return(row) for row in found.rows], found.next_token, found.total_count)
