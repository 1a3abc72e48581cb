"""Prunes the payload history of orders. The newest payload of an order stays, however old it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from backoffice.common.counting import count_up_to
from backoffice.common.pruning import delete_some
from orders.models import OrderPayload

# Times of receipt that one look into the index covers: shorter where much is found, longer where little is.
SHORTEST_SLICE, LONGEST_SLICE = timedelta(minutes=1), timedelta(days=1)
PAYLOADS_AT_ONCE = 2_000
FIRST_PAYLOADS = 10_000  # among which the oldest is looked for
# A night looks at what became old since the nights before it, and not at all that was kept in years.
LOOK_BACK = timedelta(days=8)


@dataclass
class PayloadWalk:
    """Goes through the payloads of a span of time, slice by slice; `position` is how far it is."""

    position: datetime
    before: datetime
    slice_length: timedelta = LONGEST_SLICE / 16

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to look at."""
        return self.position >= self.before

    def delete_some(self) -> int:
        """Delete some of the present slice; go on to the next one where none of it is left."""
        end = min(self.position + self.slice_length, self.before)
        old = _list_old(self.before).filter(received_at__gte=self.position, received_at__lt=end)
        count = delete_some(old, PAYLOADS_AT_ONCE)
        if count == PAYLOADS_AT_ONCE:
            self.slice_length = max(self.slice_length / 2, SHORTEST_SLICE)
            return count
        self.position = end
        if count < PAYLOADS_AT_ONCE // 4:
            self.slice_length = min(self.slice_length * 2, LONGEST_SLICE)
        return count


def start_payload_walk(before: datetime, *, is_thorough: bool) -> PayloadWalk:
    """Begin at the last days before the limit, or, thoroughly, at the first payload there is.

    An order that changes after half a year makes its payloads of then superfluous; only a thorough walk finds those.
    """
    if not is_thorough:
        return PayloadWalk(before - LOOK_BACK, before)
    # Payloads are stored nearly in the order in which they were received; no index knows the oldest of all.
    first_ones = OrderPayload.objects.order_by("pk").values("received_at")[:FIRST_PAYLOADS]
    first = first_ones.aggregate(first=Min("received_at"))["first"]
    return PayloadWalk(min(first - timedelta(days=1), before) if first else before, before)


def count_old_payloads(limit: int, before: datetime) -> int:
    """Count what a thorough walk would delete, up to one more than the limit."""
    return count_up_to(limit, _list_old(before))


def _list_old(before: datetime) -> QuerySet[Any]:
    newer = OrderPayload.objects.filter(order_id=OuterRef("order_id")).filter(
        Q(received_at__gt=OuterRef("received_at")) | Q(received_at=OuterRef("received_at"), pk__gt=OuterRef("pk"))
    )
    return OrderPayload.objects.filter(Exists(newer), received_at__lt=before)
