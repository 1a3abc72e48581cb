"""Reads how an order's payload changed, newest first, or between any two: not too many payloads, and none too large."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Func, IntegerField, JSONField, Q, QuerySet, When

from orders.models import Order, OrderPayload
from orders.queries.diffs import Diff, diff_payloads

SHOWN_AT_MOST = 20
CHOICES_AT_MOST = 200
LARGEST_BYTES = 200_000  # as stored, which is compressed; about 1 MB of text


@dataclass(frozen=True)
class Entry:
    """One payload and what it changed; `diff` is None for the first one, and where one of the two is too large."""

    row: OrderPayload
    is_first: bool
    diff: Diff | None


@dataclass(frozen=True)
class PayloadHistory:
    """The newest payloads. `newest` is the whole of the last one, None where there is none or it is too large."""

    entries: tuple[Entry, ...]
    newest: Any
    has_older: bool


@dataclass(frozen=True)
class Comparison:
    """Two payloads of an order; `diff` is None where one of them is too large."""

    before: OrderPayload
    after: OrderPayload
    diff: Diff | None


def list_payload_history(order: Order) -> PayloadHistory:
    """Read the newest payloads of an order with their differences, in one query."""
    rows = list(list_payloads(order)[: SHOWN_AT_MOST + 1])
    entries = compare_in_turn(rows, None)
    newest = rows[0].small_payload if rows else None
    return PayloadHistory(tuple(entries[:SHOWN_AT_MOST]), newest, has_older=len(rows) > SHOWN_AT_MOST)


def list_payloads(order: Order) -> QuerySet[Any]:
    """List the payloads of an order, newest first; each as `small_payload`, which is empty where it is too large."""
    size = Func(F("payload"), function="pg_column_size", output_field=IntegerField())
    small = Case(When(stored_bytes__lte=LARGEST_BYTES, then=F("payload")), output_field=JSONField())
    rows = OrderPayload.objects.filter(order=order).annotate(stored_bytes=size, small_payload=small)
    return rows.defer("payload")


def compare_in_turn(rows: Sequence[Any], before_all: Any) -> list[Entry]:
    """Compare each of these payloads, newest first, with the one before; `before_all` came before the last of them."""
    return [_compare(row, before) for row, before in zip(rows, [*rows, before_all][1:], strict=True)]


def find_before(order: Order, row: OrderPayload) -> Any:
    """Find the payload that came right before this one; None where it is the first."""
    earlier = Q(received_at__lt=row.received_at) | Q(received_at=row.received_at, pk__lt=row.pk)
    return list_payloads(order).filter(earlier).first()


def list_payload_choices(order: Order) -> list[OrderPayload]:
    """List the newest payloads of an order without what is in them, for people to choose from."""
    return list(OrderPayload.objects.filter(order=order).defer("payload")[:CHOICES_AT_MOST])


def compare_payloads(order: Order, from_id: int, to_id: int) -> Comparison | None:
    """Compare any two payloads of an order, the first chosen with the second; None where one is not there."""
    rows = {row.pk: row for row in list_payloads(order).filter(pk__in=(from_id, to_id))}
    if not {from_id, to_id} <= set(rows):
        return None
    before, after = rows[from_id], rows[to_id]
    return Comparison(before, after, _diff(before, after))


def _compare(row: Any, before: Any) -> Entry:
    return Entry(row, is_first=before is None, diff=None if before is None else _diff(before, row))


def _diff(before: Any, after: Any) -> Diff | None:
    if max(after.stored_bytes, before.stored_bytes) > LARGEST_BYTES:
        return None
    return diff_payloads(before.small_payload, after.small_payload)
