"""People who answer the same case at the same moment: the marketplace hears one of them."""

from typing import Any

import pytest

from aftersales import remote
from aftersales.models import Case, SellerAnswer
from aftersales.services.asking import NotAllowed
from aftersales.states import Action, CaseState
from tests.aftersales.remote.marketplaces import write_calls
from tests.factories.cases import STAFF
from tests.factories.races import at_once


@pytest.mark.django_db(transaction=True)
def test_of_several_who_approve_at_once_one_is_sent(take: Any, sandbox: Any) -> None:
    case = take("lazada")
    sandbox.forget_calls()
    outcomes = at_once(lambda: remote.act(case.pk, Action.APPROVE, STAFF))
    taken = [one for one in outcomes if isinstance(one, Case)]
    assert (len(outcomes), len(taken)) == (4, 1)
    assert all(isinstance(one, NotAllowed) for one in outcomes if one not in taken)
    assert (write_calls(sandbox, "lazada"), SellerAnswer.objects.filter(case=case).count()) == (1, 1)
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_REFUND


@pytest.mark.django_db(transaction=True)
def test_of_several_who_look_after_answers_each_is_looked_after_once(take: Any, sandbox: Any) -> None:
    case = take("tiktok")
    sandbox.fault("server_error", endpoint="return_approve")
    with pytest.raises(remote.InDoubt):
        remote.act(case.pk, Action.APPROVE, STAFF)
    SellerAnswer.objects.filter(case=case).update(sent_at="2026-01-01T00:00:00Z", read_at=None)
    assert sorted(one.examined_count for one in at_once(remote.settle_answers)) == [0, 0, 0, 1]
