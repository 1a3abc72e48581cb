"""Defects of the bundle that inspired this, by their number in the specification: each has a test that we lack it."""

import pytest

from aftersales.models import Case
from aftersales.states import COUNTDOWN, CaseState, CaseType
from aftersales.timeouts import sweep
from tests.factories.cases import make_case, make_due
from tests.factories.sweeps import copy_cases

pytestmark = pytest.mark.django_db
AFTER = {
    CaseState.PENDING_APPROVAL: CaseState.PENDING_RETURN,
    CaseState.PENDING_RETURN: CaseState.CANCELLED,
    CaseState.PENDING_RECEIVE: CaseState.PENDING_REFUND,
}


def state_of(case):
    return Case.objects.get(pk=case.pk).state


def test_defect_02_one_sweep_handles_all_three_states(shop):
    cases = {state: make_case(shop, CaseType.RETURN_REFUND, state) for state in sorted(COUNTDOWN)}
    make_due(*cases.values())
    run = sweep()
    assert {state: state_of(case) for state, case in cases.items()} == AFTER
    assert (run.examined_count, run.approved_count, run.cancelled_count, run.received_count) == (3, 1, 1, 1)


def test_defect_03_all_250_due_cases_are_handled_in_one_run_of_batches_of_100(shop):
    case = make_case(shop, CaseType.RETURN_REFUND)
    make_due(case)
    copy_cases(case, 249)
    batches = []
    run = sweep(batch_size=100, on_batch=lambda batch: batches.append(len(batch)))
    assert set(Case.objects.values_list("state", flat=True)) == {"PENDING_RETURN"}
    assert (batches, run.approved_count) == ([100, 100, 50], 250)


@pytest.mark.parametrize("case_type, end", [
    (CaseType.CANCEL, "COMPLETED"), (CaseType.REFUND_ONLY, "PENDING_REFUND"),
    (CaseType.RETURN_REFUND, "PENDING_RETURN"), (CaseType.EXCHANGE, "PENDING_RETURN"),
    (CaseType.RESEND, "PENDING_EXCHANGE"),
])  # fmt: skip
def test_defect_05_what_the_sweep_approves_goes_on_to_where_its_type_leads(shop, case_type, end):
    case = make_case(shop, case_type)
    make_due(case)
    sweep()
    assert state_of(case) == end


def test_defect_06_an_exchange_that_is_taken_as_received_goes_to_its_replacement(shop):
    case = make_case(shop, CaseType.EXCHANGE, CaseState.PENDING_RECEIVE)
    make_due(case)
    sweep()
    assert state_of(case) == "PENDING_EXCHANGE"
    assert not case.refunds.exists()
    assert case.exchanges.get().state == "RETURN_RECEIVED"


def test_defect_07_what_the_sweep_does_stands_in_the_log_with_the_system_as_who_did_it(shop):
    case = make_case(shop, CaseType.RETURN_REFUND, CaseState.PENDING_RETURN)
    make_due(case)
    sweep()
    row = case.log.latest("pk")
    assert (row.action, row.operator_kind) == ("TIMEOUT_PROCESS", "SYSTEM")
    assert (row.previous_state, row.state) == ("PENDING_RETURN", "CANCELLED")
