"""Where in its window a chunk is, so that one that was set aside goes on where it stopped instead of at its start.

The ids seen are kept too, as eight bytes each: whether a list was complete is a question about all of its pages.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from backoffice.common.payloads import storable_payload
from shops.marketplaces.records import Stub
from syncjobs.models import Chunk


@dataclass
class Position:
    """The next page to read: its token in reading number `reading` of query number `query`, from what was seen so far.

    `counted` is the total that the marketplace said last, `most_counted` the largest one in this reading. `pending` is
    what the list named and other calls have yet to complete; `is_listed` says that only that is left of the list.
    """

    query: int = 0
    reading: int = 1
    token: str = ""
    unreadable: int = 0
    counted: int = 0
    most_counted: int = 0
    is_listed: bool = False
    pending: list[Stub] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def see(self, external_ids: Iterable[str]) -> None:
        """Remember ids."""
        for external_id in external_ids:
            digest = blake2b(external_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            self.seen.add(int.from_bytes(digest, "big"))

    @property
    def seen_count(self) -> int:
        """Orders of which a page told so far, each once, with those that could not be read."""
        return len(self.seen) + self.unreadable

    @property
    def is_start(self) -> bool:
        """Whether nothing of the window has been read."""
        return not (self.query or self.token or self.reading > 1 or self.is_listed)

    def begin_reading(self, reading: int) -> None:
        """Start the list of the present query anew."""
        self.reading, self.token, self.is_listed, self.seen = reading, "", False, set()
        self.unreadable = self.counted = self.most_counted = 0
        self.pending.clear()

    def as_columns(self) -> dict[str, Any]:
        """Return what is stored on the chunk."""
        if self.is_start:
            return {"position": None, "seen_ids": None}
        plain = {name: value for name, value in vars(self).items() if name not in ("seen", "pending")}
        plain["pending"] = [_write_stub(stub) for stub in self.pending]
        return {"position": plain, "seen_ids": array("Q", sorted(self.seen)).tobytes()}


def load_position(chunk: Chunk) -> Position:
    """Return where a chunk goes on; at its start where nothing was kept."""
    if not chunk.position:
        return Position()
    seen = array("Q")
    seen.frombytes(bytes(chunk.seen_ids or b""))
    plain = dict(chunk.position)
    pending = [_read_stub(written) for written in plain.pop("pending", [])]
    return Position(**plain, pending=pending, seen=set(seen))


def _write_stub(stub: Stub) -> dict[str, Any]:
    changed_at = stub.source_updated_at
    written = {"external_id": stub.external_id, "step": stub.step, "payload": storable_payload(stub.payload)}
    return {**written, "changed_at": changed_at.isoformat() if changed_at else None}


def _read_stub(written: dict[str, Any]) -> Stub:
    changed_at = written["changed_at"]
    return Stub(
        external_id=written["external_id"],
        step=written["step"],
        payload=written["payload"],
        source_updated_at=datetime.fromisoformat(changed_at) if changed_at else None,
    )
