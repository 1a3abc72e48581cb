"""Says how each moment of an order's life shows at Shopee: status words and which fields apply."""

from dataclasses import dataclass

from shops.sandbox.life import COMPILED, TIMINGS, Path, Timing

# Shopee Open Platform, order status; events that are missing here leave the status as it is. There is no word for an
# order of which one parcel is arranged: it stays to be shipped.
STATUS_AFTER = {
    "created": "UNPAID",
    "created_cod": "READY_TO_SHIP",
    "paid": "READY_TO_SHIP",
    "released": "READY_TO_SHIP",
    "cancel_requested": "IN_CANCEL",
    "request_refused": "READY_TO_SHIP",
    "packed": "PROCESSED",
    "collected": "SHIPPED",
    "delivered": "TO_CONFIRM_RECEIVE",
    "completed": "COMPLETED",
    "never_paid": "CANCELLED",
    "cancelled_in_remorse": "CANCELLED",
    "cancelled_by_seller": "CANCELLED",
    "cancelled_on_request": "CANCELLED",
    "never_collected": "CANCELLED",
    "never_delivered": "CANCELLED",
}
STATUSES = (
    "UNPAID", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "COMPLETED", "IN_CANCEL", "CANCELLED", "INVOICE_PENDING",
)  # fmt: skip
# A return that is open before the order is completed shows in the order's own status [B].
TO_RETURN = "TO_RETURN"
PENDING = "PENDING"
# cancel_by, cancel_reason, buyer_cancel_reason. Reasons are an open list [C].
CANCELLATIONS = {
    "never_paid": ("system", "UNPAID_ORDER", ""),
    "cancelled_in_remorse": ("buyer", "BUYER_REQUEST", "CHANGE_MIND"),
    "cancelled_by_seller": ("seller", "OUT_OF_STOCK", ""),
    "cancelled_on_request": ("buyer", "BUYER_REQUEST", "CHANGE_MIND"),
    "never_collected": ("system", "SELLER_DID_NOT_SHIP", ""),
    "never_delivered": ("Ops", "FAILED_DELIVERY", ""),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How an order shows after one step of its path."""

    status: str
    # Paid but not yet released: PENDING to a call that asks for such orders.
    is_pending: bool
    is_cod: bool
    is_split: bool
    # Whether the total is known: not before payment [A].
    has_total: bool
    # The recipient of an order that never came to be shipped is blank.
    is_released: bool
    has_new_address: bool
    paid: Timing | None
    released: Timing | None
    collected: Timing | None
    is_delivered: bool
    cancelled: tuple[str, str, str]


def _look(path: Path, step: int) -> Look:
    events = path.events[: step + 1]
    happened = set(events)
    released = next((TIMINGS[event] for event in events if event in ("released", "created_cod")), None)
    # Cash is paid at the door.
    paid = "delivered" if path.is_cod else "paid"
    return Look(
        status=next(STATUS_AFTER[event] for event in reversed(events) if event in STATUS_AFTER),
        is_pending=events[-1] == "paid",
        is_cod=path.is_cod,
        is_split="partly_shipped" in path.events,
        has_total=path.is_cod or "paid" in happened,
        is_released=released is not None,
        has_new_address="address_changed" in happened,
        paid=TIMINGS[paid] if paid in happened else None,
        released=released,
        collected=TIMINGS["collected"] if "collected" in happened else None,
        is_delivered="delivered" in happened,
        cancelled=CANCELLATIONS.get(events[-1], ("", "", "")),
    )


# By path number and step.
LOOKS: tuple[tuple[Look, ...], ...] = tuple(
    tuple(_look(compiled.path, step) for step in range(len(compiled.path.events))) for compiled in COMPILED
)


def look_of(path_number: int, step: int) -> Look:
    """Return the look of an order whose last event is this step."""
    return LOOKS[path_number][step]
