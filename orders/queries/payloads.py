"""Reads how an order's payload changed, newest first: so many payloads as people look at, and none too large."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Func, IntegerField, JSONField, When

from orders.models import Order, OrderPayload
from orders.queries.diffs import Diff, diff_payloads

SHOWN_AT_MOST = 20
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


def list_payload_history(order: Order) -> PayloadHistory:
    """Read the newest payloads of an order with their differences, in one query."""
    size = Func(F("payload"), function="pg_column_size", output_field=IntegerField())
    small = Case(When(stored_bytes__lte=LARGEST_BYTES, then=F("payload")), output_field=JSONField())
    rows: list[Any] = list(
        OrderPayload.objects.filter(order=order)
        .annotate(stored_bytes=size, small_payload=small)
        .defer("payload")[: SHOWN_AT_MOST + 1]
    )
    entries = [_compare(row, before) for row, before in zip(rows, [*rows, None][1:], strict=True)]
    newest = rows[0].small_payload if rows else None
    return PayloadHistory(tuple(entries[:SHOWN_AT_MOST]), newest, has_older=len(rows) > SHOWN_AT_MOST)


def _compare(row: Any, before: Any) -> Entry:
    if before is None:
        return Entry(row, is_first=True, diff=None)
    if max(row.stored_bytes, before.stored_bytes) > LARGEST_BYTES:
        return Entry(row, is_first=False, diff=None)
    return Entry(row, is_first=False, diff=diff_payloads(before.small_payload, row.small_payload))
