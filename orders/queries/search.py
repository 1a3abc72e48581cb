"""Finds orders by what people read off a label, at any size: each way is one look at an index, and ends early."""

from collections.abc import Iterable

from django.db.models import QuerySet

from orders.models import Order, OrderLine, Package

LEAST_CHARACTERS = 3
FOUND_AT_MOST = 500  # by each way: who finds more has not yet said what they look for


def search_orders(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Narrow to orders whose number or tracking number begins with the text, or that hold this very SKU.

    A text shorter than LEAST_CHARACTERS finds nothing. Where a way finds more than FOUND_AT_MOST, these are all it
    gives; of a SKU, those of the newest orders.
    """
    text = text.strip()
    if len(text) < LEAST_CHARACTERS or "\x00" in text:
        return orders.none()
    # Read now and not as a subquery: the database would guess how many there are, and walk a million rows for one.
    return orders.filter(pk__in={pk for way in _ways(orders.order_by(), text) for pk in way})


def _ways(scope: QuerySet[Order], text: str) -> Iterable[Iterable[int]]:
    yield scope.filter(external_id__startswith=text).values_list("pk", flat=True)[:FOUND_AT_MOST]
    tracked = scope.exclude(tracking_number="").filter(tracking_number__startswith=text)
    yield tracked.values_list("pk", flat=True)[:FOUND_AT_MOST]
    packages = Package.objects.exclude(tracking_number="").filter(tracking_number__startswith=text, order__in=scope)
    yield packages.values_list("order_id", flat=True)[:FOUND_AT_MOST]
    for column in ("seller_sku", "sku_external_id"):
        lines = OrderLine.objects.filter(**{column: text}, order__in=scope).order_by("-order_id")
        yield lines.values_list("order_id", flat=True)[:FOUND_AT_MOST]
