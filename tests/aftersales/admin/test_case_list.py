"""The list of cases: what a row says, what it is narrowed by, and who sees what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from aftersales.models import Case, CaseLine
from aftersales.services.asking import Inputs
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from shops.marketplaces.records import Custody
from tests.factories.cases import act, make_case, make_due
from tests.factories.pages import address, log_in
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
LIST = "admin:aftersales_case_changelist"


@pytest.fixture
def look(client, shop):
    """The list as text."""
    log_in(client, "aftersales.view_case", "orders.view_order", shops=[shop])

    def text(**query):
        answer = client.get(reverse(LIST), query)
        assert answer.status_code == 200
        return answer.content.decode()

    return text


@pytest.fixture
def find(client, look):
    def numbers(**query):
        look(**query)
        return [case.number for case in client.get(reverse(LIST), query).context["cl"].result_list]

    return numbers


def test_a_row_says_what_where_how_much_and_until_when(look, shop):
    case = make_case(shop, quantity=1, amount=Decimal(100_000))
    page = look()
    for part in (
        case.number, "Return and refund", case.order_external_id, shop.name, case.lines.get().product_name,
        "100,000 VND", "Quality", "Awaiting review", 'data-ticks="countdown"', "2 d 23 h left", "our countdown",
        reverse("admin:orders_order_change", args=[case.order_id]),
    ):  # fmt: skip
        assert part in page, part


def test_a_changed_amount_is_marked(look, shop):
    case = make_case(shop, amount=Decimal(100_000))
    assert "<s>" not in look()
    act(case, Action.CHANGE_AMOUNT, Inputs(amount=Decimal(60_000), reason="Half worn"))
    assert "60,000 VND" in look()
    assert "<s>100,000 VND</s> asked" in look()


def test_more_lines_are_counted_and_their_pieces_summed_up(look, shop):
    case = make_case(shop, quantity=1)
    CaseLine.objects.create(case=case, external_id="l2", product_name="Other", quantity=4, requested_quantity=4)
    page = look()
    assert "5 pieces, and 1 more" in page


def test_what_has_run_out_is_overdue_and_what_has_no_time_shows_none(look, shop):
    case = make_case(shop)
    make_due(case, hours=3)
    assert "overdue by 3 h 0 min" in look()
    act(case, Action.REJECT)
    page = look()
    assert ("data-urgency" in page, ">–<" in page) == (False, True)


def test_the_earlier_deadline_rules_and_is_named(look, shop):
    case = make_case(shop)
    Case.objects.filter(pk=case.pk).update(marketplace_deadline_at=clock.now() + timedelta(hours=5, minutes=1))
    page = look()
    assert "5 h 0 min left" in page or "5 h 1 min left" in page
    assert 'class="row-faint">marketplace<' in page


@pytest.mark.parametrize(("custody", "waits"), [(Custody.ON_THE_WAY, True), (Custody.SELLER, False)])
def test_time_that_runs_while_the_parcel_travels_is_told_apart(client, custody, waits):
    shop = make_shop(marketplace="shopee")
    log_in(client, "aftersales.view_case", shops=[shop])
    store_record(shop, "return", "r1", custody=custody, raw_status="PROCESSING",
                 respond_by_at=clock.now() + timedelta(hours=9))  # fmt: skip
    Case.objects.filter(number="r1").update(
        state=CaseState.PENDING_RECEIVE, marketplace_deadline_at=clock.now() + timedelta(hours=9)
    )
    page = client.get(reverse(LIST)).content.decode()
    assert ("parcel on its way" in page) is waits
    assert ('data-ticks="countdown"' in page) is not waits


def test_an_unknown_status_is_shown_as_it_came(look, shop):
    case = make_case(shop)
    Case.objects.filter(pk=case.pk).update(state=CaseState.UNKNOWN, raw_status="<b>ODD", auto_process_time=None)
    assert "Unknown: &lt;b&gt;ODD" in look(state="UNKNOWN")


def test_quick_links_lead_to_what_they_say(find, look, shop):
    late, soon, fine = make_case(shop), make_case(shop), make_case(shop)
    make_due(late)
    make_due(soon, hours=-5)
    refund = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    escalated = make_case(shop, state=CaseState.CS_INTERVENTION)
    assert find(due="overdue") == [late.number]
    assert find(due="due_24h") == [soon.number]
    assert find(due="on_time") == [fine.number]
    assert find(state="PENDING_REFUND") == [refund.number]
    assert find(state="CS_INTERVENTION") == [escalated.number]
    assert sorted(find(stage="audit")) == sorted(one.number for one in (late, soon, fine, escalated))
    page = look()
    for label in ("To review", "Overdue", "Due in 24 h", "Escalated", "Awaiting refund", "Unknown status"):
        assert label in page


def test_a_case_is_found_by_what_people_read_off_a_label(find, shop):
    case = make_case(shop, state=CaseState.PENDING_RECEIVE, number="LABEL-1")
    other = make_case(shop, number="LABEL-2")
    store_record(shop, "return", "r-synced", tracking_number="SPX123456")
    for text, found in {
        case.number[:-1]: {case.number, other.number}, case.order_external_id: {case.number},
        "JT0000000001": {case.number}, "SPX123456": {"r-synced"}, "JT000000": set(), "%%%": set(),
    }.items():  # fmt: skip
        assert set(find(q=text)) >= found, text
        if not found:
            assert find(q=text) == []


@pytest.mark.parametrize("has_another", [False, True])
def test_who_was_not_granted_the_shop_sees_nothing(client, shop, has_another):
    case = make_case(shop)
    log_in(client, "aftersales.view_case", "aftersales.approve_case", shops=[make_shop()] if has_another else [])
    assert list(client.get(reverse(LIST)).context["cl"].result_list) == []
    assert client.get(address(case, "change")).status_code in (302, 404)
    assert client.post(address(case, "act", "approve"), {"seen": 1}).status_code == 404
    case.refresh_from_db()
    assert case.state == "PENDING_APPROVAL"


def test_what_makes_no_sense_is_refused(find, look):
    assert find(state="NO") == []
    assert "Nothing is shown until this filter is mended" in look(state="NO")


def test_a_refund_that_failed_for_good_is_marked_wherever_its_case_waits(look, shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    for number in range(3):
        assert "failed for good" not in look(), number
        act(case, Action.START_REFUND)
        act(case, Action.REFUND_FAILED)
    assert "Refund failed for good" in look()
    act(case, Action.ESCALATE)
    assert "Refund failed for good" in look()
    act(case, Action.RESOLVE_CANCEL)
    assert "failed for good" not in look()
