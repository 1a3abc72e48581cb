"""Where in its window a chunk is, so that one that was set aside goes on where it stopped instead of at its start.

The ids seen are kept too, as eight bytes each: whether a list was complete is a question about all of its pages.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from syncjobs.models import Chunk


@dataclass
class Position:
    """The next page to read: its token in reading number `reading` of query number `query`, from what was seen so far.

    `counted` is the total that the marketplace said last, `most_counted` the largest one in this reading.
    """

    query: int = 0
    reading: int = 1
    token: str = ""
    unreadable: int = 0
    counted: int = 0
    most_counted: int = 0
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
        return not (self.query or self.token or self.reading > 1)

    def begin_reading(self, reading: int) -> None:
        """Start the list of the present query anew."""
        self.reading, self.token, self.seen = reading, "", set()
        self.unreadable = self.counted = self.most_counted = 0

    def as_columns(self) -> dict[str, Any]:
        """Return what is stored on the chunk."""
        if self.is_start:
            return {"position": None, "seen_ids": None}
        plain = {name: value for name, value in vars(self).items() if name != "seen"}
        return {"position": plain, "seen_ids": array("Q", sorted(self.seen)).tobytes()}


def load_position(chunk: Chunk) -> Position:
    """Return where a chunk goes on; at its start where nothing was kept."""
    if not chunk.position:
        return Position()
    seen = array("Q")
    seen.frombytes(bytes(chunk.seen_ids or b""))
    return Position(**chunk.position, seen=set(seen))
