"""Turns the lines of an order that are in one parcel, and its trace, into a ShipmentRecord. Pure, and never raises.

The payload is {"order": id and times, "items": the lines in the parcel, "package": its part of the trace, or none,
"refusal": why there is no trace}. Lines tell times as text with an offset, traces as numbers whose size tells the unit.
"""

from typing import Any

from shops.marketplaces import values
from shops.marketplaces.lazada.mapping.statuses import joined, parcel_status
from shops.marketplaces.lazada.mapping.times import moment, moment_in_any_form
from shops.marketplaces.reading import Fields, bounded, digest
from shops.marketplaces.records import Payload, ShipmentRecord, TrackingEventRecord, UnreadableRecord

_DELIVERED = "DELIVERED"
# Of an order only this is kept with each of its parcels.
_ORDER_KEYS = ("order_id", "created_at", "updated_at")
# Before these have passed there is no trace of a parcel; a cancelled one may have been on its way already.
_UNTRACEABLE = frozenset({"unpaid", "pending", "topack", "packed", "repacked", "ready_to_ship_pending"})
_TIME = "a time with an offset"


def is_packed(payload: Payload) -> bool:
    """Tell whether a line of an order is in a parcel."""
    return any(values.fields(line).get("package_id") for line in values.rows(payload.get("items")))


def is_traceable(payload: Payload) -> bool:
    """Tell whether a line of an order is in a parcel that is ready to ship or further; unknown words count as such."""
    lines = [values.fields(line) for line in values.rows(payload.get("items"))]
    words = [line.get("status") for line in lines if line.get("package_id")]
    return any(type(word) is not str or word not in _UNTRACEABLE for word in words)


def split(payload: Payload) -> list[Payload]:
    """Make one payload for each parcel of an order out of {"order", "items", "packages", "refusal"}.

    A trace belongs to the parcel with its package number, or with its tracking number; one that belongs to none is a
    parcel of its own. `packages` is missing where no trace was asked for or given.
    """
    head = {"order": {key: order[key] for key in _ORDER_KEYS if key in order}} if (order := _order_of(payload)) else {}
    rest = {"refusal": payload["refusal"]} if "refusal" in payload else {}
    parcels: dict[str, list[Any]] = {}
    for line in map(values.fields, values.rows(payload.get("items"))):
        if package_id := values.identifier(line.get("package_id")):
            parcels.setdefault(package_id, []).append(line)
        elif line.get("package_id"):
            parcels.setdefault("", []).append(line)  # an id that cannot be read is told by the mapping
    traces = [values.fields(package) for package in values.rows(payload.get("packages"))]
    found = []
    for package_id, lines in parcels.items():
        trace = next((one for one in traces if _belongs(one, package_id, lines)), None)
        traces = [one for one in traces if one is not trace]
        found.append({**head, "items": lines, **({"package": trace} if trace else {}), **rest})
    return found + [{**head, "items": [], "package": trace} for trace in traces]


def _order_of(payload: Payload) -> dict[str, Any]:
    return values.fields(payload.get("order"))


def _belongs(trace: dict[str, Any], package_id: str, lines: list[Any]) -> bool:
    if values.identifier(trace.get("ofc_package_id")) == package_id:
        return True
    number = values.text(trace.get("tracking_number"))
    return bool(number) and any(values.text(line.get("tracking_code")) == number for line in lines)


def map_shipment(payload: object) -> ShipmentRecord | UnreadableRecord:
    """Map one parcel. Its number is the lines' package_id; its status is made of theirs."""
    whole = Fields(payload)
    order = whole.part("order")
    lines = list(whole.parts("items"))
    trace = whole.part("package")
    told = lines[0].source.get("package_id") if lines else trace.source.get("ofc_package_id")
    external_id = values.identifier(told)
    if external_id is None:
        return UnreadableRecord(payload, f"The package number is {values.shown(told)} instead of an id.")
    events = _read_events(trace) if "package" in whole.source else None
    words = {line.text("status", required=True) for line in lines}
    changes = [line.read("updated_at", moment, _TIME) for line in lines]
    order_changed_at = order.read("updated_at", moment, _TIME)
    moments = [*changes, order_changed_at, *[event.happened_at for event in events or ()]]
    deliveries = [event.happened_at for event in events or () if event.raw_status == _DELIVERED]
    order_id = order.identifier("order_id", required=True)
    return ShipmentRecord(
        external_id=external_id,
        payload=whole.source,
        status=parcel_status(words),
        raw_status=joined(words)[: values.TEXT_LENGTH],
        order_external_ids=(order_id,) if order_id else (),
        contents=tuple(_read_contents(lines, order_id)),
        tracking_number=_first(lines, "tracking_code") or trace.text("tracking_number"),
        carrier_name=_first(lines, "shipment_provider"),
        source_created_at=None,
        source_updated_at=max((one for one in moments if one is not None), default=None),
        delivered_at=min(deliveries, default=None),
        attributes=_attributes(whole, trace),
        events=events,
        problems=bounded(whole.problems),
    )


def _first(lines: list[Fields], key: str) -> str:
    return next((told for line in lines if (told := line.text(key))), "")


def _read_contents(lines: list[Fields], order_id: str) -> list[dict[str, Any]]:
    ids = dict.fromkeys(line.identifier("order_item_id", required=True) for line in lines)
    return [{"order": order_id, "line": line_id, "quantity": 1} for line_id in ids if line_id]


def _attributes(whole: Fields, trace: Fields) -> dict[str, Any]:
    rest = trace.unplaced(frozenset({"ofc_package_id", "tracking_number", "logistic_detail_info_list"}))
    return {**rest, **whole.unplaced(frozenset({"order", "items", "package"}))}


def _read_events(trace: Fields) -> tuple[TrackingEventRecord, ...]:
    """Read what happened to the parcel; the same event told twice counts once, one without a time is left out."""
    events: dict[str, TrackingEventRecord] = {}
    for row in trace.parts("logistic_detail_info_list"):
        happened_at = row.read("event_time", moment_in_any_form, "a time", required=True)
        said = dict.fromkeys(filter(None, (row.text("title"), row.text("description"))))
        text = ": ".join(said)[: values.TEXT_LENGTH]
        raw_status = row.text("status_code")
        place = row.text("package_location_name")
        if happened_at is not None:
            event = TrackingEventRecord(
                digest(happened_at.isoformat(), text, raw_status), happened_at, text, raw_status, place
            )
            events.setdefault(event.external_id, event)
    return tuple(events.values())
