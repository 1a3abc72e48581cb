"""Makes answers whole: asks again for what makes no sense, and completes what a list only names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from backoffice.common.payloads import digest, dump_payload
from shops.connections import ShopConnection
from shops.marketplaces.contract import Connector
from shops.marketplaces.errors import RecordRefused
from shops.marketplaces.records import Page, Resource, Stub, UnreadableRecord

READINGS_OF_A_BAD_ANSWER = 3  # an answer with records that cannot be read is asked for again, as such faults often pass


class CarefulCaller:
    """Makes the calls of one chunk; an answer with records that make no sense is asked for again."""

    def __init__(self, connection: ShopConnection) -> None:
        self._connection = connection
        self._doubtful_for_good: set[bytes] = set()

    @property
    def connector(self) -> Connector:
        """The connector behind the calls."""
        return self._connection.connector

    def read(self, ask: Callable[[Connector], Page[Any]]) -> Page[Any]:
        """Return an answer; its readings are put together where there were several.

        Every record that was readable once, and as many unreadable ones as remain.
        """
        page = first = self._connection.call(ask)
        records, stubs = list(first.records), {stub.external_id: stub for stub in first.stubs}
        for _ in range(READINGS_OF_A_BAD_ANSWER - 1):
            doubtful = _list_doubtful(page) - self._doubtful_for_good
            if not doubtful:
                break
            page = self._connection.call(ask)
            records += page.records
            stubs |= {stub.external_id: stub for stub in page.stubs}
            self._doubtful_for_good |= doubtful & _list_doubtful(page)
        if page is first:
            return first
        named = len(first.records) + len(first.stubs) + len(first.unreadable)
        missing = named - len({record.external_id for record in records} | stubs.keys())
        unreadable = first.unreadable[: max(0, missing)]
        return replace(first, records=tuple(records), stubs=tuple(stubs.values()), unreadable=unreadable)


class Completer:
    """Gathers stubs until a call is full, and completes them, step by step."""

    def __init__(self, caller: CarefulCaller, resource: Resource, pending: list[Stub]) -> None:
        """Take the list of what waits; it is changed in place, so that whoever keeps it can go on from there."""
        self._caller = caller
        self._resource = resource
        self._capability = caller.connector.capabilities[resource]
        self.pending = pending

    def complete_full(self) -> Iterator[Page[Any]]:
        """Complete what fills whole calls; what is left waits for more."""
        while (batch := self._find_batch(only_full=True)) is not None:
            yield self._complete(batch)

    def complete_all(self) -> Iterator[Page[Any]]:
        """Complete everything that waits."""
        while (batch := self._find_batch(only_full=False)) is not None:
            yield self._complete(batch)

    def _find_batch(self, *, only_full: bool) -> list[Stub] | None:
        """Return the next call's stubs; of the step that is furthest along, so that what was begun ends first."""
        by_step: dict[str, list[Stub]] = {}
        for stub in self.pending:
            by_step.setdefault(stub.step, []).append(stub)
        for step in reversed(list(self._capability.details)):
            limit = self._capability.details[step]
            if len(stubs := by_step.get(step, [])) >= (limit if only_full else 1):
                return stubs[:limit]
        return None

    def _complete(self, batch: Sequence[Stub]) -> Page[Any]:
        """Complete some stubs of one step; they wait no more once their answer is here."""
        page = self._ask(batch)
        # In place: the list is part of the chunk's position. Nothing between here and the caller's storing can fail.
        done = {id(stub) for stub in batch}
        self.pending[:] = [stub for stub in self.pending if id(stub) not in done] + list(page.stubs)
        return replace(page, stubs=())

    def _ask(self, batch: Sequence[Stub]) -> Page[Any]:
        try:
            page = self._caller.read(lambda connector: connector.fetch_details(self._resource, batch))
        except RecordRefused as error:
            if len(batch) == 1:
                return Page((), (_as_unreadable(batch[0], f"{error} {error.advice}"),))
            return _join([self._ask([stub]) for stub in batch])
        if batch[0].step in self._capability.may_be_empty:
            return page
        absent = _list_absent(batch, page)
        if not absent:
            return page
        if len(absent) < len(batch):  # once more, by themselves
            return _join([page, self._ask(absent)])
        text = "The marketplace's list names it, but the call for its details does not give it."
        return _join([page, Page((), tuple(_as_unreadable(stub, text) for stub in absent))])


def complete(caller: CarefulCaller, resource: Resource, page: Page[Any]) -> Page[Any]:
    """Complete the stubs of one answer, and return all of it."""
    completer = Completer(caller, resource, list(page.stubs))
    return _join([replace(page, stubs=()), *completer.complete_all()])


def _join(pages: Sequence[Page[Any]]) -> Page[Any]:
    """Put several answers together; where the list goes on is the first one's word."""
    return replace(
        pages[0],
        records=tuple(record for page in pages for record in page.records),
        unreadable=tuple(record for page in pages for record in page.unreadable),
        stubs=tuple(stub for page in pages for stub in page.stubs),
    )


def _list_absent(batch: Sequence[Stub], page: Page[Any]) -> list[Stub]:
    """Return the stubs that an answer says nothing of; one that cannot be read stands for one of them."""
    told = {record.external_id for record in page.records} | {stub.external_id for stub in page.stubs}
    absent = [stub for stub in batch if stub.external_id not in told]
    return absent[len(page.unreadable) :]


def _as_unreadable(stub: Stub, text: str) -> UnreadableRecord:
    return UnreadableRecord(stub.payload, text.strip(), stub.external_id, stub.source_updated_at)


def _list_doubtful(page: Page[Any]) -> set[bytes]:
    """Return what stands for the records that are unreadable, invalid or of a status nobody knows."""
    doubtful = {digest(dump_payload(record.payload)) for record in page.unreadable}
    for record in page.records:
        if not record.is_valid or getattr(record, "status", "") == "unknown":
            doubtful.add(digest(dump_payload(record.payload)))
    return doubtful
