"""Says which numbers Temu shows for the moments of an order's life and of an after-sales request."""

from enum import IntEnum

from shops.sandbox.life import COMPILED


class Status(IntEnum):
    """Status of a parent or child order [A]."""

    PENDING = 1
    TO_SHIP = 2
    CANCELLED = 3
    SHIPPED = 4
    PARTLY_SHIPPED = 41
    DELIVERED = 5


# Events that are missing here leave the status as it is: a bought label ships nothing yet, and for what has gone out
# and could not be delivered no number is documented, since orders are cancelled before they are shipped [?].
_STATUS_AFTER = {
    "created": Status.PENDING,
    "created_cod": Status.TO_SHIP,
    "released": Status.TO_SHIP,
    "partly_shipped": Status.PARTLY_SHIPPED,
    "collected": Status.SHIPPED,
    "delivered": Status.DELIVERED,
    "never_paid": Status.CANCELLED,
    "cancelled_in_remorse": Status.CANCELLED,
    "cancelled_by_seller": Status.CANCELLED,
    "cancelled_on_request": Status.CANCELLED,
    "never_collected": Status.CANCELLED,
}


class Group(IntEnum):
    """Groups of after-sales states, as filters and rows name them [V]; those of cancellations are others [A]."""

    PENDING = 1
    REQUESTED = 2
    SHIPPED = 3
    PLATFORM_REVIEW = 4
    REFUNDED = 5
    REFUSED = 6
    CANCELLED = 7
    CANCEL_PENDING = 8
    CANCEL_APPROVED = 9
    CANCEL_REFUSED = 10
    CANCEL_REVOKED = 11


# parentAfterSalesStatus in each group [V]; status 1 is in two.
GROUP_STATUSES: dict[int, frozenset[int]] = {
    Group.PENDING: frozenset({1, 3, 8}),
    Group.REQUESTED: frozenset({1, 10}),
    Group.SHIPPED: frozenset({2}),
    Group.PLATFORM_REVIEW: frozenset({11}),
    Group.REFUNDED: frozenset({5}),
    Group.REFUSED: frozenset({7}),
    Group.CANCELLED: frozenset({6}),
}
# The states of cancellations are documented only for those that were approved: 5. The others are taken from the list
# of all states [?].
CANCEL_GROUP_STATUSES: dict[int, frozenset[int]] = {
    Group.CANCEL_PENDING: frozenset({1}),
    Group.CANCEL_APPROVED: frozenset({5}),
    Group.CANCEL_REFUSED: frozenset({7}),
    Group.CANCEL_REVOKED: frozenset({6}),
}
_CASE_STATUS = {
    "cancel": {"cancel_requested": 1, "cancel_refused": 7, "cancelled": 5},
    "refund": {"requested": 1, "approved": 4, "rejected": 7, "withdrawn": 6, "refunded": 5},
    # A granted return has no number of its own: it stays requested until the goods are on their way.
    "return": {
        "requested": 10, "approved": 10, "sent": 2, "received": 3, "rejected": 7, "withdrawn": 6, "refunded": 5
    },
}  # fmt: skip
# afterSalesType [A]; cancellations show none.
CASE_TYPES = {"refund": 1, "return": 2}


def _status(path_number: int, step: int) -> Status:
    events = COMPILED[path_number].path.events[: step + 1]
    return next(_STATUS_AFTER[event] for event in reversed(events) if event in _STATUS_AFTER)


# By path number and step.
_STATUSES = tuple(tuple(_status(one.number, step) for step in range(len(one.path.events))) for one in COMPILED)


def status_of(path_number: int, step: int) -> Status:
    """Return the status of a parent order whose last event is this step."""
    return _STATUSES[path_number][step]


def case_status(kind: str, event: str) -> int:
    """Return parentAfterSalesStatus after an event of a request."""
    return _CASE_STATUS[kind][event]


def group_of(kind: str, status: int) -> int:
    """Return the group that a row shows: the first that holds its status; a running refund is in none of them [?]."""
    groups = CANCEL_GROUP_STATUSES if kind == "cancel" else GROUP_STATUSES
    return next((group for group, statuses in groups.items() if status in statuses), Group.PENDING)
