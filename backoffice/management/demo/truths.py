"""How stored rows are put in the words of the sandbox's truth: one table, a line for each kind of record."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from aftersales.models import SyncedReturn
from orders.models import Order, Product, Shipment, Statement, Transaction
from shops.marketplaces.records import Resource
from shops.marketplaces.registry import find_capability

Truth = dict[str, Any]
_AMOUNTS = frozenset({"total_amount", "price", "amount", "refund_amount"})
# What tells the rows of a list apart; the rest have no names of their own.
_KEYS = ("id", "order_line", "time", "sku_id", "text")


@dataclass(frozen=True)
class Kind:
    """One kind of record: its name in the truth and in the count of calls, and how a stored row is told in its words.

    `rows` are all that is stored, each with a shop and an `external_id`, and with their children.
    """

    name: str
    rows: Callable[[], QuerySet[Any]]
    tell: Callable[[Any], Truth]


def normalise(truth: Truth) -> Truth:
    """Make what the truth says comparable: amounts are numbers, and lists have no order."""
    return {name: _comparable(name, value) for name, value in truth.items() if name != "id"}


def _comparable(name: str, value: Any) -> Any:
    if name in _AMOUNTS:
        return None if value is None else Decimal(value)
    if name == "fees":
        return _charged(value)
    if name == "currency":
        return value or ""
    if isinstance(value, list):
        return _sorted([_rows_of_list(row) for row in value])
    return value


def _charged(fees: Mapping[str, str]) -> dict[str, Decimal]:
    """Leave out fees of nothing: some marketplaces list every fee there is."""
    return {name: Decimal(amount) for name, amount in fees.items() if Decimal(amount)}


def _rows_of_list(row: Any) -> Any:
    return {name: _comparable(name, value) for name, value in row.items()} if isinstance(row, dict) else row


def _sorted(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: [str(row.get(key, "")) for key in _KEYS] if isinstance(row, dict) else str(row))


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _tell_order(order: Order) -> Truth:
    lines = [
        {"id": line.external_id, "sku_id": line.sku_external_id, "quantity": line.quantity, "price": line.price}
        for line in order.lines.all()
    ]
    return {
        "status": order.raw_status,
        "update_time": _seconds(order.source_updated_at),
        "total_amount": order.total_amount,
        "currency": order.currency,
        "lines": _sorted(lines),
    }


def _tell_product(product: Product) -> Truth:
    skus = [
        {
            "id": sku.external_id,
            "seller_sku": sku.seller_sku,
            "price": sku.price,
            "currency": sku.currency,
            "stock": sku.stock_count,
        }
        for sku in product.skus.all()
    ]
    return {
        "status": product.raw_status,
        "update_time": _seconds(product.source_updated_at),
        "title": product.title,
        "skus": _sorted(skus),
    }


def _tell_shipment(shipment: Shipment) -> Truth:
    return {
        "orders": sorted(shipment.order_external_ids),
        "status": shipment.raw_status,
        "tracking_number": shipment.tracking_number,
        "carrier": shipment.carrier_name,
        "events": _sorted({"time": _seconds(event.happened_at), "text": event.text} for event in shipment.events.all()),
    }


def _tell_return(synced_return: SyncedReturn) -> Truth:
    lines = [
        {
            "order_line": line.order_line_external_id,
            "sku_id": line.sku_external_id,
            "quantity": line.quantity,
            "refund_amount": line.refund_amount,
        }
        for line in synced_return.lines.all()
    ]
    return {
        "order": synced_return.order_external_id,
        "kind": synced_return.raw_kind,
        "status": synced_return.raw_status,
        "update_time": _seconds(synced_return.source_updated_at),
        "refund_amount": synced_return.refund_amount,
        "currency": synced_return.currency,
        "lines": _sorted(lines),
        "tracking_number": synced_return.tracking_number,
    }


def _tell_transaction(transaction: Transaction) -> Truth:
    return {
        "order": transaction.order_external_id,
        "kind": transaction.raw_kind,
        "amount": transaction.amount,
        "currency": transaction.currency,
        "time": _seconds(transaction.source_updated_at),
        "statement": transaction.statement_external_id,
        "fees": _charged(transaction.fees),
    }


def _tell_statement(statement: Statement) -> Truth:
    return {
        "amount": statement.amount,
        "currency": statement.currency,
        "time": _seconds(statement.source_updated_at),
        "status": statement.raw_status,
    }


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("orders", lambda: Order.objects.prefetch_related("lines"), _tell_order),
        Kind("products", lambda: Product.objects.prefetch_related("skus"), _tell_product),
        Kind("shipments", lambda: Shipment.objects.prefetch_related("events"), _tell_shipment),
        Kind("returns", lambda: SyncedReturn.objects.prefetch_related("lines"), _tell_return),
        Kind("transactions", Transaction.objects.all, _tell_transaction),
        Kind("statements", Statement.objects.all, _tell_statement),
    )
}


def list_kinds(marketplace: str) -> list[str]:
    """List the kinds of records that are read from a marketplace."""
    kinds = [resource.value for resource in Resource if find_capability(marketplace, resource)]
    money = find_capability(marketplace, Resource.TRANSACTIONS)
    return [*kinds, "statements"] if money and money.has_statements else kinds
