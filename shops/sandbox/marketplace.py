"""What a marketplace of the sandbox gets and gives; a new one is a module that does this and a line in server.py."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shops.sandbox.calls import Ledger
from shops.sandbox.clock import WorldClock
from shops.sandbox.dataset import World
from shops.sandbox.faults import Faults
from shops.sandbox.listener import Request, Response
from shops.sandbox.quotas import Quotas
from shops.sandbox.targets import Known


@dataclass(frozen=True)
class Stage:
    """Everything the marketplaces share."""

    world: World
    clock: WorldClock
    faults: Faults
    quotas: Quotas


class Marketplace(Protocol):
    """One marketplace of the world."""

    name: str
    ledger: Ledger
    known: Known

    def answer(self, request: Request) -> Response:
        """Answer a call to its address."""

    def describe(self, url: str) -> dict[str, Any]:
        """Its entry in GET /world: addresses, keys, shops with tokens that work now."""

    def truth(self, resource: str, shop: str | None, as_of: int) -> Iterator[bytes]:
        """Its records of a resource as they are at `as_of`, one JSON object a line, in pieces of many lines."""

    def switches(self) -> dict[str, Any]:
        """Its switches: where the real service's behaviour is unsure or a matter of settings."""

    def switch(self, wanted: Mapping[str, Any]) -> None:
        """Set switches."""

    def issue_auth_code(self, shop: str) -> str:
        """Return a code as the seller's browser would bring it back after consent."""
