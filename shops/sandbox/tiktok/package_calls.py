"""Answers package search, package detail and the tracking of an order."""

from collections.abc import Iterator
from typing import Any

from shops.sandbox.life import TIMINGS, time_of
from shops.sandbox.listener import Request
from shops.sandbox.parcels import parcels_of, tracking_number
from shops.sandbox.service import Call, Service
from shops.sandbox.tiktok import filters
from shops.sandbox.tiktok.filters import read_body
from shops.sandbox.tiktok.lists import Breakages, ListKind, Lists, Row, Search, read_search, sorted_keys
from shops.sandbox.tiktok.orders import OrderWriter
from shops.sandbox.tiktok.packages import Package, Packages
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.windows import OrderState

_LIST = ListKind(
    "packages", largest_page=50, sort_fields=("create_time", "update_time", "order_pay_time"),
    default_sort="create_time", default_order="DESC",
)  # fmt: skip
_CHECKS = {
    **filters.times("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt"),
    "package_status": filters.word("PROCESSING", "FULFILLING", "COMPLETED", "CANCELLED"),
}
_TEXTS = {
    "packed": "Your order was packed by the seller and is awaiting carrier pickup.",
    "collected": "Your package was picked up by the carrier.",
    "arrived_at_hub": "Your package arrived at a sorting centre.",
    "out_for_delivery": "Your package is out for delivery.",
    "delivered": "Your package was delivered.",
    "returned_to_sender": "Your package could not be delivered and is on its way back.",
}
# A package says less of the recipient than an order.
_RECIPIENT = (
    "name", "phone_number", "region_code", "postal_code", "full_address", "address_detail", "address_line1",
    "address_line2", "address_line3", "address_line4",
)  # fmt: skip
_PLACED = "Order placed."
BREAKAGES: Breakages = {
    "no id": lambda package: package.pop("id"),
    "update_time is text": lambda package: package.update(update_time="yesterday"),
    "orders is text": lambda package: package.update(orders="none"),
    "unknown status": lambda package: package.update(status="BEING_PONDERED"),
}


