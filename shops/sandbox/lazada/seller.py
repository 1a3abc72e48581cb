"""Sets up the shops of a world: ids, names, countries, keys and goods, all from the seed."""

from dataclasses import dataclass

from shops.sandbox.aftersales import Cases
from shops.sandbox.catalogue import build_catalogue
from shops.sandbox.dataset import HIGHEST_SHOP_COUNT, OrderBook, World
from shops.sandbox.goods import Goods
from shops.sandbox.lazada.dates import Zone
from shops.sandbox.lazada.numbers import NAME, ShortNumbers
from shops.sandbox.life import table_of_paths
from shops.sandbox.money import Settlements
from shops.sandbox.people import AddressBook
from shops.sandbox.regions import REGIONS, Region
from shops.sandbox.shelf import Shelf
from shops.sandbox.windows import Lives

# The six countries; Vietnam has whole numbers in places where the others have minor units.
COUNTRIES = ("VN", "TH", "ID", "MY", "PH", "SG")
# Few enough that people come back.
BUYER_COUNT = 4096
_SELLER_BASE = 100_000_000_000
_BUYER_BASE = 200_000_000_000_000
_SHOP_NAMES = {
    "vi": "Gian hàng Mẫu", "th": "ร้านค้าตัวอย่าง", "id": "Toko Percobaan", "ms": "Kedai Percubaan", "en": "Example Mall"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AppKeys:
    """The app that all shops of the world have authorised."""

    app_key: str
    app_secret: str


@dataclass(frozen=True)
class Seller:
    """One shop and its seller."""

    number: int
    seller_id: str
    short_code: str
    name: str
    region: Region
    zone: Zone
    buyer_base: int
    goods: Goods
    people: AddressBook
    lives: Lives
    cases: Cases
    settlements: Settlements
    shelf: Shelf

    @property
    def account(self) -> str:
        """The name that the seller signs in with."""
        return f"seller{self.number + 1}@example.test"

    def order_number(self, index: int) -> int:
        """Return the order's number."""
        return self.lives.book.number_of(index)

    def buyer_id(self, digest: bytes) -> int:
        """Return the buyer's number."""
        return self.buyer_base + (digest[48] << 4 | digest[49] >> 4)

    def amount(self, minor: int) -> float:
        """Return an amount as the numbers of Lazada's answers have it, in major units."""
        return minor / 100 if self.region.decimals else float(minor)

    def money(self, minor: int) -> str:
        """Return an exact amount in major units, signed."""
        return self.region.money(minor)


def app_keys(world: World) -> AppKeys:
    """Return the keys of the app; they depend on the seed alone."""
    number = 100_000 + world.number(NAME, "app key") % 900_000
    return AppKeys(str(number), world.token(NAME, "secret").hex())


def build_sellers(world: World) -> list[Seller]:
    """All shops, their countries taking turns."""
    numbers = ShortNumbers(world)
    return [_build(world, numbers, number) for number in range(world.shops)]


def _build(world: World, numbers: ShortNumbers, number: int) -> Seller:
    code = COUNTRIES[number % len(COUNTRIES)]
    region = next(region for region in REGIONS if region.code == code)
    salt = world.number(NAME, "shops") % 10**8
    goods = Goods(build_catalogue(world, region, NAME, number), region)
    lives = Lives(OrderBook(world, NAME, number, numbers), table_of_paths(with_cod=region.cash_name is not None))
    cases = Cases(lives, goods)
    return Seller(
        number=number,
        seller_id=str(_SELLER_BASE + salt * 1000 + number),
        short_code=f"{code}0SBX{number + 1:03d}",
        name=f"{_SHOP_NAMES[region.language]} {number + 1}",
        region=region,
        zone=Zone(region.timezone),
        buyer_base=_BUYER_BASE + (salt * HIGHEST_SHOP_COUNT + number) * BUYER_COUNT,
        goods=goods,
        people=AddressBook(region),
        lives=lives,
        cases=cases,
        settlements=Settlements(lives, goods, cases),
        shelf=Shelf(world, goods.catalogue, NAME, number),
    )
