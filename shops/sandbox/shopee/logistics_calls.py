"""Answers the tracking number and the tracking events of a package."""

from collections.abc import Iterator
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.listener import Request
from shops.sandbox.marketplace import Stage
from shops.sandbox.parcels import Parcel
from shops.sandbox.sessions import Draw
from shops.sandbox.shopee.faulty import spoil
from shops.sandbox.shopee.parameters import numbers_of
from shops.sandbox.shopee.replies import RefusalError
from shops.sandbox.shopee.shop import Shop


class LogisticsCalls:
    """The logistics endpoints of all shops."""

    def __init__(self, stage: Stage, ledger: Ledger) -> None:
        self._stage = stage
        self._ledger = ledger

    def number(self, request: Request, shop: Shop, _draw: Draw) -> dict[str, Any]:
        """GET /logistics/get_tracking_number: empty until the package is arranged, to be asked for again [A]."""
        _, package, parcel = self._find(request, shop)
        text = parcel.tracking_number
        self._ledger.need_versions(shop.shop_id, "tracking_number", [(package, len(text))], 1)
        hint = "" if text else "The tracking number is being generated, please try again later."
        reply = dict.fromkeys(("plp_number", "first_mile_tracking_number", "last_mile_tracking_number"), "")
        return {"tracking_number": text, **reply, "hint": hint, "pickup_code": ""}

    def events(self, request: Request, shop: Shop, draw: Draw) -> dict[str, Any]:
        """GET /logistics/get_tracking_info."""
        order_sn, package, parcel = self._find(request, shop)
        self._ledger.need_versions(shop.shop_id, "tracking_info", [(package, parcel.updated)], 1)
        reply = shop.orders.packages.tracking(parcel, order_sn, package)
        events = reply["tracking_info"]
        spoil("tracking event", events, draw({"impossible_record"} if events else set()))
        return reply

    def truth(self, shop: Shop, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what copies of the packages must agree with, in order of their orders' creation."""
        lives = shop.seller.lives
        for state in lives.states_in(lives.created_range(None, None, as_of), as_of):
            number = shop.seller.names.number(shop.seller.number, state.position)
            order_sn = shop.seller.names.order_sn(number, state.created)
            yield from shop.orders.packages.truth(state, as_of, order_sn, number)

    def _find(self, request: Request, shop: Shop) -> tuple[str, str, Parcel]:
        """Return order number, package number and package; an order in several packages needs the package's number."""
        order_sn, now = numbers_of(request, "order_sn", 1)[0], self._stage.clock.now()
        standing = shop.find(order_sn, now)
        if standing is None:
            raise RefusalError("no_such_order")
        packages = shop.orders.packages
        number = shop.number(standing)
        parcels = {packages.package_number(number, one): one for one in packages.parcels(standing.state, now)}
        asked = request.parameter("package_number")
        if asked is None and len(parcels) == 1:
            asked = next(iter(parcels))
        if asked is None or asked not in parcels:
            raise RefusalError("package_number")
        return order_sn, asked, parcels[asked]
