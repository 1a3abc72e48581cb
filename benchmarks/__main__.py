"""`make bench`: runs every bench, prints the ratios beside what is promised, exits 1 if a promise is not kept."""

import os
import sys

import django
from rich.console import Console
from rich.table import Table

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  needs the settings

from benchmarks import (  # noqa: E402  need the apps
    calls,
    candidates,
    cases,
    enrichment,
    growth,
    lists,
    mapping,
    planning,
    quota,
    sweep,
    sync,
    writer,
)

BENCHES = {
    "mapping": mapping.run,
    "writer": writer.run,
    "candidates": candidates.run,
    "calls": calls.run,
    "sync": sync.run,
    "growth": growth.run,
    "planning": planning.run,
    "quota": quota.run,
    "enrichment": enrichment.run,
    "lists": lists.run,
    "sweep": sweep.run,
    "cases": cases.run,
}


def main(names: list[str]) -> int:
    """Run the named benches, or all."""
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"There is no bench {', '.join(sorted(unknown))}; there are: {', '.join(BENCHES)}.")
        return 2
    call_command("migrate", verbosity=0)
    ratios = []
    for name, run in BENCHES.items():
        if not names or name in names:
            print(f"{name} ...", flush=True)
            ratios += run()
    table = Table("Ratio", "Measured", "Promised", "")
    for ratio in ratios:
        promised = f"{'at least' if ratio.at_least else 'at most'} {ratio.bound:g}"
        table.add_row(ratio.name, f"{ratio.value:.2f}", promised, "kept" if ratio.is_kept else "NOT KEPT")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0 if all(ratio.is_kept for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
