"""A parcel as every connector delivers it, with its tracking."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from shops.marketplaces.records.basics import Checked, Payload, record_class
from shops.marketplaces.records.words import ShipmentStatus


@record_class
class TrackingEventRecord:
    """One thing that happened to a parcel. `external_id` tells it from the others: a digest of time and text."""

    external_id: str
    happened_at: datetime
    text: str = ""
    raw_status: str = ""
    place: str = ""


@record_class
class ShipmentRecord(Checked):
    """One parcel of one or several orders, by its package number.

    `contents` says what is in it: ({"order": order id, "line": line id, "quantity": n}, ...). `events` is None where
    the payload does not speak of tracking: the writer then leaves them alone.
    """

    external_id: str
    payload: Payload
    status: ShipmentStatus = ShipmentStatus.UNKNOWN
    raw_status: str = ""
    order_external_ids: tuple[str, ...] = ()
    contents: tuple[Mapping[str, Any], ...] = ()
    tracking_number: str = ""
    carrier_name: str = ""
    carrier_external_id: str = ""
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[TrackingEventRecord, ...] | None = None
    problems: tuple[str, ...] = ()
