"""Writes and reads the cursors of the order list.

Real cursors look like "20"; clients must not read them. Ours hold the moment at which the first page was asked for,
so that the pages of one list fit together while the world goes on.
"""

from hashlib import blake2b
from typing import NamedTuple

from shops.sandbox.dataset import World
from shops.sandbox.shopee.names import NAME
from shops.sandbox.shopee.parameters import invalid


class Cursor(NamedTuple):
    """Where a page begins: the moment of the list, the rows before it, how many rows seem to have left."""

    as_of: int
    offset: int
    left: int


class Cursors:
    """Cursors of one world; one that belongs to another list is refused [C: not documented, but never useful]."""

    def __init__(self, world: World) -> None:
        self._key = world.token(NAME, "cursors", size=32)

    def write(self, query: bytes, cursor: Cursor) -> str:
        """Return the cursor as text."""
        plain = "-".join(f"{part:x}" for part in cursor)
        return f"{plain}-{self._tag(query, plain)}"

    def read(self, query: bytes, text: str) -> Cursor | None:
        """Return what a cursor says; None for an empty one."""
        if not text:
            return None
        plain, _, tag = text.rpartition("-")
        if tag != self._tag(query, plain):
            raise invalid("cursor: does not belong to this list")
        return Cursor(*(int(part, 16) for part in plain.split("-")))

    def _tag(self, query: bytes, plain: str) -> str:
        return blake2b(plain.encode() + query, key=self._key, digest_size=8).hexdigest()
