"""Reads the lines of a Shopee order, and finds which of them lie in a package."""

from collections.abc import Sequence
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.reading import Fields
from shops.marketplaces.records import LineRecord
from shops.marketplaces.shopee.mapping.ids import told_apart, variant_id
from shops.marketplaces.shopee.mapping.order_fields import LINE_PLACED


def read_lines(order: Fields, currency: str) -> tuple[LineRecord, ...]:
    """Read the lines; prices are for one unit.

    `line_item_id` is the line's own id, but it is new: where a line lacks it, article and variant name the lines, and
    those that a bundle repeats are numbered.
    """
    rows = [*order.parts("item_list", required=True)]
    if order.source.get("item_list") == []:
        order.problems.append(f"{order.place}item_list has no lines.")
    lines = []
    for row, (external_id, item_id, model_id) in zip(rows, _name_lines(rows), strict=True):
        if not external_id or len(external_id) > values.IDENTIFIER_LENGTH:
            row.problems.append(f"{row.place}item_id gives no id: the line is left out.")
        else:
            lines.append(_read_line(row, external_id, item_id, model_id, currency))
    return tuple(lines)


def _name_lines(rows: Sequence[Fields]) -> list[tuple[str, str, str]]:
    """Give each line's id, article and variant."""
    own = [row.identifier("line_item_id") for row in rows]
    variants = [(row.identifier("item_id", required=True), row.identifier("model_id")) for row in rows]
    if "" in own or "0" in own or len(set(own)) < len(own):
        own = told_apart([f"{item}:{model or 0}" if item else "" for item, model in variants])
    return [(name, *variant) for name, variant in zip(own, variants, strict=True)]


def _read_line(row: Fields, external_id: str, item_id: str, model_id: str, currency: str) -> LineRecord:
    quantity = row.count("model_quantity_purchased", required=True)
    # By position, in the order of the record's fields, which takes half the time of naming them.
    return LineRecord(
        external_id,
        variant_id(item_id, model_id),
        item_id,
        row.text("model_sku") or row.text("item_sku"),  # without variations the article's own is the only one
        row.text("item_name"),
        row.text("model_name"),
        row.part("image_info").text("image_url") if row.source.get("image_info") is not None else "",
        1 if quantity is None else quantity,
        currency,
        row.amount("model_original_price"),
        row.amount("model_discounted_price"),
        attributes=row.unplaced(LINE_PLACED),
    )


class LineFinder:
    """Finds an order's lines by what packages say of them: article and variant, no line id.

    Where several lines have the same article and variant, the first mention is the first of them, and so on.
    """

    def __init__(self, lines: Sequence[LineRecord]) -> None:
        self._lines: dict[tuple[str, str], list[str]] = {}
        self._seen: dict[tuple[str, str], int] = {}
        for line in lines:
            key = (line.product_external_id, line.sku_external_id)
            self._lines.setdefault(key, []).append(line.external_id)

    def contents_of(self, package: Fields) -> list[dict[str, Any]]:
        """Name the lines in a package, each with how many of it."""
        contents = []
        for row in package.parts("item_list"):
            line = self._find(row)
            count = row.count("model_quantity", required=True)
            if line is None:
                row.problems.append(f"{row.place}item_id and model_id name no line of the order.")
            elif count is not None:
                contents.append({"line": line, "quantity": count})
        return contents

    def _find(self, row: Fields) -> str | None:
        item_id = row.identifier("item_id")
        key = (item_id, variant_id(item_id, row.identifier("model_id")))
        found = self._lines.get(key)
        if not found:
            return None
        nth = self._seen[key] = self._seen.get(key, 0) + 1
        return found[min(nth, len(found)) - 1]
