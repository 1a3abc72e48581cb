"""Gives orders, returns and parcels the names that Shopee gives them, and finds an order by its name.

An order number is the day of creation as six digits and eight signs: 240115AB3CD4EF. The signs hold the order's index
and its shop, mixed so that neighbours do not look alike; nothing is stored.
"""

import time

from shops.sandbox.dataset import World

NAME = "shopee"
# Without I, L, O and U, which are easily misread: 32 signs of five bits.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}
_SHOP_BITS = 8
_BITS = 40
_MASK = (1 << _BITS) - 1
_HALF = _BITS // 2
_LENGTH = 14
# Odd, so that multiplying permutes the numbers of 40 bits: 2**40 divided by the golden ratio.
_FACTOR = 0x9E3779B97F
_FACTOR_INVERSE = pow(_FACTOR, -1, 1 << _BITS)
# The day in an order number is that of Singapore [C]; nobody should read it.
_UTC_PLUS_8 = 8 * 3600
_DAY_SECONDS = 86_400


class OrderNames:
    """Order numbers of all shops, turned back into shop and index without a search."""

    def __init__(self, world: World) -> None:
        self._key = world.number(NAME, "order numbers") & _MASK
        self._days: dict[int, str] = {}

    def number(self, shop_number: int, index: int) -> int:
        """Return a number of 40 bits that no other order has."""
        mixed = ((index << _SHOP_BITS | shop_number) ^ self._key) * _FACTOR & _MASK
        return mixed ^ mixed >> _HALF

    def order_sn(self, number: int, created: int) -> str:
        """Return the order number."""
        return self._day(created) + _write(number)

    def return_sn(self, number: int, created: int, case_number: int) -> str:
        """Return the number of an order's return, one sign longer than an order's."""
        return self._day(created) + _write(number) + _SIGNS[case_number]

    def find(self, order_sn: str) -> tuple[int, int] | None:
        """Return the shop number and index behind an order number, or None; the day is not looked at."""
        number = _read(order_sn[6:]) if len(order_sn) == _LENGTH else None
        if number is None:
            return None
        mixed = number ^ number >> _HALF
        plain = mixed * _FACTOR_INVERSE & _MASK ^ self._key
        return plain & (1 << _SHOP_BITS) - 1, plain >> _SHOP_BITS

    def _day(self, created: int) -> str:
        day = (created + _UTC_PLUS_8) // _DAY_SECONDS
        text = self._days.get(day)
        if text is None:
            text = self._days[day] = _date_text(day)
        return text


def _date_text(day: int) -> str:
    """Six digits of a day counted from 1970."""
    return time.strftime("%y%m%d", time.gmtime(day * _DAY_SECONDS))


def _write(number: int) -> str:
    return "".join([_SIGNS[number >> shift & 31] for shift in range(_BITS - 5, -1, -5)])


def _read(signs: str) -> int | None:
    number = 0
    for sign in signs:
        if sign not in _VALUES:
            return None
        number = number << 5 | _VALUES[sign]
    return number
