"""What screens and the API read about returns, refunds and cancellations."""

from aftersales.models import SyncedReturn
from shops.models import Shop

SHOWN_AT_MOST = 200  # of one order; no order of a person's has so many


def list_order_returns(shop: Shop, number: str) -> list[SyncedReturn]:
    """Read the returns of the order with this number, oldest first, with their lines, in two queries."""
    named = SyncedReturn.objects.filter(shop=shop, order_external_id=number).exclude(order_external_id="")
    rows = named.defer("attributes", "validation_errors").prefetch_related("lines")
    return list(rows.order_by("source_created_at", "id")[:SHOWN_AT_MOST])
