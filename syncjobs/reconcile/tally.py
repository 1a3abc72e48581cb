"""What a comparison has found so far. Pure."""

from dataclasses import dataclass, field
from typing import Any

from syncjobs.reconcile.verdicts import Verdict

EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Tally:
    """What a comparison has found so far, in the words of a report."""

    found_count: int = 0
    missing_count: int = 0
    stale_count: int = 0
    extra_count: int = 0
    fetched_count: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    def plus(self, gaps: dict[str, Verdict], fetched_count: int) -> "Tally":
        """Return the tally with these gaps."""
        examples = {kind: list(ids) for kind, ids in self.examples.items()}
        counts = dict.fromkeys((Verdict.MISSING, Verdict.STALE, Verdict.EXTRA), 0)
        for external_id, verdict in gaps.items():
            counts[verdict] += 1
            kept = examples.setdefault(verdict.value, [])
            if len(kept) < EXAMPLES:
                kept.append(external_id)
        return Tally(
            self.found_count,
            self.missing_count + counts[Verdict.MISSING],
            self.stale_count + counts[Verdict.STALE],
            self.extra_count + counts[Verdict.EXTRA],
            self.fetched_count + fetched_count,
            examples,
        )

    def as_columns(self) -> dict[str, Any]:
        """Return what is stored on the report."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
