"""Orders that are on their way without a package number, and the tasks that ask for it."""

from itertools import count
from typing import Any

from backoffice.common import clock
from orders.models import Order
from shops.marketplaces.records import OrderStatus
from shops.models import Shop
from syncjobs.models import EnrichmentTask
from tests.factories.orders import store_order

_numbers = count(1)


def store_unnumbered(shop: Shop, external_id: str = "", **changes: Any) -> Order:
    """An order on its way, as it is stored past the door that would make its task."""
    number = external_id or f"unnumbered-{next(_numbers)}"
    return store_order(shop, number, **{"status": OrderStatus.IN_TRANSIT, "packages": (), **changes})


def make_task(shop: Shop, external_id: str = "", **facts: Any) -> EnrichmentTask:
    """The task of an order on its way; due now unless told otherwise."""
    order = store_unnumbered(shop, external_id)
    now = clock.now()
    return EnrichmentTask.objects.create(
        shop=shop,
        order=order,
        parent_order_sn=order.external_id,
        order_ids=["line-1", "line-2"],
        **{"next_try_at": now, "created_at": now, **facts},
    )
