"""What is in an order and what it costs: units, discounts, shipping, tax, in minor units so that every sum is exact."""

from collections.abc import Sequence
from typing import NamedTuple

from shops.sandbox.catalogue import Sku
from shops.sandbox.regions import Region

# How many units an order has, by four bits of its hash; marketplaces see mostly small baskets.
_UNIT_COUNTS = (1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5)
_SELLER_PERCENT = (0, 0, 5, 10, 12, 15, 0, 8)
_PLATFORM_PERCENT = (0, 0, 0, 3, 4, 6, 8, 0)
# Digest bytes; 0 to 22 belong to dataset.py and life.py.
_COUNT, _PICKS, _SELLER, _PLATFORM, _SHIPPING, _GIFT, _FEES = 23, 24, 34, 35, 36, 37, 59
_GIFT_SHARE = 16


class Unit(NamedTuple):
    """One piece of one sku. `sale = original - seller_discount - platform_discount`."""

    sku: Sku
    original: int
    seller_discount: int
    platform_discount: int
    sale: int
    tax: int
    is_gift: bool


class Bill(NamedTuple):
    """The sums of an order, in minor units."""

    original: int
    seller_discount: int
    platform_discount: int
    sub_total: int
    original_shipping: int
    shipping_seller_discount: int
    shipping_platform_discount: int
    shipping: int
    product_tax: int
    fees: tuple[tuple[str, int], ...]
    total: int


def unit_count(digest: bytes, least: int = 1) -> int:
    """Return how many pieces an order has."""
    return max(least, _UNIT_COUNTS[digest[_COUNT] & 15])


def _picks(digest: bytes, catalogue: Sequence[Sku], least: int) -> list[Sku]:
    count = unit_count(digest, least)
    size = len(catalogue)
    # One order in four buys its first article again and again: three units of one sku are three lines.
    if count > 1 and digest[_COUNT] >> 6 == 0:
        repeated = catalogue[digest[_PICKS] % size]
        return [repeated] * (count - 1) + [catalogue[digest[_PICKS + 1] % size]]
    return [catalogue[digest[_PICKS + at] % size] for at in range(count)]


def units_of(digest: bytes, catalogue: Sequence[Sku], region: Region, least: int = 1) -> list[Unit]:
    """Return the units of an order, one entry for each piece; `least` is 2 for an order that goes in two parcels."""
    skus = _picks(digest, catalogue, least)
    seller_percent = _SELLER_PERCENT[digest[_SELLER] & 7]
    platform_percent = _PLATFORM_PERCENT[digest[_PLATFORM] & 7]
    gift_at = len(skus) - 1 if len(skus) > 1 and digest[_GIFT] < _GIFT_SHARE else -1
    paid = skus[:gift_at] if gift_at >= 0 else skus
    # A platform voucher is for the whole order; what does not divide evenly falls on the last unit that is paid for.
    left = sum(sku.price for sku in paid) * platform_percent // 100
    numerator, denominator = region.tax
    units: list[Unit] = []
    for at, sku in enumerate(skus):
        price = sku.price
        if at == gift_at:
            units.append(Unit(sku, price, price, 0, 0, 0, True))
            continue
        seller = price * seller_percent // 100
        platform = left if at == len(paid) - 1 else price * platform_percent // 100
        left -= platform
        sale = price - seller - platform
        units.append(Unit(sku, price, seller, platform, sale, sale * numerator // denominator, False))
    return units


def _shipping(digest: bytes, region: Region) -> tuple[int, int, int]:
    """Shipping before discounts, and what seller and platform take off."""
    full = region.shipping_fee
    kind = digest[_SHIPPING] & 7
    if kind < 3:
        return full, 0, full
    if kind == 3:
        return full, full // 2, full - full // 2
    return full, 0, full // 3 if kind == 4 else 0


def bill_for(units: Sequence[Unit], digest: bytes, region: Region) -> Bill:
    """Add up an order.

    Tax inside the price: `total = sub_total + shipping + fees` and the product tax is a share of `sub_total`
    (seen live in Vietnam, where no fee is ever above zero). On top (US): the tax of all units is added as well.
    """
    original = sum([unit.original for unit in units])
    seller = sum([unit.seller_discount for unit in units])
    platform = sum([unit.platform_discount for unit in units])
    sub_total = original - seller - platform
    full, by_seller, by_platform = _shipping(digest, region)
    shipping = full - by_seller - by_platform
    chance = digest[_FEES]
    fees = tuple((fee.field, fee.minor) for fee in region.fees if chance < fee.share)
    total = sub_total + shipping + sum([minor for _, minor in fees])
    if region.tax_on_top:
        tax = sum([unit.tax for unit in units])
        total += tax
    else:
        tax = sub_total * region.tax[0] // region.tax[1]
    return Bill(original, seller, platform, sub_total, full, by_seller, by_platform, shipping, tax, fees, total)
