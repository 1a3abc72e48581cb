"""The sweep of cases whose time ran out against moving them one by one, and what a case costs among many."""

import os
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise

from django.db import connection
from django.test.utils import override_settings

from aftersales.models import Case
from aftersales.services.asking import SYSTEM
from aftersales.services.moving import move_case
from aftersales.states import Action, CaseState, CaseType
from aftersales.timeouts import Handled, sweep
from backoffice.common import clock
from benchmarks.databases import Database
from benchmarks.harness import Ratio, median_seconds
from shops.models import Shop
from tests.factories.cases import make_case, make_due
from tests.factories.shops import make_shop
from tests.factories.sweeps import copy_cases

CASES = int(os.environ.get("BENCH_SWEEP_CASES", 100_000))
COMPARED = 300  # cases in each round of the comparison
BATCH = 100
# A third of the cases each: what is due in each state, and what is done with it.
ACTIONS = {
    CaseState.PENDING_APPROVAL: Action.TIMEOUT_APPROVE,
    CaseState.PENDING_RETURN: Action.TIMEOUT_CANCEL,
    CaseState.PENDING_RECEIVE: Action.TIMEOUT_RECEIVE,
}


@override_settings(DEBUG=False)  # with it every statement is kept
def run() -> list[Ratio]:
    """Measure in a database of its own, which is removed at the end."""
    database = Database("bench_sweep")
    database.drop()
    database.migrate()
    with database:
        shop = make_shop()
        fill = partial(_fill, shop=shop)
        ratios = [_compare(fill), *_measure_many(fill)]
    database.drop()
    return ratios


def _fill(count: int, shop: Shop) -> None:
    """Put so many due cases in place of all that there are."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE order_aftersales, order_aftersales_sweep CASCADE")
    cases = [make_case(shop, CaseType.RETURN_REFUND, state) for state in ACTIONS]
    make_due(*cases, hours=100)  # in one moment: the states come mixed, so that every batch is like the others
    for case in cases:
        case.refresh_from_db()
        copy_cases(case, count // len(ACTIONS) - 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _compare(fill: "partial[None]") -> Ratio:
    ways = {"one by one": _move_one_by_one, "swept": _sweep}
    seconds = median_seconds(ways, prepare=lambda: fill(COMPARED), rounds=3)
    speeds = {way: COMPARED / one for way, one in seconds.items()}
    print(f"  {speeds['swept']:,.0f} cases a second swept, {speeds['one by one']:,.0f} one by one")
    return Ratio("sweep: times as fast as moving cases one by one", speeds["swept"] / speeds["one by one"], 5)


def _move_one_by_one() -> None:
    for pk, state in Case.objects.order_by("due_at", "pk").values_list("pk", "state"):
        move_case(pk, ACTIONS[CaseState(state)], SYSTEM)


def _sweep() -> None:
    done = sweep(batch_size=BATCH, max_seconds=3_600)
    assert done.examined_count - done.failed_count - done.skipped_count == COMPARED, done.__dict__


def _measure_many(fill: "partial[None]") -> list[Ratio]:
    """Sweep all of them at once; every batch is a transaction, and holds its locks as long as it takes."""
    fill(CASES)
    marks = [time.perf_counter()]

    def mark(batch: Sequence[Handled]) -> None:
        marks.append(time.perf_counter())

    done = sweep(batch_size=BATCH, max_seconds=36_000, on_batch=mark)
    assert done.failed_count == 0
    assert not Case.objects.filter(due_at__lte=clock.now() - timedelta(hours=1), timed_out_at=None).exists()
    seconds = [later - earlier for earlier, later in pairwise(marks)]
    tenth = len(seconds) // 10
    # Of each tenth the quickest quarter: what else runs on the machine only ever makes a batch slower.
    costs = [statistics.quantiles(seconds[start : start + tenth], n=4)[0] for start in range(0, tenth * 10, tenth)]
    middle, longest = statistics.median(seconds), max(seconds)
    print(f"  ms for a batch, tenth by tenth: {', '.join(f'{1_000 * one:.0f}' for one in costs)}")
    print(
        f"  {done.examined_count:,} cases in {sum(seconds):,.0f} s, {done.examined_count / sum(seconds):,.0f} a second;"
        f" a batch of {BATCH} takes {middle * 1_000:.0f} ms, the longest {longest * 1_000:.0f} ms"
    )
    return [
        Ratio(f"sweep: cost of a case, last tenth of {CASES:,} to the first", costs[-1] / costs[0], 1.5, at_least=False)
    ]
