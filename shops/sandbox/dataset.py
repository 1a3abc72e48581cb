"""Says when every order of every shop came into being and what its numbers are, so that no order has to be stored.

Order `index` of a shop lies in the slot `index * spacing` after the world's first second, at a place within the slot
taken from the order's own hash. So the rate is even, creation times never fall back as the index grows, a world holds
exactly the wanted number of orders at its epoch, and orders go on being created for as long as time goes on.
"""

from dataclasses import dataclass
from hashlib import blake2b

DAY_SECONDS = 86_400
HIGHEST_SHOP_COUNT = 200
# 40 bits of index and 8 bits of shop number are spread over 48 bits.
_SHOP_BITS = 8
_NUMBER_BITS = 48
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1
# Any odd factor permutes the numbers of 48 bits; this one is 2**48 divided by the golden ratio.
_FACTOR = 0x9E3779B97F4B
_FACTOR_INVERSE = pow(_FACTOR, -1, 1 << _NUMBER_BITS)
# Bits 16 to 23 of an order number stay zero: children of an order (lines, parcels) count there.
CHILD_STEP = 1 << 16
HIGHEST_CHILD = 255
# Digest bytes that place an order in its slot; life.py and the renderers use others.
_SLOT_HIGH, _SLOT_LOW = 1, 2


@dataclass(frozen=True, slots=True)
class World:
    """What a world is computed from. Equal worlds give equal answers."""

    seed: int
    epoch: int
    days: int
    orders: int
    shops: int

    def __post_init__(self) -> None:
        if not 1 <= self.shops <= HIGHEST_SHOP_COUNT:
            raise ValueError(f"The number of shops must be between 1 and {HIGHEST_SHOP_COUNT}.")
        if not 1 <= self.days <= 3660:
            raise ValueError("The number of days must be between 1 and 3660.")
        if not 0 <= self.orders <= 1_000_000_000:
            raise ValueError("The number of orders must be between 0 and 1000000000.")
        if self.start < 0:
            raise ValueError("The world would begin before 1970.")

    @property
    def start(self) -> int:
        """The first second at which an order may be created."""
        return self.epoch - self.days * DAY_SECONDS

    def orders_of(self, shop_number: int) -> int:
        """How many orders the shop has at the epoch."""
        return self.orders // self.shops + (shop_number < self.orders % self.shops)

    def token(self, *words: object, size: int = 16) -> bytes:
        """Bytes that depend on the seed and the words alone."""
        text = "\x1f".join(str(word) for word in (self.seed, *words))
        return blake2b(text.encode(), digest_size=size).digest()

    def number(self, *words: object) -> int:
        """Return a 64-bit number that depends on the seed and the words alone."""
        return int.from_bytes(self.token(*words, size=8), "big")


class OrderNumbers:
    """Order numbers of one marketplace: unique over its shops, and turned back into shop and index without a search."""

    def __init__(self, world: World, marketplace: str, base: int) -> None:
        self.base = base
        self._key = world.number(marketplace, "order numbers") & _NUMBER_MASK

    def number_of(self, shop_number: int, index: int) -> int:
        """Return the number of a shop's order; the gaps between numbers leave room for HIGHEST_CHILD children each."""
        plain = (index << _SHOP_BITS | shop_number) ^ self._key
        spread = plain * _FACTOR & _NUMBER_MASK
        return self.base + ((spread >> 16) << 24 | spread & 0xFFFF)

    def find(self, number: int) -> tuple[int, int] | None:
        """Return the shop number and index behind an order number, or None if no order can have it."""
        offset = number - self.base
        if offset < 0 or offset >> 56 or offset >> 16 & 0xFF:
            return None
        spread = offset >> 24 << 16 | offset & 0xFFFF
        plain = spread * _FACTOR_INVERSE & _NUMBER_MASK ^ self._key
        return plain & (1 << _SHOP_BITS) - 1, plain >> _SHOP_BITS


class OrderBook:
    """The endless row of orders of one shop."""

    __slots__ = ("count", "marketplace", "numbers", "prefix", "shop_number", "span", "start")

    def __init__(self, world: World, marketplace: str, shop_number: int, numbers: OrderNumbers) -> None:
        self.marketplace = marketplace
        self.shop_number = shop_number
        self.numbers = numbers
        self.count = world.orders_of(shop_number)
        # One second late, so that exactly the wanted number exists at the epoch itself.
        self.start = world.start + 1
        self.span = world.days * DAY_SECONDS
        self.prefix = world.token(marketplace, shop_number, "orders", size=16)

    def digest(self, index: int) -> bytes:
        """Return the one hash from which all properties of an order are sliced."""
        return blake2b(self.prefix + index.to_bytes(8, "big")).digest()

    def created_at(self, index: int, digest: bytes) -> int:
        """When the order was created; only for a book with orders."""
        within = digest[_SLOT_HIGH] << 8 | digest[_SLOT_LOW]
        return self.start + (index << 16 | within) * self.span // (self.count << 16)

    def first_index_from(self, moment: int) -> int:
        """Return the index of the first order created at `moment` or later."""
        if not self.count:
            return 0
        index = max(0, (moment - self.start) * self.count // self.span - 1)
        while self.created_at(index, self.digest(index)) < moment:
            index += 1
        return index

    def number_of(self, index: int) -> int:
        """Return the order number of the order."""
        return self.numbers.number_of(self.shop_number, index)

    def find_index(self, number: int, as_of: int) -> int | None:
        """Return the index behind an order number, if that order is this shop's and exists at `as_of`."""
        found = self.numbers.find(number)
        if found is None or found[0] != self.shop_number or not self.count:
            return None
        # An index far in the future costs nothing to refuse: its slot alone says so.
        index = found[1]
        exists = self.created_at(index, self.digest(index)) <= as_of
        return index if exists else None
