"""Removes the sandbox shops of an earlier demo with everything that was synced for them."""

from typing import Any

from django.db import connection, models, transaction

from aftersales.models import (
    Case,
    CaseLine,
    CaseLog,
    Exchange,
    Refund,
    ReturnParcel,
    ReturnPayload,
    SellerAnswer,
    SyncedReturn,
    SyncedReturnLine,
)
from orders.models import (
    Order,
    OrderHandling,
    OrderLine,
    OrderPayload,
    Package,
    Product,
    ProductPayload,
    Shipment,
    ShipmentPayload,
    Sku,
    Statement,
    StatementPayload,
    TrackingEvent,
    Transaction,
    TransactionPayload,
)
from shops.models import Shop
from shops.services import list_sandbox_shops
from syncjobs.models import BufferedBatch, Chunk, EnrichmentTask, FailedRecord, GapReport, Run, Watermark

# What hangs on a shop, with what hangs on it; cases name returns and orders, transactions orders, so they come first.
_SYNCED: tuple[tuple[type[models.Model], str, tuple[type[models.Model], ...]], ...] = (
    (Case, "case", (SellerAnswer, Refund, ReturnParcel, Exchange, CaseLine)),
    (Transaction, "transaction", (TransactionPayload,)),
    (Statement, "statement", (StatementPayload,)),
    (SyncedReturn, "synced_return", (SyncedReturnLine, ReturnPayload)),
    (Shipment, "shipment", (TrackingEvent, ShipmentPayload)),
    (Product, "product", (Sku, ProductPayload)),
    (Order, "order", (OrderLine, Package, OrderPayload, OrderHandling, EnrichmentTask)),
)


@transaction.atomic
def forget_sandbox_shops() -> int:
    """Delete shops whose app points to this machine, never others; return how many.

    Straight deletes, children first: loading a million rows only to delete them would take minutes.
    """
    shop_ids = list(list_sandbox_shops().values_list("pk", flat=True))
    _delete_log(CaseLog.objects.filter(case__shop__in=shop_ids))
    for model, parent, children in _SYNCED:
        synced = model._default_manager.filter(shop__in=shop_ids)
        for child in children:
            _delete(child._default_manager.filter(**{f"{parent}__in": synced}))
        _delete(synced)
    for model in (FailedRecord, BufferedBatch, GapReport, Watermark):
        model._default_manager.filter(shop__in=shop_ids).delete()
    Chunk.objects.filter(run__shop__in=shop_ids).delete()
    Run.objects.filter(shop__in=shop_ids).delete()
    Shop.objects.filter(pk__in=shop_ids).delete()
    return len(shop_ids)


def _delete(rows: models.QuerySet[Any]) -> None:
    rows._raw_delete(rows.db)


def _delete_log(rows: models.QuerySet[CaseLog]) -> None:
    """Delete what the database keeps from being deleted, which holds for cases of true shops alone."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {CaseLog._meta.db_table} DISABLE TRIGGER case_log_only_grows")
        _delete(rows)
        cursor.execute(f"ALTER TABLE {CaseLog._meta.db_table} ENABLE TRIGGER case_log_only_grows")
