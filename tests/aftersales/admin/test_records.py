"""The lists beside that of cases: what each shows, how it is narrowed, and where it leads; and what an order shows."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from aftersales.models import Exchange, Refund, SellerAnswer, SweepRun
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from tests.architecture.rows import make_superuser
from tests.factories.cases import act, make_carrier, make_case
from tests.factories.pages import address, log_in

pytestmark = pytest.mark.django_db
NAMES = ("case", "refund", "returnparcel", "exchange", "caselog", "selleranswer")


@pytest.fixture
def look(client, shop):
    log_in(client, *(f"aftersales.view_{name}" for name in NAMES), "orders.view_order", shops=[shop])

    def text(name, **query):
        answer = client.get(reverse(f"admin:aftersales_{name}_changelist"), query)
        assert answer.status_code == 200
        return answer.content.decode()

    return text


@pytest.mark.parametrize("name", ["case", "exchange"])
def test_a_replacement_is_found_by_its_tracking_number(look, shop, name):
    sent, other = (make_case(shop, CaseType.RESEND, CaseState.PENDING_EXCHANGE) for _ in range(2))
    act(sent, Action.SHIP_REPLACEMENT)
    page = look(name, q=Exchange.objects.get(case=sent).tracking_number)
    assert (address(sent, "change") in page, address(other, "change") in page) == (True, False)


def test_refunds_are_found_by_state_number_and_case(look, shop):
    failed, other = (make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND) for _ in range(2))
    act(failed, Action.REFUND_FAILED)
    for query in ({"state": "FAILED"}, {"q": failed.number}, {"q": Refund.objects.get(case=failed).number}):
        page = look("refund", **query)
        assert address(failed, "change") in page
        assert address(other, "change") not in page
    assert "The bank refused it." in look("refund")
    assert "No" in look("refund", made_to=(clock.now() - timedelta(days=3)).date().isoformat())


def test_parcels_link_to_their_carrier_and_evil_numbers_stay_text(look, shop):
    make_carrier(tracking_link="https://carrier.test/{number}/track")
    make_case(shop, state=CaseState.PENDING_RECEIVE)
    assert 'href="https://carrier.test/JT0000000001/track"' in look("returnparcel", q="JT0000000001")


def test_exchanges_name_their_goods(look, shop):
    case = make_case(shop, CaseType.RESEND, CaseState.PENDING_EXCHANGE)
    page = look("exchange")
    assert f"1 × {case.lines.get().seller_sku}" in page
    assert address(case, "change") in page


def test_the_log_says_who_did_what_from_which_state_to_which(look, shop):
    case = make_case(shop, state=CaseState.REJECTED)
    page = look("caselog", action="REJECT")
    for part in ("Awaiting review → Rejected", "staff", "The photos show another product.", case.number):
        assert part in page, part
    assert "Created" not in page.split('id="result_list"')[1].split("</table>")[0]


def test_answers_in_doubt_come_first(look, shop):
    now = clock.now()
    for number, state in enumerate(("in_doubt", "accepted", "refused")):
        SellerAnswer.objects.create(
            case=make_case(shop), decision="approve", state=state, message=f"message-{state}",
            sent_at=now + timedelta(minutes=number),
            settled_at=None if state == "in_doubt" else now + timedelta(minutes=number),
        )  # fmt: skip
    page = look("selleranswer")
    assert sorted(("in_doubt", "refused", "accepted"), key=lambda state: page.index(f"message-{state}<")) == [
        "in_doubt", "refused", "accepted",
    ]  # fmt: skip


def test_a_sweep_over_all_shops_is_shown_to_those_who_see_all(client, shop):
    now = clock.now()
    SweepRun.objects.create(started_at=now, finished_at=now, batch_size=100, approved_count=1_234, failed_count=1)
    SweepRun.objects.create(started_at=now, batch_size=77, shop_id=shop.pk)
    where = reverse("admin:aftersales_sweeprun_changelist")
    log_in(client, "aftersales.view_sweeprun", shops=[shop])
    assert client.get(where).context["cl"].result_count == 1
    client.force_login(make_superuser())
    page = client.get(where).content.decode()
    for part in ("1,234", "With failures", "Not finished", "All shops", str(shop)):
        assert part in page, part
    whole = SweepRun.objects.get(shop_id=None)
    assert f"Sweep {whole.pk}" in client.get(address(whole, "change")).content.decode()
    assert [client.get(where, {"failures": said}).context["cl"].result_count for said in ("true", "false")] == [1, 1]
    assert [client.get(where, {"handled": said}).context["cl"].result_count for said in ("true", "false")] == [1, 1]


def test_an_order_shows_its_cases_and_how_each_line_stands(look, client, shop):
    case = make_case(shop)
    page = client.get(address(case.order, "change")).content.decode()
    section = page.split('id="cases"')[1].split("</section>")[0]
    for part in (case.number, "Awaiting review", "Under review", address(case, "change")):
        assert part in section, part
    act(case, Action.APPROVE)
    section = client.get(address(case.order, "change")).content.decode().split('id="cases"')[1].split("</section>")[0]
    assert ("Approved</" in section.replace(" ", "").replace("\n", ""), "Under review" in section) == (True, False)


def test_who_may_not_see_cases_sees_none_with_the_order(client, shop):
    order = make_case(shop).order
    log_in(client, "orders.view_order", shops=[shop])
    assert 'id="cases"' not in client.get(address(order, "change")).content.decode()


@pytest.mark.parametrize("may_see", [True, False])
def test_where_a_replacement_goes_is_shown_to_those_who_may_see_the_order(client, shop, may_see):
    case = make_case(shop, CaseType.RESEND, CaseState.PENDING_EXCHANGE)
    exchange = case.exchanges.get()
    assert exchange.delivery_address["name"] == "N*** V**"
    log_in(client, "aftersales.view_exchange", *(("orders.view_order",) if may_see else ()), shops=[shop])
    page = client.get(address(exchange, "change")).content.decode()
    assert (exchange.number in page, "<div>N*** V**</div>" in page) == (True, may_see)


def test_what_is_not_known_of_a_record_is_a_dash_like_any_other(client, shop):
    refund = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND).refunds.get()
    log_in(client, "aftersales.view_refund", shops=[shop])
    values = readings(client.get(address(refund, "change")).content.decode())
    assert ("–" in values, "-" in values) == (True, False)


def readings(page):
    return {text.strip() for text in re.findall(r"<div class=\"readonly[^>]*>([^<]*)</div>", page)}
