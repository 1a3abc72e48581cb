"""The demo's table: what differs for each marketplace and kind of record, and the calls beside the least possible."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import OutputWrapper
from rich.table import Table

from backoffice.common.commands import make_console
from backoffice.management.demo.compare import Comparison

COLUMNS = ("Marketplace", "Records", "There", "Here", "Missing", "Extra", "Different", "Calls", "Least possible")
OTHER_CALLS = "other"  # tokens and shops: what the sandbox cannot count for one resource
MORE_AT_MOST = 0.02
CALLS_THAT_ARE_NOISE = 5

Results = dict[tuple[str, str], Comparison]
# The sandbox's count: marketplace -> "resources" -> resource -> outcome or least_possible -> calls.
Calls = Mapping[str, Any]


def print_results(out: OutputWrapper, results: Results, calls: Calls) -> None:
    """Print the table; a marketplace's statements are read by the calls of its transactions."""
    table = Table(title="What each marketplace has against what is here")
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in COLUMNS[:2] else "right")
    for marketplace in dict.fromkeys(marketplace for marketplace, _ in results):
        counted = calls[marketplace]["resources"]
        for (where, kind), result in results.items():
            if where == marketplace:
                numbers = (result.there, result.here, result.missing, result.extra, result.different)
                table.add_row(marketplace, kind, *map(str, numbers), *_made_and_least(counted.get(kind)))
        if OTHER_CALLS in counted:
            table.add_row(marketplace, "tokens, shops", *[""] * 5, *_made_and_least(counted[OTHER_CALLS]))
        table.add_section()
    make_console(out).print(table)


def list_wasteful(calls: Calls) -> Iterator[str]:
    """Name the resources for which more calls were made than there is reason for."""
    for marketplace, told in calls.items():
        for resource, counted in told["resources"].items():
            made, least = count_made(counted), counted["least_possible"]
            if made > most_allowed(least):
                yield f"{marketplace}: {made} calls for {resource}, {least} would have done"


def count_made(counted: Mapping[str, int]) -> int:
    """Return how many calls were made, however they ended."""
    return sum(counted[outcome] for outcome in ("ok", "refused", "throttled", "faulted"))


def most_allowed(least: int) -> float:
    """Return how many calls are near enough to the least possible."""
    return max(least * (1 + MORE_AT_MOST), least + CALLS_THAT_ARE_NOISE)


def _made_and_least(counted: Mapping[str, int] | None) -> tuple[str, str]:
    return (str(count_made(counted)), str(counted["least_possible"])) if counted else ("", "")
