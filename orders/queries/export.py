"""What an export of orders holds: everything about the order and how it is handled, and nothing about who bought it."""

from collections.abc import Callable
from typing import Any

from django.http import QueryDict

from backoffice.common.errors import NotPossible
from backoffice.common.lists.exporters import Column, Exporter
from orders.models import Order
from orders.queries.filters import LABELS, OrderFilterSet, order_of_list
from orders.queries.synced_filters import VALIDITY

# Nobody needs a buyer's name or address in a file that lies about; none is read from the database either.
FIELDS = (
    "external_id", "status", "raw_status", "total_amount", "currency", "subtotal_amount", "shipping_amount",
    "seller_discount_amount", "platform_discount_amount", "tax_amount", "is_cod", "payment_method", "carrier_name",
    "tracking_number", "source_created_at", "source_updated_at", "paid_at", "ship_by_at", "shipped_at", "delivered_at",
    "cancelled_at", "cancel_reason", "is_valid", "synced_at", "shop__name", "shop__marketplace",
    "handling__note", "handling__tags", "handling__assignee__username",
)  # fmt: skip


def select_orders(person: Any, filters: QueryDict) -> Any:
    """Return the orders that a person may see, narrowed as on their list, in the order that it has by itself."""
    chosen = _read(person, filters)
    orders = chosen.qs.select_related("shop", "handling__assignee").only(*FIELDS)
    return orders.order_by(*order_of_list(chosen.form.cleaned_data))


def describe_filters(person: Any, filters: QueryDict) -> list[tuple[str, str]]:
    """Say in words what is set: (what, to what)."""
    chosen = _read(person, filters)
    return [(LABELS.get(name, name), ", ".join(_in_words(chosen, name, values))) for name, values in filters.lists()]


def _read(person: Any, filters: QueryDict) -> OrderFilterSet:
    chosen = OrderFilterSet(filters, queryset=Order.objects.visible_to(person), viewer=person)
    problems = [f"{LABELS.get(name, name)}: {' '.join(errors)}" for name, errors in chosen.errors.items()]
    problems += [f"There is no filter named “{name}”." for name in filters if name not in chosen.filters]
    if problems:
        raise NotPossible(f"These filters make no sense, so nothing is exported. {' '.join(problems)}")
    return chosen


def _in_words(chosen: OrderFilterSet, name: str, values: list[str]) -> list[str]:
    if name == "shop":
        return [shop.name for shop in chosen.form.cleaned_data[name]]
    choices = dict(VALIDITY if name == "is_valid" else getattr(chosen.form.fields[name], "choices", ()))
    return [str(choices.get(value, value)) for value in values]


def _handled(name: str) -> Callable[[Order], Any]:
    def read(order: Order) -> Any:
        handling = getattr(order, "handling", None)
        return getattr(handling, name) if handling else None

    return read


def _assignee(order: Order) -> str | None:
    handling = getattr(order, "handling", None)
    return handling.assignee.get_username() if handling and handling.assignee else None


def _amount(label: str, name: str) -> Column:
    return Column(label, lambda order: getattr(order, name))


def _time(label: str, name: str) -> Column:
    return Column(label, lambda order: getattr(order, name), is_time=True)


COLUMNS = {
    "external_id": Column("Order number", lambda order: order.external_id),
    "shop": Column("Shop", lambda order: order.shop.name),
    "marketplace": Column("Marketplace", lambda order: order.shop.get_marketplace_display()),
    "status": Column("Status", lambda order: order.get_status_display()),
    "raw_status": Column("Marketplace's status", lambda order: order.raw_status),
    "total": _amount("Total", "total_amount"),
    "currency": Column("Currency", lambda order: order.currency),
    "subtotal_amount": _amount("Products", "subtotal_amount"),
    "shipping_amount": _amount("Shipping", "shipping_amount"),
    "seller_discount_amount": _amount("Seller's discount", "seller_discount_amount"),
    "platform_discount_amount": _amount("Marketplace's discount", "platform_discount_amount"),
    "tax_amount": _amount("Tax", "tax_amount"),
    "payment_method": Column("Payment", lambda order: order.payment_method),
    "is_cod": Column("Cash on delivery", lambda order: order.is_cod),
    "source_created_at": _time("Ordered at", "source_created_at"),
    "source_updated_at": _time("Changed at the marketplace", "source_updated_at"),
    "paid_at": _time("Paid at", "paid_at"),
    "ship_by": _time("Ship by", "ship_by_at"),
    "shipped_at": _time("Shipped at", "shipped_at"),
    "delivered_at": _time("Delivered at", "delivered_at"),
    "cancelled_at": _time("Cancelled at", "cancelled_at"),
    "cancel_reason": Column("Why cancelled", lambda order: order.cancel_reason),
    "tracking_number": Column("Tracking number", lambda order: order.tracking_number),
    "carrier_name": Column("Carrier", lambda order: order.carrier_name),
    "note": Column("Note", _handled("note")),
    "tags": Column("Tags", lambda order: ", ".join(_handled("tags")(order) or ())),
    "assignee": Column("Assignee", _assignee),
    "is_valid": Column("Everything readable", lambda order: order.is_valid),
    "synced_at": _time("Stored at", "synced_at"),
}

EXPORTER = Exporter(
    kind="orders.orders",
    model=Order,
    label="Orders",
    permission="orders.view_order",
    columns=COLUMNS,
    select=select_orders,
    describe=describe_filters,
)
