"""What is done to many cases at once, and what is asked of a marketplace about one."""

import pytest
from django.urls import reverse

from aftersales import remote
from aftersales.models import Case, CaseLog, SellerAnswer
from aftersales.queries.cases import find_last_entry
from aftersales.remote import Reread, again
from aftersales.states import CaseState
from backoffice.common import clock
from backoffice.common.lists.models import BatchItem
from shops.marketplaces.records import RejectReason
from tests.factories.cases import make_case, set_policy
from tests.factories.pages import address, log_in, press
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
LIST = "admin:aftersales_case_changelist"


@pytest.fixture
def person(client, shop):
    rights = ("view", "change", "approve", "reject")
    return log_in(client, *(f"aftersales.{one}_case" for one in rights), shops=[shop])


@pytest.fixture
def select(client, person):
    def send(action, *cases, **more):
        chosen = {"action": action, "_selected_action": [case.pk for case in cases], **more}
        return client.post(reverse(LIST), chosen, follow=True).content.decode()

    return send


@pytest.fixture
def synced(shop):
    set_policy(shop, calls_marketplace=True)
    store_record(shop, "return", "r1")
    return Case.objects.get(number="r1")


def test_many_are_approved_with_a_result_for_each(select, person, shop):
    cases = [make_case(shop), make_case(shop, state=CaseState.REJECTED)]
    select("aftersales.approve", *cases)
    results = dict(BatchItem.objects.values_list("row_name", "result"))
    assert results[cases[0].number] == "Now “Awaiting buyer shipment”."
    assert "is not possible while the case is “Rejected”. Possible now: " in results[cases[1].number]
    assert CaseLog.objects.get(action="APPROVE").operator_id == person.pk


def test_many_are_rejected_with_one_reason(select, shop):
    cases = [make_case(shop), make_case(shop)]
    select("aftersales.reject", *cases)
    assert not CaseLog.objects.filter(action="REJECT").exists()
    select("aftersales.reject", *cases, text="Out of season")
    assert list(CaseLog.objects.filter(action="REJECT").values_list("text", flat=True)) == ["Out of season"] * 2


def test_a_reason_that_is_too_long_is_asked_for_again_and_not_cut(select, shop):
    case, longest = make_case(shop), "a" * 1_998 + "\r\nb"
    page = select("aftersales.reject", case, text=f"{longest}c")
    assert ("At most 2000 characters; these are 2001." in page, f"{longest[-1]}c</textarea>" in page) == (True, True)
    assert not CaseLog.objects.filter(action="REJECT").exists()
    select("aftersales.reject", case, text=longest)
    assert CaseLog.objects.get(action="REJECT").text == longest.replace("\r", "")


def test_who_may_not_reject_is_not_offered_it(client, shop):
    log_in(client, "aftersales.view_case", "aftersales.approve_case", shops=[shop])
    make_case(shop)
    page = client.get(reverse(LIST)).content.decode()
    assert ("aftersales.approve" in page, "aftersales.reject" in page) == (True, False)


def test_a_marketplaces_case_is_read_again_by_its_button(client, person, synced, monkeypatch):
    monkeypatch.setattr(again, "read_again", lambda ids, lane: Reread(read=set(ids)))
    assert "says “RETURN_OR_REFUND_REQUEST_PENDING”. Now “Awaiting review”." in press(
        client, synced, "aftersales.read_case"
    )
    monkeypatch.setattr(again, "read_again", lambda ids, lane: Reread(failed=dict.fromkeys(ids, "It is closed.")))
    assert "Read again: It is closed." in press(client, synced, "aftersales.read_case")


def test_what_was_made_here_is_not_read_again(client, person, shop):
    case = make_case(shop)
    assert "aftersales.read_case" not in client.get(address(case, "change")).content.decode()
    assert "no marketplace knows of it" in press(client, case, "aftersales.read_case")


def test_an_answer_in_doubt_can_be_sent_again_a_day_later(client, person, synced):
    where = address(synced, "change")
    assert "aftersales.send_again" not in client.get(where).content.decode()
    SellerAnswer.objects.create(case=synced, decision="approve", state="in_doubt", sent_at=clock.now())
    assert "aftersales.send_again" in client.get(where).content.decode()
    assert "a day after it was sent" in press(client, synced, "aftersales.send_again")


def test_the_marketplaces_own_reasons_are_offered_to_reject(client, person, synced, monkeypatch):
    reasons = (RejectReason("seller_reject_1", "Worn <b>goods</b>"), RejectReason("seller_reject_2", "Too late"))
    monkeypatch.setattr(remote, "list_reject_reasons", lambda case_id: reasons)
    where = address(synced, "act", "reject")
    assert f'href="{where}"' in client.get(address(synced, "change")).content.decode()
    page = client.get(where).content.decode()
    assert '<option value="seller_reject_1">' in page
    assert "Worn &lt;b&gt;goods" in page


def test_an_answer_is_passed_on_with_what_was_given(client, person, synced, monkeypatch):
    passed = []

    def act(case_id, action, operator, inputs, *, person=None, request_id=""):
        passed.append((case_id, action, inputs.reason, inputs.reason_code, person))
        return synced

    monkeypatch.setattr(remote, "act", act)
    given = {"seen": find_last_entry(synced.pk), "reason": "Worn", "reason_code": "seller_reject_1"}
    page = client.post(address(synced, "act", "reject"), given, follow=True).content.decode()
    assert passed == [(synced.pk, "reject", "Worn", "seller_reject_1", person)]
    assert "was sent to the marketplace" in page
