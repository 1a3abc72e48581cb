"""Both commands of after-sales, as somebody at a terminal or a monitoring system calls them."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from aftersales.models import Case, SweepRun
from aftersales.queries.check import Figures, Level, judge
from aftersales.states import Action, CaseState, CaseType
from aftersales.tasks import follow_returns, process_timeouts, settle_answers
from backoffice.common import clock
from tests.factories.cases import act, make_case, make_due, set_policy
from tests.factories.shops import make_shop
from tests.factories.sweeps import copy_cases, make_due_case, poison, read_tables

pytestmark = pytest.mark.django_db
WELL = Figures(
    overdue_count=0, countdown_without_deadline_count=0, stale_count=0, refund_failure_count=0, not_handled_count=0,
    swept_count=0, sweep_failure_count=0, killed_sweep_count=0, last_sweep_at=None,
    since_last_sweep=timedelta(minutes=30), mean_handling=None,
)  # fmt: skip


def process(*words):
    out = StringIO()
    call_command("process_aftersales_timeouts", *words, stdout=out)
    return out.getvalue()


def check(*words):
    out, code = StringIO(), 0
    try:
        call_command("check_aftersales", *words, stdout=out)
    except SystemExit as error:
        code = int(error.code or 0)
    return code, out.getvalue()


def changed(**facts):
    return Figures(**{name: getattr(WELL, name) for name in WELL.__slots__} | facts)


def test_it_says_what_became_of_how_many(shop):
    make_due_case(shop)
    make_due_case(shop, state=CaseState.PENDING_RETURN)
    assert ": 1 approved, 1 closed." in process()
    assert "0 cases" in process()


def test_with_more_words_each_case_has_a_line(shop):
    case = make_due_case(shop)
    assert case.number not in process("--dry-run").partition("Dry run")[0]
    assert f"{case.number} (id {case.pk}), Awaiting review: approved" in process("-v", "2")


def test_a_dry_run_shows_what_would_happen_and_writes_nothing(shop):
    cases = [make_due_case(shop, state=state) for state in (CaseState.PENDING_APPROVAL, CaseState.PENDING_RETURN)]
    unknown = make_due_case(shop)
    Case.objects.filter(pk=unknown.pk).update(amount=None)
    before = read_tables()
    said = process("-d")
    assert read_tables() == before
    assert all(case.number in said for case in cases)
    assert "approve, to “Awaiting buyer" in said.replace("\n", " ")
    assert "3 cases are due" in said
    assert "escalate, to “Escalated”: 1" in said


def test_a_dry_run_obeys_limit_and_shop(shop):
    make_due_case(make_shop())
    copy_cases(make_due_case(shop), 4)
    assert "3 cases are due" in process("--dry-run", "--limit", "3")
    assert "5 cases are due" in process("--dry-run", "--shop", f"{shop.marketplace}:{shop.external_id}")


def test_one_shop_a_limit_and_a_batch_size(shop):
    make_due_case(make_shop())
    copy_cases(make_due_case(shop), 9)
    assert "4 cases" in process("--shop", str(shop.pk), "--limit", "4", "-b", "3")
    assert "limit is reached" in process("--shop", str(shop.pk), "--limit", "1")
    assert "5 cases" in process("--shop", str(shop.pk))
    assert "1 case in " in process()


@pytest.mark.parametrize(
    "words",
    [
        ("-b", "0"), ("--limit", "-1"), ("--max-seconds", "soon"), ("-b", "100000"), ("--shop", "0"),
        ("--dry-run", "--limit", "9" * 20), ("--max-seconds", "9" * 400), ("--limit", "٣"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(words):
    with pytest.raises(CommandError):
        process(*words)


def test_a_case_that_could_not_be_handled_ends_it_with_one(shop, monkeypatch):
    case = make_due_case(shop)
    poison(monkeypatch, case)
    out = StringIO()
    with pytest.raises(CommandError, match="1 case could not be handled"):
        call_command("process_aftersales_timeouts", stdout=out)
    assert f"{case.number} (id {case.pk}), Awaiting review: failed: DataError: division by zero" in out.getvalue()


def test_the_task_handles_what_is_due(shop):
    copy_cases(make_due_case(shop), 4)
    assert process_timeouts(batch_size=2) == 5
    run = SweepRun.objects.get()
    assert (run.batch_size, str(run.slot).startswith("batches of 2, ")) == (2, True)


def test_the_same_turn_does_nothing_the_second_time(shop, monkeypatch):
    monkeypatch.setattr("aftersales.tasks.find_turn", lambda request: type("Turn", (), {"key": "12:00"}))
    make_due_case(shop)
    assert process_timeouts() == 1
    make_due_case(shop)
    assert process_timeouts() == 0


def test_tasks_leave_the_work_to_the_next_turn_while_the_database_is_away(monkeypatch):
    def refuse(*_, **__):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("aftersales.tasks.sweep", refuse)
    monkeypatch.setattr("aftersales.tasks.remote.settle_answers", refuse)
    monkeypatch.setattr("aftersales.tasks.follow_returns_without_case", refuse)
    assert [task() for task in (process_timeouts, settle_answers, follow_returns)] == [0, 0, 0]


def test_tasks_find_nothing_to_do_where_nothing_is():
    assert [task() for task in (settle_answers, follow_returns)] == [0, 0]


def test_all_is_well_where_nothing_is(shop):
    code, said = check()
    assert (code, said.partition(" ")[0], said.count("\n")) == (0, "OK", 1)


@pytest.mark.parametrize("level, facts", [
    (Level.OK, {"refund_failure_count": 3, "not_handled_count": 2}),
    (Level.WARNING, {"refund_failure_count": 3, "not_handled_count": 3}),
    (Level.WARNING, {"refund_failure_count": 10}),
    (Level.CRITICAL, {"refund_failure_count": 11}),
    (Level.OK, {"overdue_count": 5, "since_last_sweep": timedelta(hours=2)}),
    (Level.CRITICAL, {"overdue_count": 5, "since_last_sweep": timedelta(hours=2, seconds=1)}),
    (Level.CRITICAL, {"overdue_count": 5, "since_last_sweep": None}),
    (Level.OK, {"overdue_count": 0, "since_last_sweep": None}),
    (Level.WARNING, {"countdown_without_deadline_count": 1}),
    (Level.WARNING, {"stale_count": 1}),
])  # fmt: skip
def test_how_bad_it_is(level, facts):
    found, problems = judge(changed(**facts))
    assert (found, bool(problems)) == (level, level != Level.OK)


def test_overdue_cases_that_no_sweep_comes_for_are_critical(shop):
    make_due_case(shop)
    code, said = check()
    assert (code, said.startswith("CRITICAL - 1 case is overdue and no sweep has ended yet.")) == (2, True)
    now = clock.now()
    killed = SweepRun.objects.create(started_at=now - timedelta(hours=3), batch_size=100)
    of_one_shop = SweepRun.objects.create(started_at=now, finished_at=now, batch_size=100, shop_id=shop.pk)
    assert (check()[0], "1 sweep did not end" in check()[1]) == (2, True)
    SweepRun.objects.filter(pk=of_one_shop.pk).update(shop_id=None)
    assert check()[0] == 0
    SweepRun.objects.filter(pk__in=[of_one_shop.pk, killed.pk]).delete()


def test_a_countdown_without_deadline_is_counted(shop):
    Case.objects.filter(pk=make_case(shop).pk).update(auto_process_time=None)
    code, said = check()
    assert (code, "1 without deadline" in said) == (1, True)


def test_what_waits_longer_than_its_shop_allows_is_counted(shop):
    set_policy(patient := make_shop(), stale_case_hours=1_000)
    for own in (shop, patient):
        make_case(own, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    Case.objects.update(state_entered_at=clock.now() - timedelta(hours=73))
    assert check()[0] == 1
    assert "1 waiting too long" in check()[1]
    set_policy(None, stale_case_hours=74)
    assert check()[0] == 0


def test_errors_are_refunds_that_failed_and_cases_that_could_not_be_handled(shop, monkeypatch):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    act(case, Action.REFUND_FAILED)
    bad = [make_due_case(shop) for _ in range(5)]
    poison(monkeypatch, *bad)
    with pytest.raises(CommandError):
        process()
    code, said = check()
    assert (code, "6 errors: 1 refund failed" in said) == (1, True)
    assert "5 cases could not be handled" in said
    assert "0.0 % handled" in said


def test_the_days_count_cases_by_when_they_were_made(shop, noon):
    make_case(shop, CaseType.REFUND_ONLY, CaseState.CANCELLED)
    make_case(shop)
    old = make_case(shop)
    Case.objects.filter(pk=old.pk).update(created_at=noon - timedelta(days=3))
    told = json.loads(check("--json")[1])
    assert [(day["total"], day["ended"], day["rate"]) for day in told["days"]] == [
        (2, 1, 50.0), (0, 0, 0.0), (0, 0, 0.0), (1, 0, 0.0), *[(0, 0, 0.0)] * 3,
    ]  # fmt: skip
    assert (told["level"], told["overdue_count"]) == ("OK", 0)
    assert check("-v", "2")[1].count("%") == 8


def test_sweeps_are_counted(shop):
    make_due_case(shop)
    make_due(make_case(shop, CaseType.REFUND_ONLY))
    process()
    code, said = check()
    assert (code, "swept in 24 h: 2 (100.0 % handled)" in said, "last sweep: 0 min ago" in said) == (0, True, True)
