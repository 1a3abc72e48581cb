"""What the SKUs of a product come to: how many, how many pieces, and from which price to which."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Min, Sum

from orders.models import Sku


@dataclass(frozen=True)
class PriceRange:
    """The lowest and the highest price in one currency."""

    currency: str
    lowest: Decimal
    highest: Decimal


@dataclass(frozen=True)
class SkuSum:
    """`stock_count` is None where the marketplace tells the stock of none of them."""

    count: int = 0
    stock_count: int | None = None
    prices: tuple[PriceRange, ...] = ()


NO_SKUS = SkuSum()


def sum_skus(product_ids: Iterable[int]) -> dict[int, SkuSum]:
    """Add up the SKUs of these products in one query; products without any are left out."""
    groups = Sku.objects.filter(product_id__in=list(product_ids)).order_by("product_id", "currency")
    sums: dict[int, SkuSum] = {}
    for product_id, currency, count, stock, lowest, highest in groups.values_list("product_id", "currency").annotate(
        Count("pk"), Sum("stock_count"), Min("price"), Max("price")
    ):
        known = sums.get(product_id, NO_SKUS)
        stocks = [one for one in (known.stock_count, stock) if one is not None]
        prices = () if lowest is None or highest is None else (PriceRange(currency, lowest, highest),)
        sums[product_id] = SkuSum(known.count + count, sum(stocks) if stocks else None, known.prices + prices)
    return sums
