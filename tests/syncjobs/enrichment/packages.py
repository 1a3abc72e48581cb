"""Orders on their way without a package number, and a connector that answers for their packages from a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.connections import ShopConnection
from shops.marketplaces.contract import Capability, KnownOrder
from shops.marketplaces.records import OrderStatus, Page, Resource, ShipmentRecord, ShipmentStatus, Stub, Token
from shops.models import Shop
from syncjobs.intake import store_batch
from syncjobs.models import EnrichmentTask
from tests.factories.records import make_order


def make_tasks(shop: Shop, *numbers: str, **facts: Any) -> list[EnrichmentTask]:
    """Store orders in transit that told of no package, each with two lines, and return their tasks."""
    facts = {"status": OrderStatus.IN_TRANSIT, "raw_status": "IN_TRANSIT", "packages": None, **facts}
    records = [make_order(number, **facts) for number in numbers]
    store_batch("orders", shop.pk, records, [], Origin("poll", clock.now()))
    return list(EnrichmentTask.objects.filter(shop=shop, parent_order_sn__in=numbers).order_by("pk"))


def make_package(
    number: str, *orders: str, lines: Sequence[str] = ("line-1", "line-2"), **facts: Any
) -> ShipmentRecord:
    """Make a package that holds these lines of each of the orders."""
    contents = tuple({"order": order, "line": line, "quantity": 1} for order in orders for line in lines)
    facts = {"tracking_number": f"JT{number}", "carrier_name": "J&T Express", **facts}
    return ShipmentRecord(
        number, {"id": number, "orders": list(orders), "lines": list(lines)}, ShipmentStatus.IN_TRANSIT,
        order_external_ids=orders, contents=contents, **facts,
    )  # fmt: skip


class PackageConnector:
    """Answers for each order what a table says: packages, an error to raise, or nothing. Five orders a call."""

    marketplace = "temu"
    capabilities = {
        Resource.SHIPMENTS: Capability(page_size=100, details={"order": 5}, may_be_empty=frozenset({"order"}))
    }
    token = Token("access-token", "refresh-token")

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = dict(answers)
        self.asked: list[list[str]] = []
        self.lanes: list[Any] = []

    def plan_packages(self, orders: Sequence[KnownOrder]) -> tuple[Stub, ...]:
        return tuple(Stub(order.external_id, "order", {"lines": [line for line, _ in order.lines]}) for order in orders)

    def fetch_details(self, resource: Resource, stubs: Sequence[Stub]) -> Page[ShipmentRecord]:
        numbers = [stub.external_id for stub in stubs]
        self.asked.append(numbers)
        answers = [self.answers.get(number, ()) for number in numbers]
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return Page(tuple(package for answer in answers for package in answer))

    def map_payload(self, resource: Resource, payload: Any) -> Any:
        return ShipmentRecord(str(payload["id"]), payload)

    def connect(self, shop: Shop, lane: Any) -> ShopConnection:
        """Stand in for shops.tokens.open_connection."""
        self.lanes.append(lane)
        return ShopConnection(self, lambda stale, _: stale)  # type: ignore[arg-type]
