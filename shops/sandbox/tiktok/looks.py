"""Says how each moment of an order's life shows at TikTok: status words and which fields apply."""

from dataclasses import dataclass

from shops.sandbox.life import COMPILED, TIMINGS, Path, Timing

# TikTok Partner Center, order status flow; events that are missing here leave the status as it is.
STATUS_AFTER = {
    "created": "UNPAID",
    "created_cod": "AWAITING_SHIPMENT",
    "paid": "ON_HOLD",
    "released": "AWAITING_SHIPMENT",
    "partly_shipped": "PARTIALLY_SHIPPING",
    "packed": "AWAITING_COLLECTION",
    "collected": "IN_TRANSIT",
    "delivered": "DELIVERED",
    "completed": "COMPLETED",
    "never_paid": "CANCELLED",
    "cancelled_in_remorse": "CANCELLED",
    "cancelled_by_seller": "CANCELLED",
    "cancelled_on_request": "CANCELLED",
    "never_collected": "CANCELLED",
    "never_delivered": "CANCELLED",
}
# cancellation_initiator, and which reason is given.
CANCELLATIONS = {
    "never_paid": ("SYSTEM", "unpaid"),
    "cancelled_in_remorse": ("BUYER", "unwanted"),
    "cancelled_by_seller": ("SELLER", "out_of_stock"),
    "cancelled_on_request": ("BUYER", "unwanted"),
    "never_collected": ("SYSTEM", "late"),
    "never_delivered": ("SYSTEM", "undelivered"),
}
# Reasons come in the shop's language.
REASONS = {
    "vi": {
        "unpaid": "Khách hàng quá hạn thanh toán",
        "unwanted": "Không còn nhu cầu mua",
        "out_of_stock": "Hết hàng",
        "late": "Người bán giao hàng trễ hạn",
        "undelivered": "Giao hàng không thành công",
    },
    "en": {
        "unpaid": "Customer overdue to pay",
        "unwanted": "No longer needed",
        "out_of_stock": "Out of stock",
        "late": "Seller did not ship in time",
        "undelivered": "Package delivery failed",
    },
}
TIME_FIELDS = {
    "paid": "paid_time",
    "packed": "rts_time",
    "collected": "collection_time",
    "delivered": "delivery_time",
    "cancel_requested": "request_cancel_time",
    **dict.fromkeys(CANCELLATIONS, "cancel_time"),
}
# Lines know no ON_HOLD and no PARTIALLY_SHIPPING of their own.
_LINE_STATUS = {"ON_HOLD": "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING": "AWAITING_SHIPMENT"}
_PACKAGE_STATUS = {
    "AWAITING_SHIPMENT": "TO_FULFILL",
    "PARTIALLY_SHIPPING": "TO_FULFILL",
    "AWAITING_COLLECTION": "PROCESSING",
    "IN_TRANSIT": "FULFILLING",
    "DELIVERED": "COMPLETED",
    "COMPLETED": "COMPLETED",
    "CANCELLED": "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How an order shows after one step of its path."""

    status: str
    line_status: str
    package_status: str
    is_cod: bool
    is_split: bool
    is_unpaid: bool
    # The recipient of an order that is not yet to be shipped, or never came so far, is blank.
    is_blank: bool
    has_packages: bool
    is_partly_shipped: bool
    has_tracking: bool
    # When the order was to be shipped first, and when the carrier took it; None if not yet.
    released: Timing | None
    collected: Timing | None
    # The fields that say when something happened.
    times: tuple[tuple[str, Timing], ...]
    has_new_address: bool
    # True while the buyer waits for an answer, False once refused, None where it was never asked.
    cancel_request: bool | None
    cancelled_by: str
    reason: str


def _look(path: Path, step: int) -> Look:
    events = path.events[: step + 1]
    happened = set(events)
    status = next(STATUS_AFTER[event] for event in reversed(events) if event in STATUS_AFTER)
    to_ship = bool(happened & {"released", "created_cod"})
    initiator, reason = CANCELLATIONS.get(events[-1], ("", ""))
    request = None if "cancel_requested" not in happened else events[-1] == "cancel_requested"
    return Look(
        status=status,
        line_status=_LINE_STATUS.get(status, status),
        package_status=_PACKAGE_STATUS.get(status, ""),
        is_cod=path.is_cod,
        is_split="partly_shipped" in path.events,
        is_unpaid=status == "UNPAID",
        is_blank=not to_ship,
        has_packages=to_ship,
        is_partly_shipped=status == "PARTIALLY_SHIPPING",
        has_tracking="packed" in happened,
        released=next((TIMINGS[event] for event in events if event in ("released", "created_cod")), None),
        collected=TIMINGS["collected"] if "collected" in happened else None,
        times=tuple((TIME_FIELDS[event], TIMINGS[event]) for event in events if event in TIME_FIELDS),
        has_new_address="address_changed" in happened,
        cancel_request=request,
        cancelled_by=initiator,
        reason=reason,
    )


# By path number and step.
LOOKS: tuple[tuple[Look, ...], ...] = tuple(
    tuple(_look(compiled.path, step) for step in range(len(compiled.path.events))) for compiled in COMPILED
)


def look_of(path_number: int, step: int) -> Look:
    """Return the look of an order whose last event is this step."""
    return LOOKS[path_number][step]
