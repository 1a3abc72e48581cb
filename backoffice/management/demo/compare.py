"""Compares every order and line here with what the sandbox says is true, a batch at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

import orjson
import requests

from orders.models import Order
from shops.models import Shop

BATCH = 1_000
EXAMPLES = 5

Truth = dict[str, Any]


@dataclass
class Comparison:
    """Orders there and here, and where they differ. `examples` names some, with what differs."""

    there: int = 0
    here: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing is missing, extra or different."""
        return not (self.missing or self.extra or self.different)

    def note(self, text: str) -> None:
        """Keep the first few differences as examples."""
        if len(self.examples) < EXAMPLES:
            self.examples.append(text)


def fetch_truth(control: str, shop: Shop, as_of: int) -> Iterator[Truth]:
    """Stream the truth about a shop's orders, one at a time."""
    query: dict[str, str | int] = {"marketplace": shop.marketplace, "shop": shop.external_id, "as_of": as_of}
    with requests.get(f"{control}/truth/orders", params=query, stream=True, timeout=120) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines(chunk_size=1 << 16):
            if line:
                yield orjson.loads(line)


def compare_shop(shop: Shop, truth: Iterable[Truth], result: Comparison) -> None:
    """Add one shop to the result."""
    stream = iter(truth)
    known = 0
    while batch := {order["id"]: order for order in islice(stream, BATCH)}:
        result.there += len(batch)
        orders = {
            o.external_id: o for o in Order.objects.filter(shop=shop, external_id__in=batch).prefetch_related("lines")
        }
        known += len(orders)
        for external_id, expected in batch.items():
            if external_id not in orders:
                result.missing += 1
                result.note(f"missing: {external_id} {expected['status']} updated {expected['update_time']}")
            elif (stored := _as_truth(orders[external_id])) != (wanted := _normalised(expected)):
                result.different += 1
                result.note(f"different: {external_id}: {_first_difference(stored, wanted)}")
    here = Order.objects.filter(shop=shop).count()
    result.here += here
    result.extra += here - known


def _normalised(expected: Truth) -> Truth:
    lines = {line["id"]: (line["sku_id"], int(line["quantity"]), Decimal(line["price"])) for line in expected["lines"]}
    return {
        "status": expected["status"],
        "update_time": int(expected["update_time"]),
        "total_amount": Decimal(expected["total_amount"]),
        "currency": expected["currency"],
        "lines": lines,
    }


def _as_truth(order: Order) -> Truth:
    updated = order.source_updated_at
    return {
        "status": order.raw_status,
        "update_time": int(updated.timestamp()) if updated else None,
        "total_amount": order.total_amount,
        "currency": order.currency,
        "lines": {line.external_id: (line.sku_external_id, line.quantity, line.price) for line in order.lines.all()},
    }


def _first_difference(stored: Truth, wanted: Truth) -> str:
    name = next(name for name in wanted if stored[name] != wanted[name])
    return f"{name} is {stored[name]!r} here and {wanted[name]!r} there"