class PackageCalls:
    """The package endpoints of all shops."""

    def __init__(self, service: Service, sellers: list[Seller], writers: list[OrderWriter], lists: Lists) -> None:
        self._service = service
        self._sellers = sellers
        self._writers = writers
        self._packages = [Packages(seller) for seller in sellers]
        self._lists = lists

    def search(self, request: Request, shop_number: int, call: Call) -> Row:
        """POST /fulfillment/202309/packages/search."""
        packages = self._packages[shop_number]
        search = read_search(request, _LIST, read_body(request), _CHECKS)

        def write(key: int, now: int) -> Row | None:
            package = packages.at(key, now)
            return None if package is None else self._row(package, shop_number)

        return self._lists.answer(
            search, _LIST, call, lambda search, as_of: _find(packages, search, as_of), write, BREAKAGES
        )

    def detail(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /fulfillment/202309/packages/{package_id}; its keys are package_id and package_status here."""
        now, wanted = self._service.stage.clock.now(), request.path.split("/")[4]
        package = self._packages[shop_number].find(wanted, now)
        if package is None:
            raise RefusalError("no_package")
        self._service.ledger.need_versions(call.shop, call.endpoint, [(wanted, package.updated)], 1)
        row = self._row(package, shop_number)
        seller, owner = self._sellers[shop_number], self._owner(package, shop_number)
        recipient = seller.people.recipient(owner, masked=True)
        return {
            "package_id": row.pop("id"),
            "package_status": row.pop("status"),
            **row,
            "shipping_type": self._writers[shop_number].shipping_type(owner),
            "handover_method": "PICKUP",
            "delivery_option_id": seller.delivery_option_id,
            "delivery_option_name": "Standard shipping",
            "has_multi_skus": len(row["order_line_item_ids"]) > 1,
            "note_tag": "BUYER_UNNOTED",
            "split_and_combine_tag": _tag(package),
            "dimension": {"length": "20", "width": "10", "height": "10", "unit": "CM"},
            "weight": {"value": "500", "unit": "GRAM"},
            "recipient_address": {name: recipient[name] for name in _RECIPIENT},
        }

    def tracking(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /fulfillment/202309/orders/{order_id}/tracking: what happened to all parcels, the newest first."""
        lives, now = self._sellers[shop_number].lives, self._service.stage.clock.now()
        wanted = request.path.split("/")[4]
        index = lives.book.find_index(int(wanted), now) if wanted.isascii() and wanted.isdigit() else None
        state = None if index is None else lives.state(index, now)
        if state is None:
            raise RefusalError("no_order")
        packages = self._packages[shop_number]
        needs = [(packages.id_of(package), package.updated) for package in packages.of(state, now)]
        self._service.ledger.need_versions(call.shop, call.endpoint, needs, 1)
        rows = [{"description": text, "update_time_millis": at * 1000} for at, text in _events(state, now)]
        return {"tracking": rows}

    def truth(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's packages must agree with; their events are those of their first order."""
        lives, packages = self._sellers[shop_number].lives, self._packages[shop_number]
        for state in lives.states_in(lives.created_range(None, None, as_of), as_of):
            for package in packages.of(state, as_of):
                if package.position == state.position:
                    yield self._truth(package, shop_number, as_of)

    def _truth(self, package: Package, shop_number: int, as_of: int) -> dict[str, Any]:
        row = self._row(package, shop_number)
        return {
            "id": row["id"],
            "orders": [order["id"] for order in row["orders"]],
            "status": row["status"],
            "tracking_number": row["tracking_number"],
            "carrier": row["shipping_provider_name"],
            "events": [{"time": at, "text": text} for at, text in _events(package.parcels[0].order, as_of)],
        }

    def _owner(self, package: Package, shop_number: int) -> bytes:
        return self._writers[shop_number].owner(package.parcels[0].order)[0]

    def _row(self, package: Package, shop_number: int) -> Row:
        seller, book = self._sellers[shop_number], self._sellers[shop_number].lives.book
        owner = self._owner(package, shop_number)
        carrier_id, carrier = self._writers[shop_number].carrier(owner)
        is_packed = any(parcel.events for parcel in package.parcels)
        orders, lines = [], []
        for parcel in package.parcels:
            units, number = seller.goods.units(parcel.order), book.number_of(parcel.order.position)
            lines += self._writers[shop_number].line_ids(number, parcel.units)
            skus: dict[str, Row] = {}
            for unit in (units[at].sku for at in parcel.units):
                image = f"https://img.example.test/sandbox/{unit.sku_id}.jpeg"
                sku = {"id": unit.sku_id, "name": unit.sku_name, "quantity": 0, "image_url": image}
                skus.setdefault(unit.sku_id, sku)["quantity"] += 1
            orders.append({"id": str(number), "skus": list(skus.values())})
        return {
            "id": self._packages[shop_number].id_of(package),
            "status": package.status,
            "create_time": package.created,
            "update_time": package.updated,
            "shipping_provider_id": carrier_id,
            "shipping_provider_name": carrier,
            "tracking_number": tracking_number(owner, package.number, seller.region.code) if is_packed else "",
            "order_line_item_ids": lines,
            "orders": orders,
        }


def _find(packages: Packages, search: Search, as_of: int) -> Any:
    wanted = search.filters
    by_update = search.sort_field == "update_time"
    rows = [
        (package.updated if by_update else package.created, package.key)
        for package in packages.updated_between(wanted.get("update_time_ge"), wanted.get("update_time_lt"), as_of)
        if filters.between(package.created, wanted, "create_time")
        and wanted.get("package_status") in (None, package.status)
    ]
    return sorted_keys(rows, search)


def _events(state: OrderState, as_of: int) -> list[tuple[int, str]]:
    found = [(time_of(TIMINGS[state.path.path.events[0]], state.digest, state.created), _PLACED)]
    for parcel in parcels_of(state, as_of):
        found += [(at, _TEXTS[name]) for name, at in parcel.events]
    # Two parcels that are collected together are told once.
    return sorted(set(found), reverse=True)


def _tag(package: Package) -> str:
    if "partly_shipped" in package.parcels[0].order.path.path.events:
        return "SPLIT"
    return "COMBINE" if len(package.parcels) > 1 else "DEFAULT"
