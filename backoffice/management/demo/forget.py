"""Removes the sandbox shops of an earlier demo with everything that was synced for them."""

from django.db import transaction

from orders.models import Order, OrderLine, OrderPayload, Package
from shops.models import Shop
from shops.services import list_sandbox_shops
from syncjobs.models import Chunk, FailedRecord, Run, Watermark


@transaction.atomic
def forget_sandbox_shops() -> int:
    """Delete shops whose app points to this machine, never others; return how many.

    Straight deletes, children first: loading a million rows only to delete them would take minutes.
    """
    shop_ids = list(list_sandbox_shops().values_list("pk", flat=True))
    orders = Order.objects.filter(shop__in=shop_ids)
    for model in (OrderLine, Package, OrderPayload):
        rows = model.objects.filter(order__in=orders)
        rows._raw_delete(rows.db)
    orders._raw_delete(orders.db)
    FailedRecord.objects.filter(shop__in=shop_ids).delete()
    Watermark.objects.filter(shop__in=shop_ids).delete()
    Chunk.objects.filter(run__shop__in=shop_ids).delete()
    Run.objects.filter(shop__in=shop_ids).delete()
    Shop.objects.filter(pk__in=shop_ids).delete()
    return len(shop_ids)
