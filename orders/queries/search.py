"""Finds rows by what people read off a label, at any size: each way is one look at an index, and ends early."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from orders.models import Order, OrderLine, Package, Product, Shipment, Sku, Statement, Transaction

LEAST_CHARACTERS = 3
FOUND_AT_MOST = 500  # by each way: who finds more has not yet said what they look for

# From the rows to search and a text to one list of keys for each way.
Ways = Callable[[QuerySet[Any], str], Iterable[Iterable[int]]]


def search_rows(rows: QuerySet[Any], text: str, ways: Ways) -> QuerySet[Any]:
    """Narrow to the rows that one of the ways finds.

    A text shorter than LEAST_CHARACTERS finds nothing. Where a way finds more than FOUND_AT_MOST, these are all it
    gives.
    """
    text = text.strip()
    if len(text) < LEAST_CHARACTERS or "\x00" in text:
        return rows.none()
    # Read now and not as a subquery: the database would guess how many there are, and walk a million rows for one.
    return rows.filter(pk__in={pk for way in ways(rows.order_by(), text) for pk in way})


def search_orders(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Narrow to orders whose number or tracking number begins with the text, or that hold this very SKU.

    Of a SKU in many orders, those of the newest are given.
    """
    return search_rows(orders, text, ways_to_orders)


def find_beginnings(rows: QuerySet[Any], column: str, text: str, key: str = "pk") -> Iterable[int]:
    """Find rows whose column begins with the text. A column that may be empty is indexed where it is not."""
    return (
        rows.exclude(**{column: ""})
        .filter(**{f"{column}__startswith": text})
        .values_list(key, flat=True)[:FOUND_AT_MOST]
    )


def find_equals(rows: QuerySet[Any], column: str, text: str, key: str = "pk") -> Iterable[int]:
    """Find the newest rows whose column is the text."""
    return rows.filter(**{column: text}).order_by(f"-{key}").values_list(key, flat=True)[:FOUND_AT_MOST]


def ways_to_orders(orders: QuerySet[Order], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of a number, of the order's or a package's tracking number, or by a whole SKU."""
    yield find_beginnings(orders, "external_id", text)
    yield find_beginnings(orders, "tracking_number", text)
    yield find_beginnings(Package.objects.filter(order__in=orders), "tracking_number", text, "order_id")
    for column in ("seller_sku", "sku_external_id"):
        yield find_equals(OrderLine.objects.filter(order__in=orders), column, text, "order_id")


def ways_to_products(products: QuerySet[Product], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of the product's number, of a SKU's number or of the seller's SKU."""
    yield find_beginnings(products, "external_id", text)
    skus = Sku.objects.filter(product__in=products)
    yield find_beginnings(skus, "external_id", text, "product_id")
    yield find_beginnings(skus, "seller_sku", text, "product_id")


def ways_to_skus(skus: QuerySet[Sku], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of the SKU's number or of the seller's SKU."""
    yield find_beginnings(skus, "external_id", text)
    yield find_beginnings(skus, "seller_sku", text)


def ways_to_shipments(shipments: QuerySet[Shipment], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of the package's or the tracking number, or by a whole order number."""
    yield find_beginnings(shipments, "external_id", text)
    yield find_beginnings(shipments, "tracking_number", text)
    yield shipments.filter(order_external_ids__contains=[text]).values_list("pk", flat=True)[:FOUND_AT_MOST]


def ways_to_transactions(transactions: QuerySet[Transaction], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of the transaction's number, or by a whole order or statement number."""
    yield find_beginnings(transactions, "external_id", text)
    yield find_equals(transactions, "order_external_id", text)
    yield find_equals(transactions, "statement_external_id", text)


def ways_to_statements(statements: QuerySet[Statement], text: str) -> Iterable[Iterable[int]]:
    """By the beginning of the statement's number."""
    yield find_beginnings(statements, "external_id", text)
