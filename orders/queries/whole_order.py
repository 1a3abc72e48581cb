"""Everything about one order in a fixed number of queries: its money and its parcels. Returns are aftersales' part.

Parcels and transactions name their orders by number, so that they are found whether they came before or after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from orders.models import Order, Package, Shipment, Statement, TrackingEvent, Transaction
from orders.queries.statement_sums import StatementSum, sum_statements

SHOWN_AT_MOST = 200  # of each kind; no order of a person's has so many
PARTS = ("revenue_amount", "fee_amount", "shipping_amount", "tax_amount", "adjustment_amount")


@dataclass(frozen=True)
class MoneySum:
    """What an order's transactions in one currency come to; a part that none of them states is None."""

    currency: str
    amount: Decimal
    count: int
    parts: dict[str, Decimal | None]


@dataclass(frozen=True)
class OrderMoney:
    """The transactions of an order, oldest first, their sums by currency, and the statements that they stand on."""

    transactions: tuple[Transaction, ...]
    sums: tuple[MoneySum, ...]
    statements: tuple[Statement, ...]
    statement_sums: dict[int, StatementSum]  # by the statement's id
    has_more: bool


@dataclass(frozen=True)
class Parcel:
    """One parcel as the order describes it, as the carrier does, or both; its events, oldest first."""

    number: str
    package: Package | None
    shipment: Shipment | None
    events: tuple[TrackingEvent, ...] = ()

    @property
    def tracking_number(self) -> str:
        """The tracking number of whichever knows it."""
        return self._first("tracking_number")

    @property
    def carrier_name(self) -> str:
        """The carrier of whichever knows it."""
        return self._first("carrier_name")

    def _first(self, name: str) -> str:
        said: Iterable[str] = (getattr(part, name) for part in (self.shipment, self.package) if part is not None)
        return next((text for text in said if text), "")


def list_order_money(order: Order) -> OrderMoney:
    """Read what an order earned and cost, in three queries."""
    named = Transaction.objects.filter(shop_id=order.shop_id, order_external_id=order.external_id)
    rows = list(named.defer("attributes", "validation_errors").order_by("source_updated_at", "id")[: SHOWN_AT_MOST + 1])
    shown = tuple(rows[:SHOWN_AT_MOST])
    numbers = {row.statement_external_id for row in shown} - {""}
    statements = tuple(
        Statement.objects.filter(shop_id=order.shop_id, external_id__in=numbers).order_by("source_updated_at", "id")
    )
    return OrderMoney(shown, sum_money(shown), statements, sum_statements(statements), len(rows) > SHOWN_AT_MOST)


def sum_money(transactions: Iterable[Transaction]) -> tuple[MoneySum, ...]:
    """Add up transactions by currency. Amounts in two currencies have no sum."""
    by_currency: dict[str, list[Transaction]] = {}
    for transaction in transactions:
        by_currency.setdefault(transaction.currency, []).append(transaction)
    return tuple(
        MoneySum(
            currency,
            _sum_of(rows, "amount") or Decimal(0),
            len(rows),
            {name: _sum_of(rows, name) for name in PARTS},
        )
        for currency, rows in sorted(by_currency.items())
    )


def list_order_parcels(order: Order) -> list[Parcel]:
    """Read an order's parcels, in three queries: its packages, and shipments that name it or have their number."""
    packages = {package.external_id: package for package in order.packages.order_by("id")[:SHOWN_AT_MOST]}
    names_it = Q(order_external_ids__contains=[order.external_id]) | Q(external_id__in=list(packages))
    found = Shipment.objects.filter(names_it, shop_id=order.shop_id).defer("attributes", "validation_errors")
    shipments = {
        shipment.external_id: shipment
        for shipment in found.prefetch_related("events").order_by("source_created_at", "id")[:SHOWN_AT_MOST]
    }
    numbers = dict.fromkeys((*packages, *shipments))
    return [_merge(number, packages.get(number), shipments.get(number)) for number in numbers]


def _merge(number: str, package: Package | None, shipment: Shipment | None) -> Parcel:
    return Parcel(number, package, shipment, () if shipment is None else tuple(shipment.events.all()))


def _sum_of(rows: Iterable[Transaction], name: str) -> Decimal | None:
    said: list[Decimal] = [amount for row in rows if (amount := getattr(row, name)) is not None]
    return sum(said, Decimal(0)) if said else None
