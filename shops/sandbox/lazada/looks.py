"""Says how each moment of an order's life shows at Lazada: the words of its lines, as it has none itself."""

from typing import NamedTuple

from shops.sandbox.life import COMPILED, Path

# GetOrders, GetOrderItems [A]; events that are missing here leave the status as it is.
STATUS_AFTER = {
    "created": "unpaid",
    "created_cod": "pending",
    "paid": "pending",
    "packed": "ready_to_ship",
    "collected": "shipped",
    "delivered": "delivered",
    "completed": "confirmed",
    "never_paid": "canceled",
    "cancelled_in_remorse": "canceled",
    "cancelled_by_seller": "canceled",
    "cancelled_on_request": "canceled",
    "never_collected": "canceled",
    "never_delivered": "failed",
}
# Who cancelled, and why.
CANCELLATIONS = {
    "never_paid": ("cancellation-system", "Payment not received in time"),
    "cancelled_in_remorse": ("cancellation-customer", "Change of mind"),
    "cancelled_by_seller": ("cancellation-seller", "Out of stock"),
    "cancelled_on_request": ("cancellation-customer", "Change of mind"),
    "never_collected": ("cancellation-system", "Package not handed over in time"),
    "never_delivered": ("cancellation-system", "Package delivery failed"),
}
# The filter's words [A]; "all" is allowed by a guide [B].
FILTERS = (
    "all", "unpaid", "pending", "canceled", "ready_to_ship", "delivered", "returned", "shipped", "failed", "topack",
    "toship", "shipping", "lost", "packed", "lost_by_3pl", "damaged_by_3pl", "failed_delivery", "shipped_back",
    "shipped_back_success", "shipped_back_failed", "package_scrapped", "confirmed",
)  # fmt: skip
# A filter that stands for several statuses of lines [?].
FILTER_GROUPS = {"topack": ("pending",), "toship": ("ready_to_ship",), "shipping": ("shipped",)}


class Look(NamedTuple):
    """How the lines of an order show after one step of its path."""

    status: str
    # Of an order in two parcels whose first has gone: the status of the lines in it.
    first_status: str
    is_cod: bool
    is_unpaid: bool
    is_paid: bool
    initiator: str
    reason: str
    is_cancel_pending: bool
    has_new_address: bool

    @property
    def is_split_now(self) -> bool:
        """Whether the lines differ."""
        return self.first_status != self.status


def _look(path: Path, step: int) -> Look:
    events = path.events[: step + 1]
    status = next(STATUS_AFTER[event] for event in reversed(events) if event in STATUS_AFTER)
    initiator, reason = CANCELLATIONS.get(events[-1], ("null-null", ""))
    return Look(
        status=status,
        first_status="ready_to_ship" if events[-1] == "partly_shipped" else status,
        is_cod=path.is_cod,
        is_unpaid=status == "unpaid",
        is_paid="paid" in events,
        initiator=initiator,
        reason=reason,
        is_cancel_pending=events[-1] == "cancel_requested",
        has_new_address="address_changed" in events,
    )


# By path number and step.
LOOKS: tuple[tuple[Look, ...], ...] = tuple(
    tuple(_look(compiled.path, step) for step in range(len(compiled.path.events))) for compiled in COMPILED
)
