"""Says what a shop offers at any moment: products whose price, stock or state changes every few hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from shops.sandbox.catalogue import Sku
from shops.sandbox.dataset import DAY_SECONDS, World
from shops.sandbox.life import HOUR

Status = Literal["active", "inactive", "deleted", "under_review"]
# A product changes every three to nine hours.
_LEAST_HOURS, _SPREAD_HOURS = 3, 7
# Per cent of the catalogue price; orders keep the price of the catalogue, which is that at which they were bought.
_PRICE_PERCENT = (100, 100, 100, 100, 95, 105, 90, 110)
_HIGHEST_STOCK = 120
# Of 16 states of a product.
_UNDER_REVIEW, _INACTIVE = 15, 14
# The last product but one is taken off the shelf in the middle of the world's days.
_DELETED_AT = -2


@dataclass(frozen=True)
class Offer:
    """One variant with what it costs now and how many are left."""

    sku: Sku
    price: int
    stock: int


@dataclass(frozen=True)
class Product:
    """One product as it stands at some moment."""

    product_id: str
    title: str
    status: Status
    created: int
    updated: int
    skus: tuple[Offer, ...]


class Shelf:
    """The products of one shop."""

    def __init__(self, world: World, catalogue: Sequence[Sku], marketplace: str, shop_number: int) -> None:
        self._key = world.token(marketplace, shop_number, "shelf")
        self._created = world.start - 30 * DAY_SECONDS
        self._deleted_at = world.start + world.days * DAY_SECONDS // 2
        groups: dict[str, list[Sku]] = {}
        for sku in catalogue:
            groups.setdefault(sku.product_id, []).append(sku)
        self._groups = list(groups.items())

    def products(self, as_of: int) -> list[Product]:
        """Return all products, deleted ones too, in the order in which they were created."""
        return [self._product(at, as_of) for at in range(len(self._groups))]

    def find(self, product_id: str, as_of: int) -> Product | None:
        """Return one product, if this shop has it."""
        for at, (known, _) in enumerate(self._groups):
            if known == product_id:
                return self._product(at, as_of)
        return None

    def updated_between(self, start: int | None, end: int | None, as_of: int) -> Iterator[Product]:
        """Yield the products whose last change up to `as_of` lies in [start, end)."""
        for product in self.products(as_of):
            if (start is None or product.updated >= start) and (end is None or product.updated < end):
                yield product

    def _product(self, at: int, as_of: int) -> Product:
        product_id, skus = self._groups[at]
        created = self._created + at * HOUR
        is_deleted = at == len(self._groups) + _DELETED_AT and as_of >= self._deleted_at
        seen = self._deleted_at if is_deleted else as_of
        drawn = self._draw(at, 0)
        period = (_LEAST_HOURS + drawn[0] % _SPREAD_HOURS) * HOUR + drawn[1] * 7
        version = max(0, seen - created) // period
        # Changes count from the creation, so that no product changes before it exists.
        updated = self._deleted_at if is_deleted else created + version * period
        drawn = self._draw(at, version + 1)
        return Product(
            product_id=product_id,
            title=skus[0].product_name,
            status="deleted" if is_deleted else _status(drawn[0]),
            created=created,
            updated=updated,
            skus=tuple(_offer(sku, drawn[1 + number % 30 :]) for number, sku in enumerate(skus)),
        )

    def _draw(self, at: int, version: int) -> bytes:
        return blake2b(at.to_bytes(4, "big") + version.to_bytes(8, "big"), key=self._key, digest_size=40).digest()


def _status(choice: int) -> Status:
    if choice & 15 == _UNDER_REVIEW:
        return "under_review"
    return "inactive" if choice & 15 == _INACTIVE else "active"


def _offer(sku: Sku, drawn: bytes) -> Offer:
    return Offer(sku, sku.price * _PRICE_PERCENT[drawn[0] & 7] // 100, drawn[1] * _HIGHEST_STOCK >> 8)
