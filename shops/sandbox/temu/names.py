"""Gives everything of a shop the numbers that Temu gives it, and finds an order by them."""

import re

from shops.sandbox.dataset import CHILD_STEP, HIGHEST_CHILD, OrderNumbers, World

NAME = "temu"
# 17 digits, as the numbers have after the region; 56 bits of numbers fit above it.
_ORDER_BASE = 10_000_000_000_000_000
# The shared catalogue has ids of 19 digits, whose last 14 are enough; Temu's have 15 and 14 digits.
_CATALOGUE_DIGITS = 10**14
_GOODS_BASE = 600_000_000_000_000
_SKU_BASE = 100_000_000_000_000
_PRODUCT_SKU_BASE = 22_700_000_000
_PRODUCT_BASE = 7_980_000_000
_PARENT = re.compile(r"PO-([0-9]{3})-([0-9]{17})")
_CHILD = re.compile(r"([0-9]{3})-([0-9]{17})")
_PACKAGE = re.compile(r"PK-([0-9]{17})([0-9]{2})")
_CASE = re.compile(r"(PO-[0-9]{3}-[0-9]{17})-D([0-9]{2})")


class Names:
    """The numbers of one shop's orders, lines, packages and after-sales requests."""

    def __init__(self, world: World, shop_number: int, region_id: int) -> None:
        self.numbers = OrderNumbers(world, NAME, _ORDER_BASE)
        self._shop_number = shop_number
        self._region = f"{region_id:03d}"

    def parent(self, index: int) -> str:
        """Return the number of a parent order: the region and 17 digits [A]."""
        return f"PO-{self._region}-{self.numbers.number_of(self._shop_number, index):017d}"

    def children(self, index: int, count: int) -> list[str]:
        """Return the numbers of its child orders."""
        number = self.numbers.number_of(self._shop_number, index)
        return [f"{self._region}-{number + CHILD_STEP * at:017d}" for at in range(1, count + 1)]

    def package(self, index: int, number: int) -> str:
        """Return the number of an order's package: 19 digits [A]."""
        return f"PK-{self.numbers.number_of(self._shop_number, index):017d}{number:02d}"

    def case(self, index: int, number: int) -> str:
        """Return the number of an order's after-sales request [M: four sources agree]."""
        return f"{self.parent(index)}-D{number:02d}"

    def child_case(self, child: str, number: int) -> str:
        """Return the number of one line of a request; the pattern is a guess [?]."""
        return f"{child}-D{number:02d}"

    def find_parent(self, parent: str) -> int | None:
        """Return the index behind a parent order's number, if it can be this shop's."""
        match = _PARENT.fullmatch(parent)
        return self._index(int(match[2])) if match and match[1] == self._region else None

    def find_child(self, child: str) -> tuple[int, int] | None:
        """Return the index of the order and the place of the line, counted from 0."""
        match = _CHILD.fullmatch(child)
        if match is None or match[1] != self._region:
            return None
        offset = int(match[2]) - _ORDER_BASE
        at = offset // CHILD_STEP & HIGHEST_CHILD
        index = self._index(int(match[2]) - CHILD_STEP * at) if at else None
        return None if index is None else (index, at - 1)

    def find_package(self, package: str) -> tuple[int, int] | None:
        """Return the index of the order and the number of the package."""
        match = _PACKAGE.fullmatch(package)
        index = self._index(int(match[1])) if match else None
        return None if index is None or match is None else (index, int(match[2]))

    def find_case(self, case: str) -> tuple[int, int] | None:
        """Return the index of the order and the number of the request."""
        match = _CASE.fullmatch(case)
        index = self.find_parent(match[1]) if match else None
        return None if index is None or match is None else (index, int(match[2]))

    def _index(self, number: int) -> int | None:
        found = self.numbers.find(number)
        return found[1] if found is not None and found[0] == self._shop_number else None


def goods_id(product_id: str) -> int:
    """Return the id of a product."""
    return _GOODS_BASE + int(product_id) % _CATALOGUE_DIGITS


def sku_id(catalogue_id: str) -> int:
    """Return the id of a variant."""
    return _SKU_BASE + int(catalogue_id) % _CATALOGUE_DIGITS


def product_sku_id(catalogue_id: str) -> int:
    """Return the id of a variant in the seller's own catalogue, which is another one [A]."""
    return _PRODUCT_SKU_BASE + int(catalogue_id) % 10**9


def product_id(catalogue_id: str) -> int:
    """Return the id of a product in the seller's own catalogue."""
    return _PRODUCT_BASE + int(catalogue_id) % 10**9
