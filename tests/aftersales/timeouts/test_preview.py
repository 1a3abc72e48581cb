"""The dry run says of each case what the sweep then does with it."""

from datetime import timedelta

import pytest

from aftersales.models import Case
from aftersales.states import Action, CaseState, CaseType
from aftersales.timeouts import list_planned, sweep
from backoffice.common import clock
from tests.factories.cases import act, make_case, make_due
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def test_what_the_dry_run_says_of_a_case_becomes_of_it(shop):
    plain = make_case(shop)
    # Its goods were sent before it was rejected, so they are not sent a second time.
    sent = make_case(shop, state=CaseState.PENDING_RECEIVE)
    for action in (Action.ESCALATE, Action.RESOLVE_REJECT, Action.AMEND, Action.SUBMIT):
        act(sent, action)
    # The marketplace has given back its money.
    other = make_case(shop, CaseType.REFUND_ONLY, CaseState.CANCELLED)
    double = make_case(shop, CaseType.REFUND_ONLY, order=other.order)
    Case.objects.filter(pk=other.pk).update(origin="MARKETPLACE", state="COMPLETED")
    for case in (plain, sent, double):
        make_due(case)
    planned = {one.case.pk: (one.outcome, one.why) for one in list_planned()}
    run = sweep()
    assert (run.approved_count, run.escalated_count, run.failed_count) == (2, 1, 0)
    ended = {case.pk: case for case in Case.objects.filter(pk__in=planned)}
    assert planned == {
        plain.pk: (f"approve, to “{ended[plain.pk].get_state_display()}”", "as the shop's settings say"),
        sent.pk: (f"approve, to “{ended[sent.pk].get_state_display()}”", "as the shop's settings say"),
        double.pk: (f"escalate, to “{ended[double.pk].get_state_display()}”", double.log.latest("pk").text),
    }
    assert (ended[plain.pk].state, ended[sent.pk].state) == ("PENDING_RETURN", "PENDING_RECEIVE")
    assert "more pieces or money" in double.log.latest("pk").text


@pytest.mark.parametrize(("limit", "origins"), [(1, "I"), (2, "II"), (3, "IIM"), (9, "IIMM"), (None, "IIMM")])
def test_a_limit_is_for_both_kinds_of_cases_together(shop, limit, origins):
    make_due(make_case(shop), make_case(shop))
    for number in ("r1", "r2"):
        store_record(shop, "return", number, respond_by_at=clock.now() - timedelta(hours=3))
    assert "".join(one.case.origin[0] for one in list_planned(limit=limit)) == origins
