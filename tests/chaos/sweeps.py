"""Two sweeps and a person work on thousands of due cases at once and are killed again and again.

At the end every case has been moved exactly once, by one of them, with its records and an unbroken log.
"""

import os
import random
import signal
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from aftersales.models import Case, CaseLine, CaseLog, Refund, ReturnParcel, SweepRun
from aftersales.services.asking import NotAllowed
from aftersales.states import ACTIVE, Action, CaseState, CaseType, LogAction
from aftersales.timeouts import sweep
from aftersales.timeouts.finding import select_overdue
from backoffice.common import clock
from tests.chaos.servers import Servers
from tests.factories.cases import act, make_case, make_due
from tests.factories.shops import make_shop
from tests.factories.sweeps import copy_cases
from tests.migrating import without_building_models_anew

BATCH = 50  # small, so that there are many batches to be killed in
AT_ONCE = 20  # cases on a person's page
# What a person does with a case, what the log then says, and where the two ways lead.
BY_PERSON = {
    CaseState.PENDING_APPROVAL: (Action.REJECT, LogAction.REJECT, "REJECTED", "PENDING_RETURN"),
    CaseState.PENDING_RETURN: (Action.CANCEL, LogAction.CANCEL, "CANCELLED", "CANCELLED"),
    CaseState.PENDING_RECEIVE: (Action.CONFIRM_RECEIPT, LogAction.RECEIVE_RETURN, "PENDING_REFUND", "PENDING_REFUND"),
}
FOLLOWING = {LogAction.STATE_CHANGE, LogAction.REQUEST_REFUND}  # what a move itself brings about
ROWS_OF_A_START = {CaseState.PENDING_APPROVAL: 1, CaseState.PENDING_RETURN: 3, CaseState.PENDING_RECEIVE: 4}


def run(*, cases: int, kills: int, seed: int, seconds_at_most: int) -> int:
    """Run once on servers of its own; return the exit code."""
    servers = Servers(settings.VAR_DIR)
    servers.start_empty()
    with without_building_models_anew():
        call_command("migrate", verbosity=0)
    try:
        starts = _fill(cases)
        began = clock.monotonic_seconds()
        killed = _storm(starts, kills, random.Random(seed), began + seconds_at_most)
        problems = _list_problems(starts)
        _tell(starts, killed, clock.monotonic_seconds() - began, problems)
    finally:
        connections.close_all()
        servers.stop()
    return 1 if problems else 0


