"""Says which parcels an order goes in and where each of them is.

A parcel is only ever seen to move when its order does: what the carrier notes on the way becomes visible with the next
event of the order, so that the update time of the order moves with it.
"""

from dataclasses import dataclass

from shops.sandbox.baskets import unit_count
from shops.sandbox.life import HOUR, TIMINGS, time_of
from shops.sandbox.windows import OrderState

# Digest bytes 61 to 63, as the orders have them: both must show one tracking number.
_TRACKING = 61
# Events of a parcel that become visible with an event of the order, and how long before it they happened.
_MOVES: dict[str, tuple[tuple[str, int], ...]] = {
    "packed": (("packed", 0),),
    "collected": (("collected", 0),),
    "delivered": (("arrived_at_hub", 16 * HOUR), ("out_for_delivery", 3 * HOUR), ("delivered", 0)),
    "never_delivered": (("arrived_at_hub", 16 * HOUR), ("returned_to_sender", 0)),
}


@dataclass(frozen=True)
class Parcel:
    """One parcel of an order, which exists from the moment the order is to be shipped."""

    order: OrderState
    number: int  # counts the parcels of the order, from 1
    units: tuple[int, ...]  # positions in Goods.units(order)
    tracking_number: str  # empty until packed
    events: tuple[tuple[str, int], ...]
    created: int
    updated: int
    is_cancelled: bool


def tracking_number(digest: bytes, number: int, country: str = "") -> str:
    """Return the carrier's number for the parcel of an order, once it is packed."""
    return f"SBX{country}{int.from_bytes(digest[_TRACKING:], 'big') % 10**9 * 10 + number - 1:010d}"


def parcels_of(state: OrderState, as_of: int, country: str = "") -> list[Parcel]:
    """Return the parcels that exist at `as_of`; the last unit of an order in two parcels goes alone, and later."""
    times = {event: time_of(TIMINGS[event], state.digest, state.created) for event in state.path.path.events}
    times = {event: happened for event, happened in times.items() if happened <= as_of}
    created = times.get("released", times.get("created_cod"))
    if created is None:
        return []
    is_split = "partly_shipped" in state.path.path.events
    count = unit_count(state.digest, 2 if is_split else 1)
    parts = (tuple(range(count - 1)), (count - 1,)) if is_split else (tuple(range(count)),)
    return [
        _parcel(state, number, units, created, times, tracking_number(state.digest, number, country))
        for number, units in enumerate(parts, start=1)
    ]


def _parcel(
    state: OrderState, number: int, units: tuple[int, ...], created: int, times: dict[str, int], tracking: str
) -> Parcel:
    events: list[tuple[str, int]] = []
    updated = created
    for event, happened in times.items():
        moves = _MOVES.get(event, ())
        # The first parcel of a split order is packed when the order is partly shipped.
        if event == "partly_shipped" and number == 1:
            moves = _MOVES["packed"]
        elif event == "packed" and events:
            moves = ()
        if moves or event.startswith("cancelled") or event == "never_collected":
            updated = max(updated, happened)
        events += [(name, happened - before) for name, before in moves]
    is_cancelled = any(event.startswith("cancelled") or event == "never_collected" for event in times)
    return Parcel(state, number, units, tracking if events else "", tuple(events), created, updated, is_cancelled)
