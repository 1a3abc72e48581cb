"""One shop as the endpoints see it: its seller, its writers, and the orders by number."""

from shops.sandbox.shopee.income import IncomeWriter
from shops.sandbox.shopee.orders import OrderWriter
from shops.sandbox.shopee.returns import ReturnWriter
from shops.sandbox.shopee.seller import Seller
from shops.sandbox.shopee.standing import Standing, Standings
from shops.sandbox.shopee.switches import Switches


class Shop:
    """Everything that the endpoints need of a shop."""

    def __init__(self, seller: Seller, switches: Switches) -> None:
        self.seller = seller
        self.shop_id = seller.shop_id
        self.standings = Standings(seller)
        self.orders = OrderWriter(seller, switches)
        self.returns = ReturnWriter(seller, self.orders)
        self.income = IncomeWriter(seller, self.orders, self.returns)

    def find(self, order_sn: str, now: int) -> Standing | None:
        """Return the order with this number, if it is this shop's and exists by now."""
        found = self.seller.names.find(order_sn)
        if found is None or found[0] != self.seller.number or not self.seller.lives.book.count:
            return None
        standing = self.standings.at(found[1], now)
        # The day is part of the number.
        return standing if standing is not None and self.orders.order_sn(standing) == order_sn else None

    def number(self, standing: Standing) -> int:
        """Return the number from which the names of an order's parts are made."""
        return self.seller.names.number(self.seller.number, standing.state.position)
