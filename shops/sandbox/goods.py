"""Says what is in an order of one shop, whichever marketplace shows it."""

from collections.abc import Sequence

from shops.sandbox.baskets import Bill, Unit, bill_for, units_of
from shops.sandbox.catalogue import Sku
from shops.sandbox.regions import Region
from shops.sandbox.windows import OrderState


class Goods:
    """The catalogue of one shop with its prices and taxes."""

    def __init__(self, catalogue: Sequence[Sku], region: Region) -> None:
        self.catalogue = catalogue
        self.region = region

    def units(self, state: OrderState) -> list[Unit]:
        """Return one entry for each piece; an order that goes in two parcels has at least two."""
        least = 2 if "partly_shipped" in state.path.path.events else 1
        return units_of(state.digest, self.catalogue, self.region, least)

    def bill(self, state: OrderState) -> Bill:
        """Return the sums of the order."""
        return bill_for(self.units(state), state.digest, self.region)
