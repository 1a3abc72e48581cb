"""Sets up the Temu shops of a world: ids, countries, keys and goods, all from the seed."""

from dataclasses import dataclass, replace

from shops.sandbox.aftersales import Cases
from shops.sandbox.catalogue import build_catalogue
from shops.sandbox.dataset import OrderBook, World
from shops.sandbox.goods import Goods
from shops.sandbox.life import table_of_paths
from shops.sandbox.people import AddressBook
from shops.sandbox.regions import REGIONS, Region
from shops.sandbox.shelf import Shelf
from shops.sandbox.temu.gateway import AppKeys
from shops.sandbox.temu.names import NAME, Names
from shops.sandbox.windows import Lives

_MALL_BASE = 634_000_000_000_000
_CARRIER_BASE = 998_200_000


@dataclass(frozen=True)
class Country:
    """A country where Temu has local shops. `area` is what request ids of its host begin with [A]."""

    region: Region
    region_id: int
    site_id: int
    area: str
    shop_name: str


def _shared(code: str) -> Region:
    """Return a country of the other marketplaces, without the fees that only TikTok charges the buyer."""
    return replace(next(region for region in REGIONS if region.code == code), fees=())


# Shops take these in turn: one of each area first.
COUNTRIES: tuple[Country, ...] = (
    Country(_shared("US"), 211, 100, "us", "Sample Store"),
    Country(
        Region(
            "DE", "Deutschland", "EUR", 2, "Europe/Berlin", "en", 0.95, 1, (19, 119), False, 390, "49",
            ("Credit/debit card", "PayPal"), None, ("Beispielpost", "Muster Paket"),
        ),
        76, 105, "eu", "Beispielladen",
    ),
    Country(
        Region(
            "MX", "México", "MXN", 2, "America/Mexico_City", "en", 18, 50, (16, 116), False, 9_900, "52",
            ("Credit/debit card", "OXXO"), "Cash on delivery", ("Paquetería Ejemplo",),
        ),
        128, 110, "gl", "Tienda de Muestra",
    ),
    Country(_shared("GB"), 210, 102, "eu", "Sample Shop"),
)  # fmt: skip


@dataclass(frozen=True)
class Seller:
    """One shop and its seller."""

    number: int
    mall_id: int
    name: str
    country: Country
    carriers: tuple[tuple[int, str], ...]
    names: Names
    goods: Goods
    people: AddressBook
    lives: Lives
    cases: Cases
    shelf: Shelf

    @property
    def region(self) -> Region:
        """The country's currency, prices and taxes."""
        return self.country.region


def app_keys(world: World) -> AppKeys:
    """Return the keys of the app; they depend on the seed alone."""
    return AppKeys(world.token(NAME, "app key").hex(), world.token(NAME, "secret", size=20).hex())


def build_sellers(world: World) -> list[Seller]:
    """All shops, their countries taking turns."""
    return [_build(world, number) for number in range(world.shops)]


def _build(world: World, number: int) -> Seller:
    country = COUNTRIES[number % len(COUNTRIES)]
    region = country.region
    names = Names(world, number, country.region_id)
    catalogue = build_catalogue(world, region, NAME, number)
    goods = Goods(catalogue, region)
    lives = Lives(OrderBook(world, NAME, number, names.numbers), table_of_paths(with_cod=region.cash_name is not None))
    carriers = enumerate(region.carriers, start=_CARRIER_BASE + country.region_id * 10)
    return Seller(
        number=number,
        mall_id=_MALL_BASE + world.number(NAME, "shops") % 10**9 * 1000 + number,
        name=f"{country.shop_name} {number + 1}",
        country=country,
        carriers=tuple(carriers),
        names=names,
        goods=goods,
        people=AddressBook(region),
        lives=lives,
        cases=Cases(lives, goods),
        shelf=Shelf(world, catalogue, NAME, number),
    )
