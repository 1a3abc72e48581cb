"""Products of a TikTok Shop: a search that lacks the variants' names, and a detail for each product that has them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.paging import TokenPaging
from shops.marketplaces.records import Page, Payload, ProductRecord, Resource, Stub, UnreadableRecord
from shops.marketplaces.tiktok.client.lists import look, page_parameters
from shops.marketplaces.tiktok.mapping.products import map_product

if TYPE_CHECKING:
    from shops.marketplaces.tiktok.client import TikTokConnector

_PRODUCTS = TokenPaging(rows_field="products")


class ProductReader(ResourceReader):
    """Reads products by time of change, and each that changed once more in detail."""

    _connector: "TikTokConnector"
    resource: ClassVar[Resource] = Resource.PRODUCTS
    capability: ClassVar[Capability] = Capability(
        page_size=100,  # the most that the search allows
        details={"detail": 1},
        ids_limit=1,
        note="Search by time of change, then one detail for each changed product: only that names its variants. "
        "Deleted products are stored as the search shows them.",
    )
    search_path: ClassVar[str] = "/product/202502/products/search"
    detail_path: ClassVar[str] = "/product/202309/products/{product_id}"
    # Whether a detail is still given for a deleted product is not documented; the search says all that matters of it.
    undetailed_statuses: ClassVar[frozenset[str]] = frozenset({"DELETED"})

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ProductRecord]:
        """Search products by update time; drafts, deleted and banned ones too. This search takes no sorting.

        Its upper bound includes the second that it names (`_le`, elsewhere `_lt`), so the last one before the end.
        """
        body = {
            "status": "ALL",
            "update_time_ge": int(query.window.start.timestamp()),
            "update_time_le": int(query.window.end.timestamp()) - 1,
        }
        parameters = page_parameters(_PRODUCTS, self.capability.page_size, page_token)
        found = look(_PRODUCTS, self._connector.call("POST", self.search_path, parameters, body), page_token)
        return page_of(map(self._next_of, found.rows), found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ProductRecord]:
        """Read the detail of one product."""
        (stub,) = stubs
        return page_of([map_product({**stub.payload, "product": self._detail_of(stub.external_id)})])

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ProductRecord]:
        """Read one product by id; an empty page where the shop has none of this id."""
        (product_id,) = external_ids
        try:
            return page_of([map_product({"product": self._detail_of(product_id)})])
        except errors.RecordRefused:
            return Page(())

    def map_payload(self, payload: Payload) -> ProductRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_product(payload)

    def _next_of(self, row: object) -> Stub | ProductRecord | UnreadableRecord:
        listed = values.fields(row)
        product_id = values.identifier(listed.get("id"))
        if product_id is None or listed.get("status") in self.undetailed_statuses:
            return map_product({"listed": row})
        return Stub(product_id, "detail", {"listed": row}, values.seconds(listed.get("update_time")))

    def _detail_of(self, product_id: str) -> dict[str, Any]:
        detail = self._connector.call("GET", self.detail_path.format(product_id=product_id))
        if values.identifier(detail.get("id")) != product_id:
            raise errors.UnreadableAnswer("The answer is not about the product that was asked for.")
        return detail
