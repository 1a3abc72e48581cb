"""Articles of a Shopee shop: a list says what changed, base info describes 50 a call, variants come one by one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import Page, Payload, ProductRecord, Resource, Stub, UnreadableRecord, Window
from shops.marketplaces.shopee.client.lists import asked_for, halves, look, read_place, window_of, write_place
from shops.marketplaces.shopee.mapping.ids import unreadable
from shops.marketplaces.shopee.mapping.products import STATUSES, map_product

if TYPE_CHECKING:
    from shops.marketplaces.shopee.client import ShopeeConnector

_ITEMS_PER_CALL = 50


class ProductReader(ResourceReader):
    """Reads articles by time of change; the list tells it, so that known ones are not asked for again."""

    _connector: "ShopeeConnector"
    resource: ClassVar[Resource] = Resource.PRODUCTS
    capability: ClassVar[Capability] = Capability(
        page_size=100,
        details={"base": _ITEMS_PER_CALL, "models": 1},
        ids_limit=_ITEMS_PER_CALL,
        note="A list by time of change with all six states, base info for 50 articles a call, and one call more for "
        "each article with variations: their prices and stock.",
    )
    list_path: ClassVar[str] = "/product/get_item_list"
    base_path: ClassVar[str] = "/product/get_item_base_info"
    models_path: ClassVar[str] = "/product/get_model_list"
    # Deep offsets are refused, but the depth is not published. A list that is longer is read in halves of its window.
    deepest_offset: ClassVar[int] = 5_000

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[ProductRecord]:
        """List what changed in the window, by offset."""
        place = _Place.read(page_token) if page_token else _Place((query.window,))
        parameters = (
            ("offset", str(place.offset)),
            ("page_size", str(self.capability.page_size)),
            *(("item_status", word) for word in STATUSES),  # without them it would show some of the states only
            *window_of(place.windows[0], "update_time_from", "update_time_to"),
        )
        answer = self._connector.fetch(self.list_path, parameters)
        found = look(answer, "item", "has_next_page")
        total = values.number(answer.get("total_count"))
        cut = halves(place.windows[0])
        if total is not None and total > self.deepest_offset and not place.offset and cut:
            return Page((), next_token=_Place((*cut, *place.windows[1:])).written(), total_count=total)
        following = place.after(found.has_more, values.number(answer.get("next_offset")), total, len(found.rows))
        return page_of(map(_stub_of, found.rows), following.written() if following else "", total)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[ProductRecord]:
        """Read base info of up to 50 articles, or the variants of one."""
        if stubs[0].step == "base":
            return self._fetch_base([stub.external_id for stub in stubs])
        (stub,) = stubs
        models = self._connector.fetch(self.models_path, (("item_id", stub.external_id),))
        if not isinstance(models.get("model"), list):
            raise errors.UnreadableAnswer("The answer has no list of variants.")
        return page_of([map_product({**stub.payload, "models": models})])

    def fetch_by_ids(self, external_ids: Sequence[str]) -> Page[ProductRecord]:
        """Read articles by number; those that are not known there are missing."""
        try:
            return self._fetch_base(external_ids)
        except errors.RecordRefused:  # what Shopee says where it knows none of them
            return Page(())

    def map_payload(self, payload: Payload) -> ProductRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_product(payload)

    def _fetch_base(self, item_ids: Sequence[str]) -> Page[ProductRecord]:
        rows = self._connector.fetch(self.base_path, (("item_id_list", ",".join(item_ids)),)).get("item_list")
        if not isinstance(rows, list):
            raise errors.UnreadableAnswer("The answer has no list of articles.")
        return page_of(map(_next_of, asked_for(rows, "item_id", item_ids)))


class _Place:
    """Where the reading of a list is: the windows that are left, and how far the first is read.

    `total` is how many rows it had when it was last looked at. Rows that leave the window meanwhile move those behind
    them forward: as many are then read again, or the page turned over would hide them.
    """

    def __init__(self, windows: tuple[Window, ...], offset: int = 0, total: int | None = None) -> None:
        self.windows = windows
        self.offset = offset
        self.total = total

    @classmethod
    def read(cls, token: str) -> "_Place":
        """Read our own token."""
        windows, (offset, total) = read_place(token)
        return cls(windows, offset, total)

    def written(self) -> str:
        """Write the place as a token."""
        return write_place(self.windows, self.offset, self.total)

    def after(self, has_more: bool, next_offset: int | None, total: int | None, count: int) -> "_Place | None":
        """Give the place that follows a page; None at the end of the list."""
        lost = max(0, self.total - total) if self.total is not None and total is not None else 0
        if lost and self.offset:
            return _Place(self.windows, max(0, self.offset - lost), total)
        if not has_more:
            return _Place(self.windows[1:]) if self.windows[1:] else None
        following = next_offset if next_offset is not None and next_offset > self.offset else self.offset + count
        return _Place(self.windows, following, total)


def _stub_of(row: object) -> Stub | UnreadableRecord:
    found: Mapping[str, Any] = values.fields(row)
    item_id = values.identifier(found.get("item_id"))
    if item_id is None:
        return unreadable(row, "item_id")
    return Stub(item_id, "base", dict(found), values.seconds(found.get("update_time")))


def _next_of(row: Any) -> Stub | ProductRecord | UnreadableRecord:
    """Ask for the variants of an article that has any; without them its base info says all."""
    item_id = values.identifier(values.fields(row).get("item_id"))
    if item_id is None or not values.boolean(row.get("has_model")):
        return map_product({"item": row})
    return Stub(item_id, "models", {"item": row}, values.seconds(row.get("update_time")))
