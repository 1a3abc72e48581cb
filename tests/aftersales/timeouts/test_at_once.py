"""Several sweeps and people at the same moment, and a sweep that is killed: every case is moved exactly once."""

import os
import signal
from collections import Counter

import pytest
from django.db import connections

from aftersales.models import Case, CaseLog, ReturnParcel, SweepRun
from aftersales.services import moving
from aftersales.services.asking import NotAllowed
from aftersales.states import Action, CaseState, CaseType
from aftersales.timeouts import sweep, sweeping
from backoffice.common import clock
from tests.factories.cases import act, make_case, make_due
from tests.factories.races import at_once
from tests.factories.shops import make_shop
from tests.factories.sweeps import copy_cases

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cases():
    """Forty that are due, in two states."""
    shop = make_shop()
    for state in (CaseState.PENDING_APPROVAL, CaseState.PENDING_RETURN):
        case = make_case(shop, CaseType.RETURN_REFUND, state)
        make_due(case)
        copy_cases(case, 19)
    return list(Case.objects.order_by("pk"))


def count_moves(*actions):
    """How often each case was moved so: {number of times: how many cases}."""
    rows = CaseLog.objects.filter(action__in=actions).values_list("case_id", flat=True)
    return Counter(Counter(rows).values())


def test_two_sweeps_at_once_move_every_case_once(cases):
    runs = at_once(lambda: sweep(batch_size=3), times=2)
    assert count_moves("TIMEOUT_PROCESS") == {1: 40}
    assert sum(run.approved_count + run.cancelled_count for run in runs) == 40
    assert sum(run.failed_count for run in runs) == 0
    assert ReturnParcel.objects.count() == 21  # one for each that was approved, and the one that the factory moved


def test_the_same_turn_started_twice_is_swept_once(cases):
    runs = at_once(lambda: sweep(slot="12:00"), times=3)
    assert sorted(type(run).__name__ for run in runs) == ["AlreadySwept", "AlreadySwept", "SweepRun"]
    assert SweepRun.objects.count() == 1


def test_a_case_is_moved_by_a_person_or_by_the_sweep_and_never_by_both(cases):
    waiting = [case for case in cases if case.state == "PENDING_APPROVAL"]
    roles = iter([lambda: sweep(batch_size=3), lambda: [reject(case) for case in waiting]])
    at_once(lambda: next(roles)(), times=2)
    assert count_moves("TIMEOUT_PROCESS", "REJECT") == {1: 40}
    assert Case.objects.filter(state="PENDING_RETURN").count() == count_of("TIMEOUT_PROCESS") - 20


def reject(case):
    try:
        act(case, Action.REJECT)
    except NotAllowed as error:
        return error


def count_of(action):
    return CaseLog.objects.filter(action=action).count()


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def sweep_in_a_process_that_dies(monkeypatch, module, name, at_call):
    """Fork, and kill the child when it calls a function so many times."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            whole, calls = getattr(module, name), iter(range(1, 1_000))
            monkeypatch.setattr(module, name, lambda *a, **k: die() if next(calls) == at_call else whole(*a, **k))
            sweep(batch_size=10)
        finally:
            os._exit(1)  # not killed: the call was never made
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{name} was never called so often"
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("module, name, at_call, moved", [
    (sweeping, "list_page", 1, 0), (moving, "write_bundles", 2, 10), (sweeping, "_count", 2, 20),
    (sweeping, "list_page", 4, 30),
])  # fmt: skip
def test_a_sweep_that_is_killed_leaves_whole_batches_and_the_next_one_does_the_rest(
    cases, monkeypatch, module, name, at_call, moved
):
    sweep_in_a_process_that_dies(monkeypatch, module, name, at_call)
    assert count_moves("TIMEOUT_PROCESS") == ({1: moved} if moved else {})
    killed = SweepRun.objects.get()
    assert killed.finished_at is None
    assert killed.examined_count == min(moved, 10 * (at_call - 1))
    rest = sweep(batch_size=10)
    assert (rest.examined_count, rest.finished_at is not None) == (40 - moved, True)
    assert count_moves("TIMEOUT_PROCESS") == {1: 40}
    assert not Case.objects.filter(due_at__lte=clock.now(), timed_out_at=None).exists()
