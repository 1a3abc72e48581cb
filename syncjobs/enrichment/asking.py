"""Asks a marketplace for the packages of some orders of one shop, and sorts the answers by order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shops.connections import ShopConnection
from shops.marketplaces.contract import ASKED_ORDER, KnownOrder
from shops.marketplaces.records import Resource, ShipmentRecord, Stub, UnreadableRecord
from syncjobs.engine.completing import CarefulCaller, Completer
from syncjobs.enrichment.verdicts import Found
from syncjobs.intake import LISTED_ONLY
from syncjobs.models import EnrichmentTask


@dataclass
class Answers:
    """What came back, by order number: packages, what was wrong with an order, and which have no answer yet.

    `records` and `unreadable` are for storing. `error` is what ended the asking, if not all was asked for.
    """

    found: dict[str, list[Found]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unasked: set[str] = field(default_factory=set)
    records: list[ShipmentRecord] = field(default_factory=list)
    unreadable: list[UnreadableRecord] = field(default_factory=list)
    error: Exception | None = None

    def take_record(self, record: ShipmentRecord, asked: Mapping[str, Any]) -> None:
        """Take a package under the orders that it names, if one of them was asked for; no order gets another's.

        It carries no time of change, and so counts as older than any reading from a list: those have what the calls for
        its tracking bring, which must not be lost to an answer without, and is still to be asked for.
        """
        numbers = [number for number in record.order_external_ids if number in asked]
        if not numbers:
            named = ", ".join(record.order_external_ids) or "no order"
            self.unreadable.append(
                UnreadableRecord(
                    record.payload, f"Package {record.external_id} names {named}, which was not asked for."
                )
            )
            return
        self.records.append(replace(record, source_updated_at=None))
        for number in numbers:
            self.found.setdefault(number, []).append(Found(record.external_id, count_pieces(record.contents, number)))

    def take_unreadable(self, one: UnreadableRecord, asked: Mapping[str, Any]) -> None:
        """Take what could not be read, as the reason of its order where it is told; what only we know is not kept."""
        is_ours = type(one.payload) is dict and LISTED_ONLY in one.payload
        told = one.payload[LISTED_ONLY].get(ASKED_ORDER) if is_ours else None
        number = next((name for name in (one.external_id, told) if name in asked), None)
        if number is not None:
            self.refused[number] = one.error
        if not is_ours:
            self.unreadable.append(one)


def ask_for_packages(connection: ShopConnection, tasks: Sequence[EnrichmentTask]) -> Answers:
    """Ask for the packages of the tasks' orders by the fewest calls; whatever ends it early stands in the answers."""
    asked = {task.parent_order_sn: task for task in tasks}
    answers = Answers()
    pending: list[Stub] = []
    try:
        pending += connection.connector.plan_packages([_as_known(task) for task in tasks])
        completer = Completer(CarefulCaller(connection), Resource.SHIPMENTS, pending)
        for page in completer.complete_all():
            for record in page.records:
                answers.take_record(record, asked)
            for one in page.unreadable:
                answers.take_unreadable(one, asked)
    except Exception as error:  # noqa: BLE001  whatever it is, what was answered before is kept, and the rows say why
        answers.error = error
        answers.unasked = {_order_of(stub) for stub in pending} if pending else set(asked)
    return answers


def count_pieces(contents: Iterable[Mapping[str, Any]], order_number: str = "") -> dict[str, int | None]:
    """Count the pieces of one order's lines that are in a package; None where it is not told how many."""
    pieces: dict[str, int | None] = {}
    for part in contents:
        if part.get("order", order_number) == order_number and part.get("line"):
            told, before = part.get("quantity"), pieces.get(str(part["line"]), 0)
            pieces[str(part["line"])] = None if told is None or before is None else before + int(told)
    return pieces


def _as_known(task: EnrichmentTask) -> KnownOrder:
    order = task.order
    lines = tuple((line.external_id, line.raw_status) for line in order.lines.all())
    return KnownOrder(order.external_id, order.raw_status, order.source_updated_at, lines)


def _order_of(stub: Stub) -> str:
    return str(stub.payload.get(ASKED_ORDER) or stub.external_id)
