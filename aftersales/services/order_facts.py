"""What records take over from the orders of their cases: which payment a refund is of, and where a replacement goes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from aftersales.choices import RefundState
from aftersales.services.bundles import Bundle
from orders.choices import TransactionKind
from orders.models import Order, Transaction

NUMBER_LENGTH = 100  # characters that the column holds; a part of a number would name another payment
UNPAID = (RefundState.PENDING, RefundState.PROCESSING)
RECIPIENT = ("name", "phone", "region_code", "postal_code", "full_address")  # of an order's columns


def take_over(bundles: Sequence[Bundle]) -> None:
    """Write this into records in memory: one query for each kind, and none where nothing asks for it.

    An order may be settled only after a refund was made, so that an unpaid one is looked after again with each move.
    """
    unnamed = [
        (one, row) for one in bundles for row in one.refunds if row.state in UNPAID and not row.original_transaction
    ]
    if unnamed:
        payments = _find_payments({one.case.order_id for one, _ in unnamed if one.case.order_id})
        for one, refund in unnamed:
            refund.original_transaction = payments.get(one.case.order_id or 0, "")
    new = [(one, row) for one in bundles for row in one.exchanges if row.pk is None]
    if new:
        addresses = _find_addresses({one.case.order_id for one, _ in new if one.case.order_id})
        for one, exchange in new:
            exchange.delivery_address = addresses.get(one.case.order_id or 0, {})


def _find_payments(order_ids: Collection[int]) -> dict[int, str]:
    """Find the transactions by which orders were settled; none for an order that was settled in several parts."""
    numbers: dict[int, list[str]] = defaultdict(list)
    rows = Transaction.objects.filter(order__in=order_ids, kind=TransactionKind.SETTLEMENT)
    for order_id, number in rows.order_by().values_list("order_id", "external_id"):
        if order_id is not None:
            numbers[order_id].append(number)
    only = {order_id: found[0] for order_id, found in numbers.items() if len(found) == 1}
    return {order_id: number for order_id, number in only.items() if len(number) <= NUMBER_LENGTH}


def _find_addresses(order_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return where orders went, as far as their marketplaces tell; what is hidden there is hidden here."""
    columns = [f"recipient_{name}" for name in RECIPIENT]
    rows = Order.objects.filter(pk__in=list(order_ids)).values_list("pk", *columns)
    return {pk: {name: text for name, text in zip(RECIPIENT, texts, strict=True) if text} for pk, *texts in rows}
