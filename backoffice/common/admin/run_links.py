"""Names runs on the pages of what they brought. Runs live in an app above, which registers how they are named."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class RunLink:
    """A run as it is named on a page; without an address where the person may not see it, or it is pruned."""

    text: str
    address: str = ""


# From the request, the shop's id and ids of runs to their names; ids that are None or 0 are left out.
RunNamer = Callable[[HttpRequest, int, Iterable[int | None]], dict[int | None, RunLink]]
_namers: list[RunNamer] = []


def register_run_namer(namer: RunNamer) -> None:
    """Say how runs are named; once, in `AppConfig.ready()`."""
    _namers.append(namer)


def name_runs(request: HttpRequest, shop_id: int, ids: Iterable[int | None]) -> dict[int | None, RunLink]:
    """Name runs of a shop; by their ids alone where no app knows more."""
    wanted = list(ids)
    names: dict[int | None, RunLink] = {run_id: RunLink(f"run {run_id}") for run_id in wanted if run_id}
    for namer in _namers:
        names |= namer(request, shop_id, wanted)
    return names
