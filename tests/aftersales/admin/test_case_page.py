"""The page of a case: what it shows, what it offers to whom, and what becomes of what is sent."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from aftersales.models import Case, CaseLog, SellerAnswer
from aftersales.queries.cases import find_last_entry
from aftersales.services.asking import Inputs
from aftersales.states import BY_PEOPLE, Action, CaseState, CaseType, name_permission
from backoffice.common import clock
from tests.factories.cases import act, make_carrier, make_case, set_policy
from tests.factories.orders import store_order
from tests.factories.pages import address, log_in
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
EVERYTHING = ["aftersales.view_case", *{f"aftersales.{name_permission(one)}" for one in BY_PEOPLE}]


@pytest.fixture
def person(client, shop):
    return log_in(client, *EVERYTHING, shops=[shop])


@pytest.fixture
def look(client, person):
    def text(case):
        answer = client.get(address(case, "change"))
        assert answer.status_code == 200
        return answer.content.decode()

    return text


@pytest.fixture
def send(client, person):
    """Send the form of an action; return the page that follows."""

    def post(case, action, seen=None, **given):
        seen = find_last_entry(case.pk) if seen is None else seen
        answer = client.post(address(case, "act", action), {"seen": seen, **given}, follow=True)
        assert answer.status_code == 200
        case.refresh_from_db()
        return answer.content.decode()

    return post


def offered(page):
    return set(re.findall(r'data-case-act="(\w+)"', page))


def test_it_shows_the_case_with_both_tracks_and_its_log(look, shop):
    case = make_case(shop, amount=Decimal(100_000), description="Torn <b>sleeve</b>")
    act(case, Action.APPROVE)
    act(case, Action.FILL_SHIPMENT)
    page = look(case)
    for part in (
        case.number, "Awaiting merchant receipt", "100,000 VND", case.order_external_id, "Torn &lt;b&gt;sleeve",
        "Goods back", "JT0000000001", "J&amp;T Express", "Approved", "Awaiting review → Approved",
        "Approved → Awaiting buyer shipment", "Goods: To be sent → Sent", "staff", "No refund yet.",
        "Our countdown ends",
    ):  # fmt: skip
        assert part in page, part
    assert re.findall(r"case-step-(\w+)", page) == ["done", "done", "here", "ahead", "ahead"]


def test_both_deadlines_stand_side_by_side(look, shop):
    case = make_case(shop)
    Case.objects.filter(pk=case.pk).update(marketplace_deadline_at=clock.now() + timedelta(days=9))
    page = look(case)
    assert "Our countdown ends" in page
    assert "Marketplace&#x27;s deadline" in page
    assert 'class="row-faint">our countdown<' in page


@pytest.mark.parametrize(
    ("case_type", "state", "fits"),
    [
        (CaseType.RETURN_REFUND, CaseState.PENDING_APPROVAL,
         {"approve", "reject", "change_amount", "cancel", "escalate", "remark"}),
        (CaseType.RETURN_REFUND, CaseState.PENDING_RETURN, {"fill_shipment", "cancel", "escalate", "remark"}),
        (CaseType.RETURN_REFUND, CaseState.PENDING_RECEIVE,
         {"confirm_receipt", "reject_receipt", "escalate", "remark"}),
        (CaseType.REFUND_ONLY, CaseState.PENDING_REFUND,
         {"start_refund", "refund_succeeded", "refund_failed", "escalate", "remark"}),
        (CaseType.RESEND, CaseState.PENDING_EXCHANGE, {"ship_replacement", "escalate", "remark"}),
        (CaseType.REFUND_ONLY, CaseState.REJECTED, {"amend", "cancel", "escalate", "remark"}),
        (CaseType.REFUND_ONLY, CaseState.CS_INTERVENTION,
         {"resolve_back", "resolve_approve", "resolve_reject", "resolve_cancel", "remark"}),
        (CaseType.REFUND_ONLY, CaseState.COMPLETED, {"remark"}),
    ],
)  # fmt: skip
def test_only_what_is_allowed_now_is_offered(look, shop, case_type, state, fits):
    assert offered(look(make_case(shop, case_type, state))) == fits


def test_the_form_of_what_is_not_possible_now_leads_back_to_the_case(client, person, shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.COMPLETED)
    answer = client.get(address(case, "act", "approve"), follow=True)
    assert answer.redirect_chain[0][0] == address(case, "change")
    assert "“Approve” is not possible now." in answer.content.decode()
    assert client.get(address(case, "act", "remark")).status_code == 200


def test_only_what_the_person_may_do_is_offered_and_taken(client, shop):
    case = make_case(shop)
    log_in(client, "aftersales.view_case", "aftersales.reject_case", shops=[shop])
    assert offered(client.get(address(case, "change")).content.decode()) == {"reject"}
    seen = {"seen": find_last_entry(case.pk), "reason": "No"}
    assert client.post(address(case, "act", "approve"), seen).status_code == 403
    assert client.get(address(case, "act", "approve")).status_code == 403
    case.refresh_from_db()
    assert case.state == "PENDING_APPROVAL"


@pytest.mark.parametrize("action", ["sync", "timeout_approve", "auto_approve", "nonsense"])
def test_what_no_person_does_has_no_address(client, person, shop, action):
    case = make_case(shop)
    assert client.post(address(case, "act", action), {"seen": 1, "reason": "No"}).status_code == 404


def test_a_reason_is_needed_to_reject_and_is_kept(send, shop):
    case = make_case(shop)
    assert "This field is required." in send(case, "reject", reason=" ")
    assert case.state == "PENDING_APPROVAL"
    page = send(case, "reject", reason="Worn <i>for weeks</i>")
    assert case.state == "REJECTED"
    assert "Worn &lt;i&gt;for weeks&lt;/i&gt;" in page
    newest = CaseLog.objects.latest("pk")
    assert (newest.text, newest.previous_state, newest.state) == (
        "Worn <i>for weeks</i>",
        "PENDING_APPROVAL",
        "REJECTED",
    )


def test_who_acts_stands_in_the_log(send, person, shop):
    case = make_case(shop, CaseType.REFUND_ONLY)
    assert "The case is now “Awaiting refund”." in send(case, "approve")
    row = CaseLog.objects.get(action="APPROVE")
    assert (row.operator_kind, row.operator_name, row.operator_id) == ("ADMIN", person.username, person.pk)
    assert case.audited_by == person


@pytest.mark.parametrize("amount", ["100001", "-1", "0.5", "nan", "1e3000000", ""])
def test_an_amount_that_cannot_be_is_refused_beside_the_field(send, shop, amount):
    case = make_case(shop, amount=Decimal(100_000))
    page = send(case, "change_amount", amount=amount, reason="Half")
    case.refresh_from_db()
    assert case.amount == 100_000
    assert "At most 100,000 VND. That was asked for these pieces." in page
    assert "errors" in page


def test_an_amount_is_changed(send, shop):
    case = make_case(shop, amount=Decimal(100_000))
    assert "Amount: 100,000 VND → 60,000 VND" in send(case, "change_amount", amount="60000", reason="Half")
    assert (case.amount, case.is_amount_modified) == (Decimal(60_000), True)


def test_a_shipment_needs_an_active_carrier_and_a_clean_number(send, shop):
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    make_carrier("old", is_active=False)
    make_carrier()
    for carrier, number in (("old", "A1"), ("jt", "A 1"), ("jt", "A1'"), ("", "A1"), ("jt", "")):
        assert "errors" in send(case, "fill_shipment", carrier=carrier, tracking_number=number)
        assert case.state == "PENDING_RETURN", (carrier, number)
    send(case, "fill_shipment", carrier="jt", tracking_number=" A1\n")  # as it is pasted
    assert (case.state, case.return_parcels.get().tracking_number) == ("PENDING_RECEIVE", "A1")


def test_a_part_is_accepted(send, shop):
    order = store_order(shop, "order-1")
    order.lines.update(quantity=2)
    case = make_case(shop, state=CaseState.PENDING_RECEIVE, order=order, quantity=2, amount=Decimal(100_000))
    page = send(case, "partial_receipt", quantity="2", reason="One is broken")
    assert ("errors" in page, case.state) == (True, "PENDING_RECEIVE")
    send(case, "partial_receipt", quantity="1", reason="One is broken", is_inspected="on")
    assert (case.state, case.amount, case.return_parcels.get().state) == (
        "PENDING_REFUND",
        Decimal(50_000),
        "INSPECTED",
    )


def test_photos_of_rejected_goods_are_web_addresses(send, shop):
    case = make_case(shop, state=CaseState.PENDING_RECEIVE)
    assert "is no address" in send(case, "reject_receipt", reason="Torn", images="javascript:alert(1)")
    assert case.state == "PENDING_RECEIVE"
    send(
        case, "reject_receipt", reason="Torn", images="https://img.example.test/1.jpg\n\nhttps://img.example.test/2.jpg"
    )
    assert case.return_parcels.get().images == ["https://img.example.test/1.jpg", "https://img.example.test/2.jpg"]


def test_who_submits_again_may_give_other_photos(send, shop):
    case = make_case(shop, state=CaseState.PENDING_MODIFICATION, images=["https://img.example.test/1.jpg"])
    send(case, "submit", images="https://img.example.test/2.jpg")
    assert (case.state, case.images) == ("PENDING_APPROVAL", ["https://img.example.test/2.jpg"])


def test_evidence_is_linked_and_never_loaded(look, shop):
    case = make_case(shop, images=["https://img.example.test/1.jpg", "javascript:alert(1)", 7])
    page = look(case)
    assert 'href="https://img.example.test/1.jpg" target="_blank" rel="noreferrer noopener"' in page
    assert 'src="https://img' not in page
    assert "javascript:alert" not in page


def test_a_stale_page_changes_nothing_and_says_so(send, shop):
    case = make_case(shop)
    seen = find_last_entry(case.pk)
    act(case, Action.ESCALATE)
    page = send(case, "remark", seen=seen, reason="Twice?")
    assert "has changed since you opened its page, so nothing was done" in page
    assert "Twice?" not in page


def test_what_is_sent_twice_is_done_once(send, shop):
    case = make_case(shop)
    seen = find_last_entry(case.pk)
    send(case, "remark", seen=seen, reason="Once")
    send(case, "remark", seen=seen, reason="Once")
    assert CaseLog.objects.filter(action="ADD_REMARK").count() == 1


def test_a_refusal_is_a_sentence_with_what_is_possible(send, shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    page = send(case, "approve")
    assert "is not possible while the case is “Awaiting refund”. Possible now: " in page


def test_an_action_that_has_a_form_opens_on_a_page_of_its_own(client, person, shop):
    case = make_case(shop)
    answer = client.get(address(case, "act", "reject"))
    assert (answer.status_code, f"Reject: case {case.number}" in answer.content.decode()) == (200, True)


def make_synced(shop, **changes):
    store_record(shop, "return", "r1", **changes)
    return Case.objects.get(number="r1")


def test_a_marketplaces_case_shows_what_its_return_says(look, shop):
    page = look(make_synced(shop))
    for part in ("Return r1", "With the buyer", "To be refunded", "146,667 VND", "RETURN_OR_REFUND_REQUEST_PENDING",
                 "decides on this case"):  # fmt: skip
        assert part in page, part
    assert offered(page) == {"remark"}


def test_answers_are_offered_where_the_shop_lets_them_be_sent_and_none_is_open(look, shop):
    case = make_synced(shop)
    set_policy(shop, calls_marketplace=True)
    assert offered(look(case)) == {"approve", "reject", "remark"}
    SellerAnswer.objects.create(case=case, decision="approve", state="in_doubt", sent_at=clock.now())
    page = look(case)
    assert offered(page) == {"remark"}
    for part in ("In doubt", "the reply was lost", "No other can be sent before its end is known"):
        assert part in page


def test_actions_of_marketplace_cases_are_refused_where_the_marketplace_decides(send, shop):
    case = make_synced(shop)
    for action in ("approve", "cancel", "change_amount"):
        send(case, action, reason="No", amount="1")
        assert (case.state, case.amount) == ("PENDING_APPROVAL", 146_667)


def test_what_went_on_by_itself_is_told_under_one_name_on_the_page_and_in_the_log(look, shop):
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    assert case.log.get(action="STATE_CHANGE").operator_name == "System"
    page = look(case)
    assert ("System, 20" in page, "the product" in page) == (True, False)


def test_the_log_tells_of_words_that_it_does_not_know(look, shop):
    case = make_case(shop)
    act(case, Action.REMARK, Inputs(reason="Look", context={"raw_status": ["", "<b>NEW"], "odd_word": "<i>"}))
    page = look(case)
    assert "Marketplace&#x27;s status: – → &lt;b&gt;NEW" in page
    assert "Odd word: &lt;i&gt;" in page