def _fill(count: int) -> dict[int, CaseState]:
    """Make due cases, a third in each state; return the state of each."""
    shop = make_shop()
    for state in BY_PERSON:
        case = make_case(shop, CaseType.RETURN_REFUND, state)
        make_due(case, hours=100)
        copy_cases(case, count // len(BY_PERSON) - 1)
    print(f"{Case.objects.count():,} cases are due.", flush=True)
    return {pk: CaseState(state) for pk, state in Case.objects.values_list("pk", "state")}


def _storm(starts: dict[int, CaseState], kills: int, dice: random.Random, ends_at: float) -> Counter[str]:
    """Let two sweeps and a person work, and kill one of them again and again; return how often which was killed."""
    roles: dict[str, Callable[[], object]] = {
        "first sweep": _sweep, "second sweep": _sweep, "person": lambda: _be_a_person(starts),
    }  # fmt: skip
    running = {name: _fork(role) for name, role in roles.items()}
    killed: Counter[str] = Counter()
    step = len(starts) / (kills + 1)
    while running and clock.monotonic_seconds() < ends_at:
        moved = len(starts) - select_overdue(clock.now()).count()
        if killed.total() < kills and moved >= step * killed.total():
            name = dice.choice(sorted(running))
            os.kill(running[name], signal.SIGKILL)
        clock.sleep(0.02 * dice.random())
        for name, pid in list(running.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done and os.WIFSIGNALED(status):
                killed[name] += 1
                running[name] = _fork(roles[name])
            elif done:
                assert status == 0, f"the {name} ended with {status}"
                del running[name]
    for pid in running.values():
        os.kill(pid, signal.SIGKILL)
    return killed


def _fork(role: Callable[[], object]) -> int:
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        role()
        code = 0
    finally:
        os._exit(code)


def _sweep() -> None:
    """Sweep until nothing is due."""
    while sweep(batch_size=BATCH).examined_count:
        pass


def _be_a_person(starts: dict[int, CaseState]) -> None:
    """Act on what is due, from the end that the sweeps come to last, until they are met."""
    due = select_overdue(clock.now()).order_by("-due_at", "-pk").values_list("pk", flat=True)
    while page := list(due[:AT_ONCE]):
        for pk in page:
            with suppress(NotAllowed):  # a sweep was there before
                act(Case(pk=pk), BY_PERSON[starts[pk]][0])


def _list_problems(starts: dict[int, CaseState]) -> list[str]:
    problems = []
    log = defaultdict(list)
    for row in CaseLog.objects.order_by("pk").iterator():
        log[row.case_id].append(row)
    for case in Case.objects.iterator():
        start = starts[case.pk]
        _, by_person, after_person, after_sweep = BY_PERSON[start]
        chain = log[case.pk]
        # A copy has the log of the first one, up to the state that it was copied in.
        moves = [row for row in chain[ROWS_OF_A_START[start] :] if row.action not in FOLLOWING]
        if len(moves) != 1 or moves[0].action not in (by_person, LogAction.TIMEOUT_PROCESS):
            problems.append(f"case {case.pk} was moved {len(moves)} times: {[row.action for row in moves]}")
            continue
        wanted = after_person if moves[0].action == by_person else after_sweep
        if case.state != wanted or chain[-1].state != wanted:
            problems.append(f"case {case.pk} is {case.state} and its log says {chain[-1].state}, not {wanted}")
        if any(later.previous_state != row.state for row, later in pairwise(chain)):
            problems.append(f"the log of case {case.pk} is broken")
    problems += _list_wrong_records()
    if left := select_overdue(clock.now()).count():
        problems.append(f"{left} cases are still due")
    return problems


def _list_wrong_records() -> list[str]:
    """A copy begins without records, so that each record stands for what a move has made."""
    by_state = Counter(Case.objects.values_list("state", flat=True))
    waiting = Case.objects.filter(state="PENDING_RETURN")
    problems = []
    if (found := ReturnParcel.objects.filter(case__in=waiting).count()) != by_state["PENDING_RETURN"]:
        problems.append(f"{by_state['PENDING_RETURN']} cases wait for goods, and {found} records of goods are there")
    if (found := Refund.objects.count()) != by_state["PENDING_REFUND"]:
        problems.append(f"{by_state['PENDING_REFUND']} cases wait for a refund, and {found} refunds are there")
    held = CaseLine.objects.filter(holds_line=True).count()
    if held != (active := Case.objects.filter(state__in=ACTIVE).count()):
        problems.append(f"{active} cases are active, and {held} order lines are held")
    return problems


def _tell(starts: dict[int, CaseState], killed: Counter[str], seconds: float, problems: list[str]) -> None:
    swept = CaseLog.objects.filter(action=LogAction.TIMEOUT_PROCESS).count()
    runs = SweepRun.objects.count()
    print(
        f"{len(starts):,} cases in {seconds:.0f} s: {swept:,} moved by sweeps, {len(starts) - swept:,} by the person; "
        f"{killed.total()} kills ({', '.join(f'{name} {count}' for name, count in sorted(killed.items()))}); {runs} "
        f"sweeps, {SweepRun.objects.filter(finished_at=None).count()} of them killed.",
    )
    for problem in problems[:20]:
        print(f"  {problem}")
    print(f"{len(problems)} problems." if problems else "Every case was moved exactly once.", flush=True)
