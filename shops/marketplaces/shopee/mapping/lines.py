"""Reads the lines of a Shopee order, and finds which of them lie in a package."""

from collections.abc import Sequence
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.reading import Fields
from shops.marketplaces.records import LineRecord
from shops.marketplaces.shopee.mapping.groups import read_amounts, read_ids, read_rows, read_texts
from shops.marketplaces.shopee.mapping.ids import told_apart, variant_id
from shops.marketplaces.shopee.mapping.order_fields import LINE_AMOUNTS, LINE_IDS, LINE_PLACED, LINE_TEXTS


def read_lines(order: Fields, currency: str) -> tuple[LineRecord, ...]:
    """Read the lines; prices are for one unit.

    `line_item_id` is the line's own id, but it is new: where a line lacks it, article and variant name the lines, and
    those that a bundle repeats are numbered.
    """
    rows = read_rows(order, "item_list", required=True)
    if order.source.get("item_list") == []:
        order.problems.append(f"{order.place}item_list has no lines.")
    lines = []
    for row, external_id in zip(rows, _line_ids(rows), strict=True):
        if len(external_id) > values.IDENTIFIER_LENGTH or not external_id:
            row.problems.append(f"{row.place}item_id gives no id: the line is left out.")
        else:
            lines.append(_read_line(row, external_id, currency))
    return tuple(lines)


def _line_ids(rows: Sequence[Fields]) -> list[str]:
    own = [row.identifier("line_item_id") for row in rows]
    if all(name not in ("", "0") for name in own) and len(set(own)) == len(own):
        return own
    items = [(values.identifier(row.source.get("item_id")), _model_of(row)) for row in rows]
    return told_apart([f"{item}:{model or 0}" if item else "" for item, model in items])


def _model_of(row: Fields) -> str:
    return values.identifier(row.source.get("model_id")) or ""


def _read_line(row: Fields, external_id: str, currency: str) -> LineRecord:
    item_id, model_id = read_ids(row, LINE_IDS)
    if not item_id:
        row.problems.append(f"{row.place}item_id is missing.")
    model_sku, item_sku, item_name, model_name = read_texts(row, LINE_TEXTS)
    original_price, price = read_amounts(row, LINE_AMOUNTS)
    quantity = row.count("model_quantity_purchased", required=True)
    return LineRecord(
        external_id=external_id,
        sku_external_id=variant_id(item_id, model_id),
        product_external_id=item_id,
        # Without variations the article's own word is the only one.
        seller_sku=model_sku or item_sku,
        product_name=item_name,
        sku_name=model_name,
        image_url=row.part("image_info").text("image_url"),
        quantity=1 if quantity is None else quantity,
        currency=currency,
        original_price=original_price,
        price=price,
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
        for row in read_rows(package, "item_list"):
            line = self._find(row)
            count = row.count("model_quantity", required=True)
            if line is None:
                row.problems.append(f"{row.place}item_id and model_id name no line of the order.")
            elif count is not None:
                contents.append({"line": line, "quantity": count})
        return contents

    def _find(self, row: Fields) -> str | None:
        item_id, model_id = read_ids(row, LINE_IDS)
        key = (item_id, variant_id(item_id, model_id))
        found = self._lines.get(key)
        if not found:
            return None
        nth = self._seen[key] = self._seen.get(key, 0) + 1
        return found[min(nth, len(found)) - 1]
