"""Prunes the payload history of everything that is synced. The newest payload of each row stays, however old it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from backoffice.common.counting import count_up_to
from backoffice.common.models import StoredPayload
from backoffice.common.pruning import delete_some

# Times of receipt that one look into the index covers: shorter where much is found, longer where little is.
SHORTEST_SLICE, LONGEST_SLICE = timedelta(minutes=1), timedelta(days=1)
PAYLOADS_AT_ONCE = 2_000
FIRST_PAYLOADS = 10_000  # among which the oldest is looked for
# A night looks at what became old since the nights before it, and not at all that was kept in years.
LOOK_BACK = timedelta(days=8)


@dataclass(frozen=True)
class PayloadTable:
    """One history of payloads; `parent_column` is that of the row which they describe."""

    name: str
    model: type[StoredPayload]
    parent_column: str

    def list_old(self, before: datetime) -> QuerySet[Any]:
        """List what was received before then and has been followed by another."""
        payloads: QuerySet[Any] = self.model._default_manager.all()
        newer = payloads.filter(**{self.parent_column: OuterRef(self.parent_column)}).filter(
            Q(received_at__gt=OuterRef("received_at")) | Q(received_at=OuterRef("received_at"), pk__gt=OuterRef("pk"))
        )
        return payloads.filter(Exists(newer), received_at__lt=before)

    def find_first(self) -> datetime | None:
        """Find about the oldest: they are stored nearly in the order of receipt, and no index knows the oldest."""
        first_ones = self.model._default_manager.order_by("pk").values("received_at")[:FIRST_PAYLOADS]
        first: datetime | None = first_ones.aggregate(first=Min("received_at"))["first"]
        return first


@dataclass
class PayloadWalk:
    """Goes through the payloads of a span of time, slice by slice, each in all tables; `position` is how far it is."""

    tables: Sequence[PayloadTable]
    position: datetime
    before: datetime
    slice_length: timedelta = LONGEST_SLICE / 16

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to look at."""
        return self.position >= self.before

    def delete_some(self) -> Mapping[str, int]:
        """Delete some of the present slice, and return how many by table; go on to the next where none is left."""
        end = min(self.position + self.slice_length, self.before)
        counts: dict[str, int] = {}
        for table in self.tables:
            old = table.list_old(self.before).filter(received_at__gte=self.position, received_at__lt=end)
            if count := delete_some(old, PAYLOADS_AT_ONCE):
                counts[table.name] = count
            if count == PAYLOADS_AT_ONCE:
                self.slice_length = max(self.slice_length / 2, SHORTEST_SLICE)
                return counts
        self.position = end
        if max(counts.values(), default=0) < PAYLOADS_AT_ONCE // 4:
            self.slice_length = min(self.slice_length * 2, LONGEST_SLICE)
        return counts


def start_payload_walk(tables: Sequence[PayloadTable], before: datetime, *, is_thorough: bool) -> PayloadWalk:
    """Begin at the last days before the limit, or, thoroughly, at the first payload there is.

    What changes after half a year makes its payloads of then superfluous; only a thorough walk finds those.
    """
    if not is_thorough:
        return PayloadWalk(tables, before - LOOK_BACK, before)
    first = min((one for table in tables if (one := table.find_first())), default=before)
    return PayloadWalk(tables, min(first - timedelta(days=1), before), before)


def count_old_payloads(table: PayloadTable, limit: int, before: datetime) -> int:
    """Count what a thorough walk would delete of a table, up to one more than the limit."""
    return count_up_to(limit, table.list_old(before))
