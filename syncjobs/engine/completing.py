"""Makes answers whole: asks again for what makes no sense, and completes what a list only names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from backoffice.common.payloads import digest, dump_payload
from shops.connections import ShopConnection
from shops.marketplaces.contract import Connector
from shops.marketplaces.errors import RecordRefused
from shops.marketplaces.records import Page, Resource, Stub, UnreadableRecord
from syncjobs.engine.unknown_words import has_unknown_word
from syncjobs.intake import as_listed_only

READINGS_OF_A_BAD_ANSWER = 3  # an answer with records that cannot be read is asked for again, as such faults often pass

# Where people may ask for fewer ids in a call of details than the marketplace allows.
SETTINGS_OF_CALLS: Mapping[tuple[str, Resource], str] = {
    ("tiktok", Resource.ORDERS): "TIKTOK_ORDER_DETAILS_BATCH_SIZE",
    ("tiktok", Resource.SHIPMENTS): "TIKTOK_TRACKING_STATUS_BATCH_SIZE",
    ("shopee", Resource.ORDERS): "SHOPEE_ORDER_DETAILS_BATCH_SIZE",
}


def bound_ids(marketplace: str, resource: Resource, most: int) -> int:
    """Return how many ids one call asks for: as many as it takes, or fewer where a setting says so."""
    name = SETTINGS_OF_CALLS.get((marketplace, resource))
    return most if name is None else min(most, getattr(settings, name))


class CarefulCaller:
    """Makes the calls of one chunk; an answer with records that make no sense is asked for again."""

    def __init__(self, connection: ShopConnection) -> None:
        self._connection = connection
        self._doubtful_for_good: set[bytes] = set()

    @property
    def connector(self) -> Connector:
        """The connector behind the calls."""
        return self._connection.connector

    def read(self, ask: Callable[[Connector], Page[Any]], resource: Resource) -> Page[Any]:
        """Return an answer; its readings are put together where there were several.

        Every record that was readable once, and as many unreadable ones as remain. Where an id is made of what a row
        tells, a broken reading of it has an id of its own: such a one goes once the row is told well.
        """
        page = first = self._connection.call(ask)
        readings, stubs = [first], {stub.external_id: stub for stub in first.stubs}
        for _ in range(READINGS_OF_A_BAD_ANSWER - 1):
            doubtful = self._list_doubtful(page, resource) - self._doubtful_for_good
            if not doubtful:
                break
            page = self._connection.call(ask)
            readings.append(page)
            stubs |= {stub.external_id: stub for stub in page.stubs}
            self._doubtful_for_good |= doubtful & self._list_doubtful(page, resource)
        if page is first:
            return first
        records = _put_together(readings)
        named = len(first.records) + len(first.stubs) + len(first.unreadable)
        missing = named - len({record.external_id for record in records} | stubs.keys())
        unreadable = self._choose_unreadable(first.unreadable, missing)
        return replace(first, records=tuple(records), stubs=tuple(stubs.values()), unreadable=unreadable)

    def _list_doubtful(self, page: Page[Any], resource: Resource) -> set[bytes]:
        """Return what stands for the rows that are unreadable, invalid or in a word that nobody knows.

        Of what is yet to be completed only the word tells: the rest may be missing because it comes later.
        """
        doubtful: list[Any] = [*page.unreadable]
        doubtful += [record for record in page.records if _is_doubtful(record)]
        for stub in page.stubs:
            record = self.connector.map_payload(resource, stub.payload)
            if has_unknown_word(record):
                doubtful.append(stub)
        return {digest(dump_payload(one.payload)) for one in doubtful}

    def _choose_unreadable(self, unreadable: Sequence[UnreadableRecord], missing: int) -> tuple[UnreadableRecord, ...]:
        """Return the unreadable records that remain: those that came broken each time, and of the others the missing.

        The number alone would not say which: a list that moved between two readings shows others in their place.
        """
        for_good = [one for one in unreadable if digest(dump_payload(one.payload)) in self._doubtful_for_good]
        passing = [one for one in unreadable if one not in for_good]
        return (*for_good, *passing[: max(0, missing - len(for_good))])


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
            limit = bound_ids(self._caller.connector.marketplace, self._resource, self._capability.details[step])
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
            page = self._caller.read(lambda connector: connector.fetch_details(self._resource, batch), self._resource)
        except RecordRefused as error:
            if len(batch) == 1:
                return Page((), (as_listed_only(batch[0], f"{error} {error.advice}".strip()),))
            half = len(batch) // 2  # one of fifty is found by a dozen calls
            return _join([self._ask(batch[:half]), self._ask(batch[half:])])
        return page if batch[0].step in self._capability.may_be_empty else self._ask_again_for_absent(batch, page)

    def _ask_again_for_absent(self, batch: Sequence[Stub], page: Page[Any]) -> Page[Any]:
        """Ask for what an answer leaves out; what is left out by itself, too, is kept as unreadable."""
        absent = _list_absent(batch, page)
        named = tuple(record for record in page.unreadable if record.external_id)
        nameless_count = len(page.unreadable) - len(named)
        if len(absent) <= nameless_count:  # one that cannot be read stands for one of them
            return page
        if nameless_count:  # for which of them is not told: one by one
            return _join([replace(page, unreadable=named), *[self._ask([stub]) for stub in absent]])
        if len(absent) < len(batch):  # once more, by themselves
            return _join([page, self._ask(absent)])
        text = "The marketplace's list names it, but the call for its details does not give it."
        return _join([page, Page((), tuple(as_listed_only(stub, text) for stub in absent))])


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


def _put_together(readings: Sequence[Page[Any]]) -> list[Any]:
    """Return the records of all readings of an answer, without those that the last one shows to be misread."""
    last = readings[-1]
    told = {record.external_id for record in last.records}
    is_whole = _count_rows(last) >= _count_rows(readings[0])  # else a row may be absent because the list moved
    earlier = [record for reading in readings[:-1] for record in reading.records]
    return [
        *(one for one in earlier if not (is_whole and _is_doubtful(one) and one.external_id not in told)),
        *last.records,
    ]


def _count_rows(page: Page[Any]) -> int:
    return len(page.records) + len(page.stubs) + len(page.unreadable) + len(page.passed_ids)


def _is_doubtful(record: Any) -> bool:
    return not record.is_valid or has_unknown_word(record)


def _list_absent(batch: Sequence[Stub], page: Page[Any]) -> list[Stub]:
    """Return the stubs that an answer does not name."""
    told = {record.external_id for record in page.records} | {stub.external_id for stub in page.stubs}
    told |= {record.external_id for record in page.unreadable}
    return [stub for stub in batch if stub.external_id not in told]
