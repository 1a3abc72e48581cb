"""Compares every row here with what the sandbox says is true, a batch at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import orjson
import requests

from backoffice.management.demo.truths import KINDS, Kind, Truth, normalise
from shops.models import Shop

BATCH = 1_000
EXAMPLES = 5


@dataclass
class Comparison:
    """Records there and here, and where they differ. `examples` names some, with what differs."""

    there: int = 0
    here: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing is missing, extra or different."""
        return not (self.missing or self.extra or self.different)

    def note(self, text: str) -> None:
        """Keep the first few differences as examples."""
        if len(self.examples) < EXAMPLES:
            self.examples.append(text)


def fetch_truth(control: str, shop: Shop, kind: str, as_of: int) -> Iterator[Truth]:
    """Stream the truth about a shop's records of one kind, one at a time."""
    query: dict[str, str | int] = {"marketplace": shop.marketplace, "shop": shop.external_id, "as_of": as_of}
    with requests.get(f"{control}/truth/{kind}", params=query, stream=True, timeout=120) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines(chunk_size=1 << 16):
            if line:
                yield orjson.loads(line)


def compare_shop(control: str, shop: Shop, kind: str, as_of: int, result: Comparison) -> None:
    """Add a shop's records of one kind to the result."""
    compare(KINDS[kind], shop, fetch_truth(control, shop, kind, as_of), result)


def compare(kind: Kind, shop: Shop, truth: Iterable[Truth], result: Comparison) -> None:
    """Add what is stored of a shop to the result."""
    stream = iter(truth)
    known = 0
    while batch := {record["id"]: record for record in islice(stream, BATCH)}:
        result.there += len(batch)
        rows = {row.external_id: row for row in kind.rows().filter(shop=shop, external_id__in=batch)}
        known += len(rows)
        for external_id, expected in batch.items():
            row = rows.get(external_id)
            if row is None:
                result.missing += 1
                result.note(f"missing: {kind.name} {external_id} {expected}"[:300])
            elif (stored := kind.tell(row)) != (wanted := normalise(expected)):
                result.different += 1
                result.note(f"different: {kind.name} {external_id}: {_first_difference(stored, wanted)}")
    here = kind.rows().filter(shop=shop).count()
    result.here += here
    result.extra += here - known


def _first_difference(stored: Truth, wanted: Truth) -> str:
    name = next(name for name in wanted if stored[name] != wanted[name])
    return f"{name} is {stored[name]!r} here and {wanted[name]!r} there"
