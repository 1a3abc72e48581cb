"""Every action on a case, tried once in a real browser; the list counts down by itself, and nothing is cut off."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from aftersales.models import Case, CaseLog
from aftersales.services.asking import Inputs
from aftersales.states import BY_PEOPLE, MOVES, Action, CaseState, CaseType
from backoffice.common import clock
from orders.models import Order, OrderLine
from shops.models import Shop
from tests.end_to_end.browsing import PASSWORD, check_every_screen, in_browser, page_without_complaints
from tests.factories.cases import act, make_carrier, make_case
from tests.factories.orders import store_order
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = in_browser
A, S, T = Action, CaseState, CaseType
WHY = {"reason": "Settled by phone"}
SENT = {"carrier": "jt", "tracking_number": "JT77"}
# What becomes of five cases, one after the other: where each begins, and what is done to it with what.
STORIES: tuple[tuple[CaseType, CaseState, tuple[tuple[Action, dict[str, str]], ...]], ...] = (
    (T.RETURN_REFUND, S.PENDING_APPROVAL, (
        (A.CHANGE_AMOUNT, {"amount": "60000", **WHY}), (A.APPROVE, {}), (A.FILL_SHIPMENT, SENT),
        (A.PARTIAL_RECEIPT, {"quantity": "1", "is_inspected": "on", **WHY}), (A.START_REFUND, {"method": "Bank"}),
        (A.REFUND_FAILED, WHY), (A.START_REFUND, {}), (A.REFUND_SUCCEEDED, {"transaction": "TX-1"}), (A.REMARK, WHY),
    )),
    (T.EXCHANGE, S.PENDING_RECEIVE, (
        (A.CONFIRM_RECEIPT, {"is_inspected": "on"}), (A.SHIP_REPLACEMENT, SENT), (A.REPLACEMENT_RECEIVED, {}),
    )),
    (T.REFUND_ONLY, S.PENDING_APPROVAL, (
        (A.REJECT, WHY), (A.AMEND, {}), (A.SUBMIT, {"amount": "50000", "description": "With photos"}),
        (A.ESCALATE, WHY), (A.RESOLVE_BACK, WHY), (A.CANCEL, WHY),
    )),
    (T.RETURN_REFUND, S.PENDING_RECEIVE, (
        (A.REJECT_RECEIPT, {"images": "https://img.example.test/1.jpg", **WHY}), (A.ESCALATE, WHY),
        (A.RESOLVE_REJECT, WHY),
    )),
    (T.REFUND_ONLY, S.CS_INTERVENTION, (
        (A.RESOLVE_APPROVE, WHY), (A.ESCALATE, WHY), (A.RESOLVE_CANCEL, WHY),
    )),
)  # fmt: skip


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    User.objects.create_superuser("chief", password=PASSWORD)
    make_carrier()
    return make_shop(name="Mẫu Store")


@pytest.fixture
def page(browser: Any, live_server: Any, shop: Shop) -> Iterator[Page]:
    with page_without_complaints(browser, live_server.url) as page:
        yield page


def open_case(page: Page, live_server: Any, case: Case) -> None:
    page.goto(f"{live_server.url}/admin/aftersales/case/{case.pk}/change/", wait_until="domcontentloaded")


def do(page: Page, action: Action, given: dict[str, str]) -> None:
    page.locator(f"[data-case-act={action}]").click()
    dialog = page.locator(f"#case-{action}")
    for name, value in given.items():
        field = dialog.locator(f"[name={name}]")
        if name == "carrier":
            field.select_option(value)
        elif name == "is_inspected":
            field.check()
        else:
            field.fill(value)
    with page.expect_navigation(wait_until="domcontentloaded"):
        dialog.get_by_role("button", name=MOVES[action].title, exact=True).click()


def test_every_action_is_taken_by_its_button(page, live_server, shop):
    assert {action for *_, steps in STORIES for action, _ in steps} == set(BY_PEOPLE)
    order = store_order(shop, "order-1")
    for case_type, state, steps in STORIES:
        case = make_case(shop, case_type, state, order=order, line=add_line(order), quantity=2)
        open_case(page, live_server, case)
        for action, given in steps:
            last = CaseLog.objects.latest("pk").pk
            do(page, action, given)
            expect(page.locator("body")).to_contain_text(f"{MOVES[action].title}: done.")
            row = CaseLog.objects.filter(pk__gt=last).earliest("pk")
            assert (row.case_id, row.action, row.operator_name) == (case.pk, MOVES[action].log, "chief"), action
            assert row.text == given.get("reason", ""), action


def add_line(order: Order) -> OrderLine:
    """Three pieces of which two are claimed: a part can be accepted, and the rest is there for a second try."""
    return OrderLine.objects.create(
        order=order, external_id=f"l{order.lines.count()}", product_name="Áo thun", quantity=3, price=Decimal(100_000),
        currency="VND",
    )  # fmt: skip


def test_a_double_click_is_one_action_and_a_stale_page_none(page, live_server, shop):
    case = make_case(shop)
    open_case(page, live_server, case)
    page.locator("[data-case-act=remark]").click()
    dialog = page.locator("#case-remark")
    dialog.locator("[name=reason]").fill("Once")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Add a remark").dblclick()
    expect(page.locator("body")).to_contain_text("Add a remark: done.")
    assert CaseLog.objects.filter(case=case, action="ADD_REMARK").count() == 1
    act(case, Action.ESCALATE)
    do(page, Action.REJECT, {"reason": "Too late"})
    expect(page.locator("body")).to_contain_text("has changed since you opened its page")
    case.refresh_from_db()
    assert case.state == "CS_INTERVENTION"


def test_many_are_rejected_with_one_reason_and_a_result_for_each(page, live_server, shop):
    cases = [make_case(shop), make_case(shop), make_case(shop, state=S.PENDING_RETURN)]
    page.goto(f"{live_server.url}/admin/aftersales/case/")
    page.locator("#action-toggle").check()
    page.select_option("select[name=action]", label="Reject")
    page.locator("#changelist-form [type=submit]", has_text="Run").first.click()
    page.wait_for_url("**/aftersales/case/")
    page.get_by_label("Reason").fill("Out of season")
    page.get_by_role("button", name="Reject").click()
    page.wait_for_url("**/lists/batch/**")
    expect(page.locator("#content")).to_contain_text("is not possible while the case is “Awaiting buyer shipment”")
    states = dict(Case.objects.values_list("number", "state"))
    assert [states[case.number] for case in cases] == ["REJECTED", "REJECTED", "PENDING_RETURN"]


def test_list_and_page_fit_every_screen_and_the_time_goes_on(page, live_server, shop):
    case = fill(shop)
    make_case(shop, order=store_order(shop, "PO-076-81659739909482407"), number="PO-076-81659739909482407-D01")
    page.goto(f"{live_server.url}/admin/aftersales/case/")
    table = page.locator("#result_list")
    assert table.evaluate("table => table.scrollWidth - table.parentElement.clientWidth") <= 0, "a column is cut off"
    countdown = page.locator("[data-ticks=countdown][data-urgency=due]").first
    first = countdown.inner_text()
    expect(countdown).not_to_have_text(first)
    check_every_screen(page, "list")
    open_case(page, live_server, Case.objects.get(number="r1"))
    check_every_screen(page, "synced")
    open_case(page, live_server, case)
    check_every_screen(page, "case")
    page.locator("[data-case-act=partial_receipt]").click()
    expect(page.locator("#case-partial_receipt [name=quantity]")).to_be_visible()
    check_every_screen(page, "dialog")


def fill(shop: Shop) -> Case:
    """Cases of many kinds; the one that is returned has come far."""
    soon = make_case(shop, T.REFUND_ONLY)
    Case.objects.filter(pk=soon.pk).update(auto_process_time=clock.now() + timedelta(minutes=12))
    late = make_case(shop, T.RETURN_REFUND)
    Case.objects.filter(pk=late.pk).update(auto_process_time=clock.now() - timedelta(hours=30))
    act(late, A.CHANGE_AMOUNT, Inputs(amount=late.amount and late.amount / 2, reason="Half worn"))
    for case_type, state in (
        (T.REFUND_ONLY, S.PENDING_REFUND), (T.RESEND, S.PENDING_EXCHANGE), (T.EXCHANGE, S.CS_INTERVENTION),
        (T.REFUND_ONLY, S.COMPLETED), (T.RETURN_REFUND, S.CANCELLED), (T.REFUND_ONLY, S.REJECTED),
    ):  # fmt: skip
        make_case(shop, case_type, state)
    store_record(
        shop, "return", "r1", respond_by_at=clock.now() + timedelta(hours=5), reason_text="Too small for me",
        buyer_message="Please hurry",
    )  # fmt: skip
    snapshot = {"status": "delivered", "paid_at": clock.now().isoformat(), "delivered_at": clock.now().isoformat()}
    images = ["https://img.example.test/1.jpg", "https://img.example.test/2.jpg"]
    order = store_order(shop, "order-2")
    return make_case(
        shop, T.RETURN_REFUND, S.PENDING_RECEIVE, order=order, line=add_line(order), quantity=2, images=images,
        snapshot=snapshot, description="The left sleeve is torn, and the colour is not as in the pictures.",
    )  # fmt: skip
