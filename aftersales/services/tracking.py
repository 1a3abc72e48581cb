"""What is heard of goods on their way back, from a system that follows parcels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aftersales.choices import ReturnState
from aftersales.models import Case, ReturnParcel, find_live
from aftersales.services.asking import NotAllowed, Unacceptable

EVENTS_AT_MOST = 100
EVENT_LENGTH = 200  # characters of a text
ON_THE_WAY = (ReturnState.SHIPPED, ReturnState.IN_TRANSIT)


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One thing that happened to a parcel, in the carrier's words."""

    at: datetime
    text: str
    place: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it as its parcel keeps it: in UTC, so that it is the same from whichever zone it is told."""
        return {
            "at": self.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "text": self.text,
            "place": self.place,
        }


def add_events(case: Case, events: Sequence[TrackingEvent], now: datetime) -> dict[str, list[Any]]:
    """Add to the parcel of a locked case what is new; return what changed, as the log tells it.

    Raises NotAllowed where no parcel is on its way, and Unacceptable where there would be too many.
    """
    parcel = find_live(case.return_parcels.order_by("pk"))
    known = list(parcel.tracking_events) if parcel else []
    new = [one for one in dict.fromkeys(events) if one.as_json() not in known]
    if not new:
        return {}
    if parcel is None or parcel.state not in ON_THE_WAY:
        raise NotAllowed(f"Case {case.number}: no parcel of it is on its way, so that nothing can happen to one.")
    if len(known) + len(new) > EVENTS_AT_MOST:
        raise Unacceptable(
            "tracking_events",
            f"At most {EVENTS_AT_MOST} for a parcel; with these it would have {len(known) + len(new)}.",
        )
    return _write(parcel, sorted([*known, *(one.as_json() for one in new)], key=_time_of), now)


def _write(parcel: ReturnParcel, events: list[dict[str, str]], now: datetime) -> dict[str, list[Any]]:
    changes: dict[str, list[Any]] = {"tracking_events": [len(parcel.tracking_events), len(events)]}
    if parcel.state == ReturnState.SHIPPED:
        changes["goods"] = [parcel.state, ReturnState.IN_TRANSIT.value]
    parcel.state, parcel.tracking_events, parcel.updated_at = ReturnState.IN_TRANSIT, events, now
    parcel.save(update_fields=["state", "tracking_events", "updated_at"])
    return changes


def _time_of(event: dict[str, str]) -> datetime:
    return datetime.fromisoformat(event["at"])
