"""Products of a Lazada shop: the list carries the whole product with its SKUs, prices and stock."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from shops.marketplaces import errors
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.lazada.client.pages import as_object, read_rows, read_spans, read_total, write_token
from shops.marketplaces.lazada.mapping.products import map_product
from shops.marketplaces.records import Page, Payload, ProductRecord, Resource, UnreadableRecord

if TYPE_CHECKING:
    from shops.marketplaces.lazada.client import LazadaConnector


class ProductReader(ResourceReader):
    """Reads products by time of change."""

    _connector: "LazadaConnector"
    resource: ClassVar[Resource] = Resource.PRODUCTS
    capability: ClassVar[Capability] = Capability(
        page_size=50,  # the most that the list allows
        ids_limit=1,
        note="The list by time of change has whole products with SKUs, prices and stock. A special price counts as the "
        "price; its period is kept as an attribute.",
    )
    list_path: ClassVar[str] = "/products/get"
    item_path: ClassVar[str] = "/product/item/get"
    # The list has no order by time, so that its window is halved where the offset would go deeper.
    deepest_offset: ClassVar[int] = 10_000

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ProductRecord]:
        """Read one page of the list, with more stock figures than without `options`."""
        spans = read_spans(page_token, query.window)
        parameters = {
            "filter": "all",
            "update_after": _written(spans.start),
            "update_before": _written(spans.ends[0]),
            "limit": str(self.capability.page_size),
            "offset": str(spans.offset),
            "options": "1",
        }
        answer = as_object(self._connector.call(self.list_path, parameters))
        counted = read_total(answer, "total_products")
        rows = read_rows(answer, "products", counted)
        following = spans.next(len(rows), counted, self.deepest_offset)
        whole = counted if spans.total is None else spans.total
        return page_of([self.map_payload(row) for row in rows], write_token(following), whole)

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ProductRecord]:
        """Read a product by its id."""
        try:
            row = as_object(self._connector.call(self.item_path, {"item_id": external_ids[0]}))
        except errors.RecordRefused:
            return Page(())
        return page_of([self.map_payload(row)])

    def map_payload(self, payload: Payload) -> ProductRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_product(payload, self._connector.shop.region)


def _written(seconds: int) -> str:
    """Write a moment as products are asked for in the examples: with an offset without a colon."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
