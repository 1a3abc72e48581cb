"""One sweep: what it handles, what it leaves, what it writes down, and that a second one finds nothing to do."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from aftersales.models import Case, SweepRun
from aftersales.services.asking import SYSTEM
from aftersales.states import Action, CaseState
from aftersales.timeouts import AlreadySwept, Handled, Outcome, batches, sweep
from aftersales.timeouts.outcomes import compute_delay, put_off
from backoffice.common import clock
from backoffice.common.stopping import forget_stop, request_stop
from syncjobs.services import prune
from tests.factories.cases import act, make_case, make_due, set_policy
from tests.factories.shops import make_shop
from tests.factories.sweeps import copy_cases, make_due_case, poison, read_tables

pytestmark = pytest.mark.django_db


def test_what_is_not_due_stays(shop):
    make_case(shop)
    for state in (CaseState.REJECTED, CaseState.PENDING_REFUND, CaseState.CANCELLED):
        Case.objects.filter(pk=make_case(shop, state=state).pk).update(marketplace_deadline_at=clock.now())
    before = read_tables()
    run = sweep()
    assert run.examined_count == 0
    SweepRun.objects.all().delete()
    assert read_tables() == before


@pytest.mark.parametrize("action, state, counted", [
    ("approve", "PENDING_RETURN", "approved_count"), ("escalate", "CS_INTERVENTION", "escalated_count"),
    ("alert", "PENDING_APPROVAL", "alerted_count"),
])  # fmt: skip
def test_the_shops_settings_say_what_is_done(shop, action, state, counted):
    set_policy(shop, approval_timeout_action=action)
    case = make_due_case(shop)
    run = sweep()
    assert Case.objects.get(pk=case.pk).state == state
    assert (getattr(run, counted), run.examined_count) == (1, 1)


def test_a_second_sweep_changes_nothing(shop):
    set_policy(other := make_shop(), approval_timeout_action="alert")
    for state in (CaseState.PENDING_APPROVAL, CaseState.PENDING_RETURN, CaseState.PENDING_RECEIVE):
        make_due_case(shop, state=state)
    make_due_case(other)
    assert sweep().examined_count == 4
    before = read_tables()
    second = sweep()
    assert second.examined_count == 0
    SweepRun.objects.filter(pk=second.pk).delete()
    assert read_tables() == before


def test_a_case_that_cannot_be_moved_harms_no_other_and_is_tried_again_later_and_later(shop, monkeypatch):
    bad, *good = [make_due_case(shop) for _ in range(4)]
    poison(monkeypatch, bad)
    told: list[Handled] = []
    run = sweep(on_batch=told.extend)
    assert (run.approved_count, run.failed_count) == (3, 1)
    assert {Case.objects.get(pk=case.pk).state for case in good} == {"PENDING_RETURN"}
    (failed,) = [one for one in told if one.outcome == Outcome.FAILED]
    assert (failed.case.pk, "division by zero" in failed.text) == (bad.pk, True)
    stored = Case.objects.get(pk=bad.pk)
    assert (stored.state, stored.sweep_failed_count) == ("PENDING_APPROVAL", 1)
    assert "division by zero" in stored.sweep_error
    until = stored.sweep_not_before
    assert until is not None
    assert clock.now() < until < clock.now() + timedelta(hours=1)
    assert sweep().examined_count == 0  # it is passed over until then
    Case.objects.update(sweep_not_before=clock.now())
    assert sweep().failed_count == 1
    assert Case.objects.get(pk=bad.pk).sweep_failed_count == 2
    monkeypatch.undo()
    Case.objects.update(sweep_not_before=clock.now())
    assert sweep().approved_count == 1
    stored = Case.objects.get(pk=bad.pk)
    assert (stored.state, stored.sweep_failed_count, stored.sweep_error) == ("PENDING_RETURN", 0, "")


def test_the_delay_doubles_up_to_a_day():
    delays = [compute_delay(count) for count in range(1, 10)]
    assert [later / earlier for earlier, later in pairwise(delays[:8])] == [2] * 7
    assert compute_delay(30_000) == delays[-1] == timedelta(days=1)


def test_a_case_that_a_rule_refuses_is_escalated_with_the_reason_in_its_log(shop):
    refused, fine = make_due_case(shop), make_due_case(shop)
    Case.objects.filter(pk=refused.pk).update(amount=None)
    told: list[Handled] = []
    run = sweep(on_batch=told.extend)
    assert (run.approved_count, run.escalated_count, run.failed_count) == (1, 1, 0)
    stored = Case.objects.get(pk=refused.pk)
    assert (stored.state, stored.escalated_from) == ("CS_INTERVENTION", "PENDING_APPROVAL")
    assert (stored.timed_out_at is not None, stored.sweep_failed_count) == (True, 0)
    row = refused.log.latest("pk")
    assert (row.action, row.operator_kind) == ("TIMEOUT_PROCESS", "SYSTEM")
    assert row.text.startswith("“Approve: time ran out” was refused: its amount is not known.")
    assert {one.case.pk: "amount is not known" in one.text for one in told} == {refused.pk: True, fine.pk: False}
    assert sweep().examined_count == 0


def test_if_it_cannot_be_escalated_either_nothing_of_the_batch_is_half_done(shop, monkeypatch):
    refused, fine = make_due_case(shop), make_due_case(shop)
    Case.objects.filter(pk=refused.pk).update(amount=None)
    poison(monkeypatch, refused)
    run = sweep()
    assert (run.approved_count, run.skipped_count, run.failed_count) == (1, 0, 1)
    assert Case.objects.get(pk=fine.pk).state == "PENDING_RETURN"
    stored = Case.objects.get(pk=refused.pk)
    assert (stored.state, stored.sweep_failed_count, stored.log.count()) == ("PENDING_APPROVAL", 1, 1)


def test_one_that_moves_between_the_finding_and_the_lock_is_left_alone(shop, monkeypatch):
    case = make_due_case(shop)
    whole = batches.choose_actions

    def choose(cases):
        make_due(case, hours=-1)
        return whole(cases)

    monkeypatch.setattr(batches, "choose_actions", choose)
    run = sweep()
    assert (run.examined_count, run.skipped_count, run.failed_count) == (1, 1, 0)


def test_one_that_another_sweep_has_reported_meanwhile_is_not_reported_twice(shop, monkeypatch):
    set_policy(shop, approval_timeout_action="alert")
    case = make_due_case(shop)
    whole = batches.choose_actions

    def choose(cases):
        act(case, Action.TIMEOUT_ALERT, operator=SYSTEM)
        return whole(cases)

    monkeypatch.setattr(batches, "choose_actions", choose)
    assert sweep().skipped_count == 1
    assert case.log.filter(action="TIMEOUT_PROCESS").count() == 1


def test_cases_that_run_out_at_the_same_moment_are_all_handled(shop):
    copy_cases(make_due_case(shop), 4)
    Case.objects.update(auto_process_time=clock.now() - timedelta(hours=1))
    assert sweep(batch_size=2).approved_count == 5


def test_where_the_database_is_away_no_case_is_to_blame(shop, monkeypatch):
    case = make_due_case(shop)

    def lose(*_, **__):
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as away:
        away.setattr(batches, "move_cases", lose)
        away.setattr(connection, "is_usable", lambda: False)
        with pytest.raises(OperationalError):
            sweep()
    assert Case.objects.get(pk=case.pk).sweep_failed_count == 0
    assert sweep().approved_count == 1


def test_an_error_is_kept_as_far_as_it_can_be_stored(shop):
    case = make_due_case(shop)
    assert put_off(case, "a\x00b" * 1_000).outcome == Outcome.FAILED
    assert Case.objects.get(pk=case.pk).sweep_error == "ab" * 250


def test_one_that_somebody_has_moved_meanwhile_has_not_failed(shop):
    case = make_due_case(shop)
    act(case, Action.REJECT)
    assert put_off(case, "It broke.").outcome == Outcome.SKIPPED
    assert Case.objects.get(pk=case.pk).sweep_error == ""


def test_a_limit_leaves_the_rest(shop):
    copy_cases(make_due_case(shop), 9)
    run = sweep(batch_size=4, limit=6)
    assert (run.examined_count, run.approved_count) == (6, 6)
    assert "limit" in run.message
    assert sweep().examined_count == 4


def test_the_most_overdue_come_first(shop):
    later, first = make_due_case(shop), make_due_case(shop)
    make_due(first, hours=5)
    sweep(limit=1)
    assert Case.objects.get(pk=first.pk).state == "PENDING_RETURN"
    assert Case.objects.get(pk=later.pk).state == "PENDING_APPROVAL"


def test_when_its_time_is_over_it_ends_between_two_batches(shop, monkeypatch):
    copy_cases(make_due_case(shop), 9)
    seconds = iter(range(0, 1_000, 10))
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: next(seconds))
    run = sweep(batch_size=4, max_seconds=15)
    assert (run.examined_count, "time is over" in run.message) == (4, True)
    assert run.finished_at is not None


def test_it_ends_between_two_batches_when_it_is_asked_to(shop):
    copy_cases(make_due_case(shop), 9)
    try:
        run = sweep(batch_size=4, on_batch=lambda batch: request_stop())
    finally:
        forget_stop()
    assert (run.examined_count, "asked to end" in run.message) == (4, True)


def test_one_shop_alone(shop):
    own, foreign = make_due_case(shop), make_due_case(make_shop())
    run = sweep(shop_id=shop.pk)
    assert (run.examined_count, run.shop_id) == (1, shop.pk)
    assert Case.objects.get(pk=own.pk).state == "PENDING_RETURN"
    assert Case.objects.get(pk=foreign.pk).state == "PENDING_APPROVAL"


def test_a_turn_of_the_schedule_is_carried_out_once(shop):
    make_due_case(shop)
    assert sweep(slot="hourly 12:00").approved_count == 1
    make_due_case(shop)
    with pytest.raises(AlreadySwept, match="Another sweep is running"):
        sweep(slot="hourly 12:00")
    assert sweep(slot="hourly 13:00").approved_count == 1
    assert SweepRun.objects.count() == 2


def test_it_writes_down_how_far_it_came_after_each_batch(shop):
    copy_cases(make_due_case(shop), 9)
    seen = []
    sweep(
        batch_size=5,
        on_batch=lambda batch: seen.append(SweepRun.objects.values_list("examined_count", "finished_at").get()),
    )
    assert seen == [(5, None), (10, None)]


def test_a_batch_takes_as_many_statements_as_a_single_case(shop):
    counts = []
    for copies in (0, 29):
        copy_cases(make_due_case(shop), copies)
        with CaptureQueriesContext(connection) as queries:
            assert sweep().approved_count == copies + 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("days, stays", [(89, True), (91, False)])
def test_records_of_sweeps_are_kept_as_long_as_those_of_runs(days, stays):
    SweepRun.objects.create(started_at=clock.now() - timedelta(days=days), batch_size=100)
    prune(seconds=60)
    assert SweepRun.objects.exists() == stays
