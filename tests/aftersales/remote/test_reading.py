"""Cases are read again by number, each marketplace by its own calls; a shop that cannot be reached harms no other."""

import pytest

from aftersales import remote
from aftersales.models import Case, SyncedReturn
from aftersales.remote import reading
from aftersales.states import CaseState
from shops.marketplaces import registry
from shops.marketplaces.records import ReturnKind
from shops.models import Shop
from tests.aftersales.remote.marketplaces import decide_there
from tests.factories.cases import make_case


@pytest.mark.parametrize("code", sorted(registry.MARKETPLACES))
def test_what_was_decided_at_the_marketplace_is_here_after_a_reading(take, sandbox, code):
    case, other = take(code), take(code, ReturnKind.RETURN_REFUND)
    decide_there(case)
    assert remote.read_again([case.pk, other.pk]) == remote.Reread({case.pk, other.pk})
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_REFUND
    assert Case.objects.get(pk=other.pk).state == CaseState.PENDING_APPROVAL


def test_many_cases_cost_one_call(take, sandbox):
    cases = [take(), take(kind=ReturnKind.RETURN_REFUND), take()]
    sandbox.forget_calls()
    assert remote.read_again(case.pk for case in cases).read == {case.pk for case in cases}
    assert sandbox.calls_of("return_search", cases[0].shop) == 1


def test_of_one_shop_only_so_many_are_read_in_one_go(take, sandbox, monkeypatch):
    monkeypatch.setattr(reading, "READ_AT_MOST", 1)
    first, second, elsewhere = take(), take(), take("temu")
    found = remote.read_again([first.pk, second.pk, elsewhere.pk])
    assert (found.read, list(found.failed)) == ({first.pk, elsewhere.pk}, [second.pk])


def test_a_shop_that_cannot_be_reached_fails_its_own_cases_alone(take, sandbox, settings):
    settings.MAX_REQUEST_RETRIES = 0
    paused, down, well = take("lazada"), take("temu"), take("tiktok")
    Shop.objects.filter(pk=paused.shop_id).update(state="paused")
    sandbox.fault("server_error", marketplace="temu", times=9)
    found = remote.read_again([paused.pk, down.pk, well.pk])
    assert (found.read, set(found.failed)) == ({well.pk}, {paused.pk, down.pk})
    assert "not in use" in found.failed[paused.pk]


def test_a_case_with_a_number_of_its_own_is_asked_for_by_its_returns(take, sandbox):
    case = take("shopee")
    Case.objects.filter(pk=case.pk).update(number=f"{case.number}-R{case.synced_return_id}")
    decide_there(case)
    assert remote.read_again([case.pk]).read == {case.pk}
    assert Case.objects.get(pk=case.pk).state == CaseState.PENDING_REFUND


def test_what_the_marketplace_does_not_know_is_not_read(take, sandbox):
    case = take()
    SyncedReturn.objects.filter(case=case).update(external_id="4040000000000000001")
    assert "did not tell it" in remote.read_again([case.pk]).failed[case.pk]


def test_our_own_cases_are_not_asked_for(shop):
    assert remote.read_again([make_case(shop).pk, 0]) == remote.Reread()
