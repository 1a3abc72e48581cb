"""Puts the pieces of an order together into lines, as Shopee does: one line for each variant at one price."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shops.sandbox.baskets import Unit
from shops.sandbox.catalogue import Sku


class Line(NamedTuple):
    """One line of an order. Prices are for one piece; vouchers of the platform do not lower them."""

    number: int  # counts the lines of the order, from 1
    sku: Sku
    original: int
    discounted: int
    is_gift: bool
    units: tuple[int, ...]

    @property
    def quantity(self) -> int:
        """How many pieces."""
        return len(self.units)


def lines_of(units: Sequence[Unit]) -> list[Line]:
    """Return the lines of an order; a gift stands beside a paid piece of the same variant as a line of its own."""
    groups: dict[tuple[str, bool], list[int]] = {}
    for at, unit in enumerate(units):
        groups.setdefault((unit.sku.sku_id, unit.is_gift), []).append(at)
    lines = []
    for number, positions in enumerate(groups.values(), start=1):
        unit = units[positions[0]]
        discounted = unit.original - unit.seller_discount
        lines.append(Line(number, unit.sku, unit.original, discounted, unit.is_gift, tuple(positions)))
    return lines


def part_of(lines: Iterable[Line], units: Iterable[int]) -> list[tuple[Line, int]]:
    """Return the lines that these pieces belong to, with how many pieces of each."""
    wanted = set(units)
    counts = [(line, len(wanted.intersection(line.units))) for line in lines]
    return [(line, count) for line, count in counts if count]
