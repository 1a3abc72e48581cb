"""The same rows written with what Django offers: a batch upsert, and one row at a time."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from backoffice.common.payloads import digest, dump_payload
from benchmarks.tables import BATCH, ORIGIN
from orders.choices import STATUS_RANK
from orders.ingest import orders as ingest
from orders.models import Order, OrderLine, OrderPayload, Package
from shops.marketplaces.records import LineRecord, OrderRecord, PackageRecord
from shops.models import Shop

CHILDREN: tuple[tuple[Any, Any, str], ...] = (
    (OrderLine, ingest.LINES.target, "lines"),
    (Package, ingest.PACKAGES.target, "packages"),
)


def bulk_create(shop: Shop, records: list[OrderRecord]) -> None:
    """Write with `bulk_create(update_conflicts=True)`, 300 a transaction; it cannot say "only if newer"."""
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        with transaction.atomic():
            orders = Order.objects.bulk_create(
                [Order(shop=shop, external_id=record.external_id, **order_values(record)) for record in batch],
                update_conflicts=True,
                unique_fields=["shop", "external_id"],
                update_fields=list(ingest.ORDER_TARGET.columns[2:]),
            )
            pairs = list(zip(orders, batch, strict=True))
            for model, target, name in CHILDREN:
                rows = [
                    model(order=order, **child_values(item))
                    for order, record in pairs
                    for item in getattr(record, name)
                ]
                model.objects.bulk_create(
                    rows,
                    update_conflicts=True,
                    unique_fields=["order", "external_id"],
                    update_fields=list(target.columns[2:]),
                )
            OrderPayload.objects.bulk_create(payload(order, record) for order, record in pairs)


def update_or_create(shop: Shop, records: Iterable[OrderRecord]) -> None:
    """Write row by row with `update_or_create`, a transaction for each order."""
    for record in records:
        with transaction.atomic():
            order, _ = Order.objects.update_or_create(
                shop=shop, external_id=record.external_id, defaults=order_values(record)
            )
            for model, _, name in CHILDREN:
                for item in getattr(record, name):
                    values = child_values(item)
                    model.objects.update_or_create(order=order, external_id=values.pop("external_id"), defaults=values)
            payload(order, record).save()


def order_values(record: OrderRecord) -> dict[str, Any]:
    """Return an order's columns by name."""
    recipient = record.recipient
    return {
        **{name: getattr(record, name) for name in ingest.SAME_NAME},
        "status": record.status.value,
        "status_rank": STATUS_RANK[record.status],
        "other_amounts": record.other_amounts,
        "attributes": record.attributes,
        **{f"recipient_{name}": getattr(recipient, name) for name in ingest.RECIPIENT},
        "recipient_details": recipient.details,
        "recipient_clarity": int(recipient.clarity),
        "payload_hash": digest(dump_payload(record.payload)),
        "is_valid": record.is_valid,
        "validation_errors": list(record.problems),
        "synced_at": ORIGIN.stored_at,
        "details_fetched_at": ORIGIN.stored_at,
        "last_run_id": ORIGIN.run_id,
    }


def child_values(item: LineRecord | PackageRecord) -> dict[str, Any]:
    """Return the columns of a line or a package by name."""
    fields = ingest.LINE_FIELDS if isinstance(item, LineRecord) else ingest.PACKAGE_FIELDS
    rest = {"attributes": item.attributes} if isinstance(item, LineRecord) else {"contents": list(item.contents)}
    return {**{name: getattr(item, name) for name in ("external_id", *fields)}, **rest}


def payload(order: Order, record: OrderRecord) -> OrderPayload:
    """Return the row of the payload history."""
    return OrderPayload(
        order=order, received_at=ORIGIN.stored_at, source=ORIGIN.source, run_id=ORIGIN.run_id, payload=record.payload
    )
