"""Reads everything of a resource through a connector, in the simplest way that the contract allows: no engine."""

from collections.abc import Iterator
from typing import Any

from shops.marketplaces import errors
from shops.marketplaces.contract import Connector
from shops.marketplaces.records import Page, Resource, Stub, UnreadableRecord, Window


def read_all(connector: Connector, resource: Resource, window: Window) -> list[Any]:
    """Read the lists of a window and complete their rows; later records of an id replace earlier ones."""
    found: dict[tuple[type, str], Any] = {}
    for query in connector.plan_lists(resource, window):
        for page in _pages(connector, query):
            for record in complete(connector, resource, page):
                assert not isinstance(record, UnreadableRecord), record
                found[(type(record), record.external_id)] = record
    return list(found.values())


def _pages(connector: Connector, query: Any) -> Iterator[Page[Any]]:
    page_token = ""
    while True:
        page = connector.fetch_page(query, page_token)
        yield page
        page_token = page.next_token
        if not page_token:
            return


def complete(connector: Connector, resource: Resource, page: Page[Any]) -> Iterator[Any]:
    """Complete the stubs of a page, step by step; give all that is on it."""
    yield from page.records
    yield from page.unreadable
    waiting = list(page.stubs)
    while waiting:
        step = waiting[0].step
        limit = connector.capabilities[resource].details[step]
        now = [stub for stub in waiting if stub.step == step][:limit]
        waiting = [stub for stub in waiting if stub not in now]
        answer = _details(connector, resource, now)
        yield from answer.records
        yield from answer.unreadable
        waiting += answer.stubs


def _details(connector: Connector, resource: Resource, stubs: list[Stub]) -> Page[Any]:
    try:
        return connector.fetch_details(resource, stubs)
    except errors.RecordRefused:
        if len(stubs) == 1:
            raise
    pages = [_details(connector, resource, [stub]) for stub in stubs]
    return Page(
        tuple(record for page in pages for record in page.records),
        tuple(one for page in pages for one in page.unreadable),
        stubs=tuple(stub for page in pages for stub in page.stubs),
    )
