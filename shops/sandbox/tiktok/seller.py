"""Sets up the shops of a world: ids, names, countries, keys and goods, all from the seed."""

from dataclasses import dataclass

from shops.sandbox.aftersales import Cases
from shops.sandbox.catalogue import build_catalogue
from shops.sandbox.dataset import HIGHEST_SHOP_COUNT, OrderBook, OrderNumbers, World
from shops.sandbox.goods import Goods
from shops.sandbox.life import table_of_paths
from shops.sandbox.money import Settlements
from shops.sandbox.people import AddressBook
from shops.sandbox.regions import REGIONS, Region
from shops.sandbox.shelf import Shelf
from shops.sandbox.tiktok.gateway import AppKeys
from shops.sandbox.windows import Lives

NAME = "tiktok"
# Few enough that people come back.
BUYER_COUNT = 4096
# 18 digits, as live order ids have; 56 bits of numbers fit above it.
_ORDER_BASE = 576_000_000_000_000_000
_SHOP_BASE = 7_495_000_000_000_000_000
_WAREHOUSE_BASE = 7_272_000_000_000_000_000
_DELIVERY_BASE = 7_057_000_000_000_000_000
_CARRIER_BASE = 6_841_000_000_000_000_000
_SHOP_NAMES = {
    "vi": "Cửa hàng Mẫu", "en": "Sample Store", "id": "Toko Contoh", "th": "ร้านตัวอย่าง", "ms": "Kedai Contoh"
}  # fmt: skip


@dataclass(frozen=True)
class Seller:
    """One shop and its seller."""

    number: int
    shop_id: str
    name: str
    region: Region
    cipher: str
    code: str
    open_id: str
    warehouse_id: str
    delivery_option_id: str
    carriers: tuple[tuple[str, str], ...]
    # Keeps the ids of this shop's buyers apart from other shops'.
    salt: int
    goods: Goods
    people: AddressBook
    lives: Lives
    cases: Cases
    settlements: Settlements
    shelf: Shelf

    @property
    def token_prefix(self) -> str:
        """US tokens begin with TTP_, others with ROW_ [A]."""
        return "TTP_" if self.region.code == "US" else "ROW_"


def app_keys(world: World) -> AppKeys:
    """Return the keys of the app; they depend on the seed alone."""
    key, secret = f"6sbx{world.token(NAME, 'app key', size=4).hex()}", f"sbx_{world.token(NAME, 'secret').hex()}"
    return AppKeys(key, secret, str(_SHOP_BASE + world.number(NAME, "service") % 10**9))


def build_sellers(world: World) -> list[Seller]:
    """All shops, their countries taking turns."""
    numbers = OrderNumbers(world, NAME, _ORDER_BASE)
    return [_build(world, numbers, number) for number in range(world.shops)]


def _build(world: World, numbers: OrderNumbers, number: int) -> Seller:
    region = REGIONS[number % len(REGIONS)]
    # Nine digits from the seed, then room for a thousand shops.
    salt = (world.number(NAME, "shops") % 10**9 * 1000 + number) * 1000
    prefix = "TTP" if region.code == "US" else "ROW"
    lives = Lives(OrderBook(world, NAME, number, numbers), table_of_paths(with_cod=region.cash_name is not None))
    goods = Goods(build_catalogue(world, region, NAME, number), region)
    cases = Cases(lives, goods)
    return Seller(
        number=number,
        shop_id=str(_SHOP_BASE + salt + 1),
        name=f"{_SHOP_NAMES[region.language]} {number + 1}",
        region=region,
        cipher=f"{prefix}_sbx{world.token(NAME, number, 'cipher', size=12).hex()}",
        code=f"{region.code}LCSBX{number + 1:04d}",
        open_id=str(_SHOP_BASE + salt + 2),
        warehouse_id=str(_WAREHOUSE_BASE + salt + 3),
        delivery_option_id=str(_DELIVERY_BASE + number),
        carriers=tuple(
            (str(_CARRIER_BASE + REGIONS.index(region) * 10 + at), name) for at, name in enumerate(region.carriers)
        ),
        salt=(world.number(NAME, "buyers") % 10**8 * HIGHEST_SHOP_COUNT + number) * BUYER_COUNT,
        goods=goods,
        people=AddressBook(region),
        lives=lives,
        cases=cases,
        settlements=Settlements(lives, goods, cases),
        shelf=Shelf(world, goods.catalogue, NAME, number),
    )
