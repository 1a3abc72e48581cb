"""Goods of a Temu shop: four lists that share nothing, and the SKUs of goods that have more than one.

Source: the page-numbered lists for shops that sell locally. Cross-border sellers keep their goods at another address,
with another token; they are not read.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import Page, Payload, ProductRecord, Resource, Stub, UnreadableRecord, Window
from shops.marketplaces.temu.client.calls import NumberedPaging
from shops.marketplaces.temu.client.skus import ON_SHELVES, STEPS, SkuLists
from shops.marketplaces.temu.mapping.products import list_sku_ids, map_product

if TYPE_CHECKING:
    from shops.marketplaces.temu.client import TemuConnector

GOODS = NumberedPaging(100, "goodsList")  # 100 is the most that the list gives
# The lists by their search type; together they show all goods.
LISTS: Mapping[str, int] = {"on_and_off_shelf": 1, "not_published": 4, "draft": 5, "deleted": 6}
PAGED = "paged_skus"
_ASCENDING = 1


class ProductReader(ResourceReader):
    """Reads all goods: Temu tells no time of change."""

    _connector: "TemuConnector"
    resource: ClassVar[Resource] = Resource.PRODUCTS
    capability: ClassVar[Capability] = Capability(
        page_size=GOODS.size,
        is_windowed=False,
        details={**dict.fromkeys(STEPS.values(), 20), PAGED: 1},
        note=(
            "Four lists (on and off the shelf, not published, draft, deleted) that are read whole each time, because "
            "nothing tells when price or stock changed. Goods with one SKU are complete; those with more cost one call "
            "for twenty. Shops that sell locally only."
        ),
    )

    def __init__(self, connector: "TemuConnector") -> None:
        super().__init__(connector)
        self._skus = SkuLists(connector)

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name the four lists."""
        return tuple(ListQuery(self.resource, window, name=name, is_windowed=False) for name in LISTS)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ProductRecord]:
        """List goods in the order in which they were made, so that new ones do not shift the pages."""
        wanted = LISTS[query.name]
        parameters = {
            **GOODS.prepare(page_token),
            "goodsSearchType": wanted,
            "goodsStatusFilterType": wanted,
            "orderField": "createTime",
            "orderType": _ASCENDING,
        }
        found = GOODS.look(self._connector.call("bg.local.goods.list.query", parameters), page_token)
        return page_of([self._next_of(row) for row in found.rows], found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ProductRecord]:
        """Read SKUs of several goods on one page, or one page of the SKUs of one."""
        if stubs[0].step == PAGED:
            return page_of([self._read_page_of(stubs[0])])
        step = stubs[0].step
        found = self._skus.fetch(step, [stub.external_id for stub in stubs])
        if found is None:
            return page_of([map_product({"goods": stub.payload.get("goods")}) for stub in stubs])
        rows: dict[str, list[Any]] = {stub.external_id: [] for stub in stubs}
        for row in found.rows:
            rows.setdefault(values.identifier(values.fields(row).get("goodsId")) or "", []).append(row)
        is_whole = not found.next_token
        return page_of([_next(stub, step, rows[stub.external_id], is_whole=is_whole) for stub in stubs])

    def map_payload(self, payload: Payload) -> ProductRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_product(payload)

    def _next_of(self, row: object) -> ProductRecord | UnreadableRecord | Stub:
        """Ask for the SKUs of goods that have more than one; of a single one the row says all."""
        goods = values.fields(row)
        number = values.identifier(goods.get("goodsId"))
        step = STEPS.get((values.identifier(goods.get("goodsShowSubStatus")) or "")[:1], "")
        can_be_asked = step and self._skus.is_allowed(step) and len(list_sku_ids(goods)) > 1
        if number is None or not number.isdecimal() or not can_be_asked:
            return map_product({"goods": row})
        return Stub(number, step, {"goods": row})

    def _read_page_of(self, stub: Stub) -> ProductRecord | UnreadableRecord | Stub:
        """Read one page of the SKUs of one product, for those that did not fit on a page with others."""
        step, token = stub.payload.get("step") or STEPS["2"], stub.payload.get("page") or ""
        found = self._skus.fetch(step, [stub.external_id], token)
        if found is None:
            return map_product({"goods": stub.payload.get("goods")})
        if found.next_token:
            read = [*stub.payload.get("skus", []), *found.rows]
            return Stub(stub.external_id, PAGED, {**stub.payload, "skus": read, "page": found.next_token})
        return _next(stub, step, found.rows, is_whole=True)


def _next(stub: Stub, step: str, rows: Sequence[Any], *, is_whole: bool) -> ProductRecord | UnreadableRecord | Stub:
    """Say what a product needs next, after the SKUs of one kind: its further pages, its other SKUs, or nothing."""
    goods, before = values.fields(stub.payload.get("goods")), stub.payload.get("skus", [])
    read = [*before, *rows]
    asked = [*stub.payload.get("asked", []), step]
    others = [other for other in ON_SHELVES if step in ON_SHELVES and other not in asked]
    if not {*list_sku_ids(goods)} <= {values.identifier(values.fields(row).get("skuId")) for row in read}:
        if not is_whole:
            kept = {"goods": goods, "skus": before, "asked": stub.payload.get("asked", [])}
            return Stub(stub.external_id, PAGED, {**kept, "step": step, "page": ""})
        if others:
            return Stub(stub.external_id, others[0], {"goods": goods, "skus": read, "asked": asked})
    return map_product({"goods": goods, "skus": read})
