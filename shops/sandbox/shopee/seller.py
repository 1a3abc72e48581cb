"""Sets up the shops of a world: ids, names, countries, keys and goods, all from the seed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from shops.sandbox.aftersales import Cases
from shops.sandbox.catalogue import Sku, build_catalogue
from shops.sandbox.dataset import OrderBook, OrderNumbers, World
from shops.sandbox.goods import Goods
from shops.sandbox.life import table_of_paths
from shops.sandbox.money import Settlements
from shops.sandbox.people import AddressBook
from shops.sandbox.regions import REGIONS, Region
from shops.sandbox.shelf import Shelf
from shops.sandbox.shopee.gateway import AppKeys
from shops.sandbox.shopee.names import NAME, OrderNames
from shops.sandbox.windows import Lives

# Where Shopee has shops, as far as the world has these countries.
_COUNTRIES = ("VN", "ID", "TH", "MY", "PH", "SG")
SERVED: tuple[Region, ...] = tuple(region for region in REGIONS if region.code in _COUNTRIES)
# The numbers of the catalogue have 19 digits, of which the last 14 tell its things apart.
_ID_ROOM = 10**14
_SHOP_BASE = 600_000_000
_MAIN_ACCOUNT_BASE = 10_000_000
_SHOP_NAMES = {
    "vi": "Gian hàng Mẫu", "en": "Sample Mall", "id": "Toko Contoh", "th": "ร้านค้าตัวอย่าง", "ms": "Kedai Contoh"
}  # fmt: skip


@dataclass(frozen=True)
class Seller:
    """One shop."""

    number: int
    shop_id: str
    name: str
    region: Region
    goods: Goods
    lives: Lives
    cases: Cases
    names: OrderNames
    people: AddressBook
    shelf: Shelf
    settlements: Settlements
    # Products without variants: their model id is 0 [A].
    singles: frozenset[str]
    # The catalogue's product numbers by item id.
    products: Mapping[str, str]

    def money(self, minor: int) -> float:
        """Return an amount as a number in major units, whole where the currency has no decimals [A]."""
        return minor / 100 if self.region.decimals else minor

    def item_id(self, sku: Sku) -> int:
        """Return the number of a sku's product, shorter than elsewhere, as Shopee's are."""
        return int(sku.product_id) % _ID_ROOM

    def product_id(self, item_id: str) -> str | None:
        """Return the catalogue's number of an item of this shop."""
        return self.products.get(item_id)

    def model_id(self, sku: Sku) -> int:
        """Return the number of the variant; 0 for a product without variants."""
        return 0 if sku.product_id in self.singles else int(sku.sku_id) % _ID_ROOM

    def sku_id(self, sku: Sku) -> str:
        """Return what tells a sku from all others of the shop: the model, or the item where it has no models."""
        return str(self.model_id(sku) or self.item_id(sku))


def app_keys(world: World) -> AppKeys:
    """Return the keys of the app; they depend on the seed alone."""
    partner_id = 2_000_000 + world.number(NAME, "app key") % 900_000
    return AppKeys(str(partner_id), f"shpk{world.token(NAME, 'secret').hex()}")


def main_account_id(world: World) -> str:
    """Return the account that holds all shops of the world."""
    return str(_MAIN_ACCOUNT_BASE + world.number(NAME, "main account") % 1_000_000)


def build_sellers(world: World) -> list[Seller]:
    """All shops, their countries taking turns."""
    names = OrderNames(world)
    # The book's own numbers are not shown; order_names makes those that are.
    numbers = OrderNumbers(world, NAME, 0)
    return [_build(world, names, numbers, number) for number in range(world.shops)]


def _build(world: World, names: OrderNames, numbers: OrderNumbers, number: int) -> Seller:
    region = SERVED[number % len(SERVED)]
    catalogue = build_catalogue(world, region, NAME, number)
    goods = Goods(catalogue, region)
    counts = Counter(sku.product_id for sku in catalogue)
    table = table_of_paths(with_cod=region.cash_name is not None)
    lives = Lives(OrderBook(world, NAME, number, numbers), table)
    cases = Cases(lives, goods)
    return Seller(
        number=number,
        shop_id=str(_SHOP_BASE + world.number(NAME, "shops") % 100_000 * 1000 + number),
        name=f"{_SHOP_NAMES[region.language]} {number + 1}",
        region=region,
        goods=goods,
        lives=lives,
        cases=cases,
        names=names,
        people=AddressBook(region),
        shelf=Shelf(world, catalogue, NAME, number),
        settlements=Settlements(lives, goods, cases),
        singles=frozenset(product for product, count in counts.items() if count == 1),
        products={str(int(product) % _ID_ROOM): product for product in counts},
    )
