"""Reads how the payload of a synced row changed, newest first, or between any two: not too many, and none too large.

The row is an order, a product, a return or whatever else has `payloads`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Func, IntegerField, JSONField, Q, QuerySet, When

from backoffice.common.models import StoredPayload, SyncedModel
from orders.queries.diffs import Diff, diff_payloads

SHOWN_AT_MOST = 20
CHOICES_AT_MOST = 200
LARGEST_BYTES = 200_000  # as stored, which is compressed; about 1 MB of text


@dataclass(frozen=True)
class Entry:
    """One payload and what it changed; `diff` is None for the first one, and where one of the two is too large."""

    row: StoredPayload
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
    """Two payloads of one row; `diff` is None where one of them is too large."""

    before: StoredPayload
    after: StoredPayload
    diff: Diff | None


def list_payload_history(row: SyncedModel) -> PayloadHistory:
    """Read the newest payloads of a row with their differences, in one query."""
    rows = list(list_payloads(row)[: SHOWN_AT_MOST + 1])
    entries = compare_in_turn(rows, None)
    newest = rows[0].small_payload if rows else None
    return PayloadHistory(tuple(entries[:SHOWN_AT_MOST]), newest, has_older=len(rows) > SHOWN_AT_MOST)


def list_payloads(row: SyncedModel) -> QuerySet[Any]:
    """List the payloads of a row, newest first; each as `small_payload`, which is empty where it is too large."""
    size = Func(F("payload"), function="pg_column_size", output_field=IntegerField())
    small = Case(When(stored_bytes__lte=LARGEST_BYTES, then=F("payload")), output_field=JSONField())
    rows: QuerySet[Any] = _payloads_of(row).annotate(stored_bytes=size, small_payload=small)
    return rows.defer("payload")


def compare_in_turn(rows: Sequence[Any], before_all: Any) -> list[Entry]:
    """Compare each of these payloads, newest first, with the one before; `before_all` came before the last of them."""
    return [_compare(row, before) for row, before in zip(rows, [*rows, before_all][1:], strict=True)]


def find_before(row: SyncedModel, payload: StoredPayload) -> Any:
    """Find the payload that came right before this one; None where it is the first."""
    earlier = Q(received_at__lt=payload.received_at) | Q(received_at=payload.received_at, pk__lt=payload.pk)
    return list_payloads(row).filter(earlier).first()


def list_payload_choices(row: SyncedModel) -> list[StoredPayload]:
    """List the newest payloads of a row without what is in them, for people to choose from."""
    return list(_payloads_of(row).defer("payload")[:CHOICES_AT_MOST])


def compare_payloads(row: SyncedModel, from_id: int, to_id: int) -> Comparison | None:
    """Compare any two payloads of a row, the first chosen with the second; None where one is not there."""
    rows = {payload.pk: payload for payload in list_payloads(row).filter(pk__in=(from_id, to_id))}
    if not {from_id, to_id} <= set(rows):
        return None
    before, after = rows[from_id], rows[to_id]
    return Comparison(before, after, _diff(before, after))


def _payloads_of(row: Any) -> QuerySet[Any]:
    """Every synced model has payloads of its own table; that the type does not say."""
    rows: QuerySet[Any] = row.payloads.all()
    return rows


def _compare(row: Any, before: Any) -> Entry:
    return Entry(row, is_first=before is None, diff=None if before is None else _diff(before, row))


def _diff(before: Any, after: Any) -> Diff | None:
    if max(after.stored_bytes, before.stored_bytes) > LARGEST_BYTES:
        return None
    return diff_payloads(before.small_payload, after.small_payload)
