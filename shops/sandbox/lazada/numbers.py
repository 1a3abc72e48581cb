"""Numbers as Lazada has them: 15 digits, small enough for clients that keep numbers as floating point."""

from shops.sandbox.dataset import OrderNumbers, World

NAME = "lazada"
_BASE = 400_000_000_000_000
# 32 bits of index and 8 bits of shop number are spread over 40; the lowest 8 bits of a number are for children.
_SHOP_BITS, _CHILD_BITS = 8, 8
_MASK = (1 << 40) - 1
# Any odd factor permutes the numbers of 40 bits; this one is 2**40 divided by the golden ratio.
_FACTOR = 0x9E3779B97F
_FACTOR_INVERSE = pow(_FACTOR, -1, 1 << 40)
# Order numbers end below 675e12, so that these ranges touch neither them nor each other.
_REVERSE_ORDERS = 300_000_000_000_000
_REVERSE_LINES = 1_000_000_000_000_000
_LINES_EACH = 16
# What the catalogue's ids of 19 digits begin at.
_CATALOGUE_BASE = 1_729_000_000_000_000_000


class ShortNumbers(OrderNumbers):
    """Order numbers below 2**53."""

    def __init__(self, world: World) -> None:
        super().__init__(world, NAME, _BASE)
        self._mask = world.number(NAME, "order numbers") & _MASK

    def number_of(self, shop_number: int, index: int) -> int:
        """Return the number of a shop's order."""
        plain = (index << _SHOP_BITS | shop_number) ^ self._mask
        return self.base + ((plain * _FACTOR & _MASK) << _CHILD_BITS)

    def find(self, number: int) -> tuple[int, int] | None:
        """Return the shop number and index behind an order number, or None if no order can have it."""
        offset = number - self.base
        if offset < 0 or offset >> 48 or offset & 0xFF:
            return None
        plain = (offset >> _CHILD_BITS) * _FACTOR_INVERSE & _MASK ^ self._mask
        return plain & (1 << _SHOP_BITS) - 1, plain >> _SHOP_BITS


def line_id(order_number: int, position: int) -> int:
    """Return the order_item_id of the unit at a position."""
    return order_number + position + 1


def package_id(order_number: int, parcel_number: int) -> str:
    """Return the package number of a parcel."""
    return f"FP{order_number + parcel_number}"


def reverse_order_id(order_number: int, case_number: int) -> int:
    """Return the number of a reverse order."""
    return order_number + _REVERSE_ORDERS + case_number


def reverse_line_id(order_number: int, case_number: int, position: int) -> int:
    """Return the number of a line of a reverse order."""
    return order_number + _REVERSE_LINES + case_number * _LINES_EACH + position


def order_of_reverse(reverse_order: int) -> tuple[int, int]:
    """Return the order number and the case number that a reverse order's number is made of."""
    child = (reverse_order - _BASE - _REVERSE_ORDERS) & 0xFF
    return reverse_order - _REVERSE_ORDERS - child, child


def order_of_reverse_line(reverse_line: int) -> tuple[int, int]:
    """Return the order number and the case number that a reverse line's number is made of."""
    child = (reverse_line - _BASE - _REVERSE_LINES) & 0xFF
    return reverse_line - _REVERSE_LINES - child, child // _LINES_EACH


def short_id(catalogue_id: str) -> int:
    """Return the number that Lazada shows for a product or sku of the catalogue."""
    return int(catalogue_id) - _CATALOGUE_BASE
