"""Asks for the packages of known orders in the simplest way that the contract allows: no engine."""

from collections.abc import Sequence
from typing import Any

from shops.marketplaces.contract import Connector, KnownOrder
from shops.marketplaces.records import Page, Resource
from tests.shops.marketplaces.reading_all import complete


def ask_for_packages(connector: Connector, *orders: KnownOrder) -> list[Any]:
    """Ask for the packages of orders; give records and what could not be read."""
    stubs = connector.plan_packages(orders)
    return [*complete(connector, Resource.SHIPMENTS, Page((), stubs=stubs))]


def known(number: str, lines: Sequence[tuple[str, str]] = (), raw_status: str = "") -> KnownOrder:
    """Give an order of which little is known."""
    return KnownOrder(number, raw_status, None, tuple(lines))
