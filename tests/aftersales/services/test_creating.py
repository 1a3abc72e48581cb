"""Making cases: one for each line, all or what can be, with what the order was like then."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from aftersales.models import Case
from aftersales.services.asking import Unacceptable
from aftersales.services.creating import NoneCreated, cases
from aftersales.services.creating.standing import read_standing
from aftersales.states import Action, CaseOrigin, CaseType
from backoffice.common.errors import NotPossible
from tests.factories.cases import act, set_policy
from tests.factories.claims import ask, ask_one, make_claimable
from tests.factories.races import at_once
from tests.factories.records import make_line
from tests.factories.shops import make_shop


def test_a_case_begins_in_review_with_its_countdown_and_what_order_and_line_were_like(shop):
    line = make_line(1, quantity=3, price=Decimal("33.3333"), currency="USD", sku_name="M", image_url="https://i/1")
    order = make_claimable(shop, line)
    case = ask_one(order, quantity=2, description="  Too\x00 small ", images=("https://img.example/1.jpg",))
    case.refresh_from_db()
    assert (case.origin, case.state, case.type) == (CaseOrigin.INTERNAL, "PENDING_APPROVAL", "return_refund")
    assert case.auto_process_time == case.state_entered_at + timedelta(hours=72)
    assert (case.description, case.images) == ("Too small", ["https://img.example/1.jpg"])
    assert (case.requested_amount, case.amount, case.currency) == (Decimal("66.66"), Decimal("66.66"), "USD")
    assert case.order_external_id == order.external_id
    times = {name: getattr(order, name).isoformat() for name in ("paid_at", "shipped_at", "delivered_at")}
    assert case.snapshot == {"status": "delivered", **times}
    row = case.lines.get()
    assert (row.order, row.order_line_external_id, row.holds_line) == (order, "line-1", True)
    assert (row.quantity, row.requested_quantity, row.ordered_quantity) == (2, 2, 3)
    assert (row.unit_price, row.amount) == (Decimal("33.3333"), Decimal("66.66"))
    assert (row.product_name, row.sku_name, row.seller_sku, row.image_url) == (
        line.product_name, "M", line.seller_sku, "https://i/1",
    )  # fmt: skip


def test_the_log_begins_with_who_made_the_case(shop):
    (entry,) = ask_one(make_claimable(shop)).log.all()
    assert (entry.action, entry.previous_state, entry.state) == ("CREATE", "", "PENDING_APPROVAL")
    assert (entry.operator_kind, entry.operator_name) == ("ADMIN", "clerk")


def test_each_line_becomes_a_case_and_a_refused_one_harms_no_other(shop):
    order = make_claimable(shop, make_line(1), make_line(2, is_gift=True), make_line(3), currency="VND")
    created = ask(order, "line-1", "line-2", "line-3", "line-9", "line-1")
    assert [case.lines.get().order_line_external_id for case in created.cases] == ["line-1", "line-3"]
    assert len({case.number for case in created.cases}) == 2
    assert [(one.order_line_external_id, one.message) for one in created.refused] == [
        ("line-2", "This order line is a gift: nothing was paid for it."),
        ("line-9", "The order has no such line."),
        ("line-1", "The request names this order line twice."),
    ]


def test_where_every_line_is_refused_nothing_is_made(shop):
    order = make_claimable(shop)
    with pytest.raises(NoneCreated, match=r"No case was made\. The order has no such line\.$") as raised:
        ask(order, "line-8", "line-9")
    assert [one.order_line_external_id for one in raised.value.refused] == ["line-8", "line-9"]
    assert not Case.objects.exists()


def test_nothing_is_left_behind_where_storing_fails(shop, monkeypatch):
    order = make_claimable(shop, make_line(1), make_line(2), currency="VND")
    monkeypatch.setattr(cases, "make_number", lambda at: "AS-1")
    with pytest.raises(NotPossible, match="made by somebody else"):
        ask(order, "line-1", "line-2")
    assert not Case.objects.exists()


def test_a_case_number_is_the_days_and_never_reads_as_another(shop):
    number = ask_one(make_claimable(shop)).number
    assert number.startswith("AS")
    assert len(number) == 16
    assert not set(number[8:]) & set("01OILU")


def test_another_systems_number_is_taken_once_a_shop_and_for_one_line(shop):
    assert ask_one(make_claimable(shop), number="ERP-7").number == "ERP-7"
    with pytest.raises(Unacceptable, match="has a case ERP-7 already"):
        ask(make_claimable(shop), number="ERP-7")
    assert ask_one(make_claimable(make_shop(external_id="other")), number="ERP-7").number == "ERP-7"
    with pytest.raises(Unacceptable, match="for one line"):
        ask(make_claimable(shop), "line-1", "line-2", number="ERP-8")


def test_the_countdown_is_the_shops(shop):
    set_policy(shop, approval_timeout_hours=5)
    case = ask_one(make_claimable(shop))
    assert case.auto_process_time == case.state_entered_at + timedelta(hours=5)


def test_an_order_that_changed_since_the_form_was_opened_is_read_anew(shop):
    order = make_claimable(shop)
    type(order).objects.filter(pk=order.pk).update(status="cancelled")
    with pytest.raises(NoneCreated, match="this is “Cancelled”"):
        ask(order)


@pytest.mark.parametrize(
    ("status", "case_type", "states"),
    [
        ("unpaid", CaseType.CANCEL, ["APPROVED", "COMPLETED"]),
        ("awaiting_shipment", CaseType.REFUND_ONLY, ["APPROVED", "PENDING_REFUND"]),
        ("delivered", CaseType.RESEND, ["APPROVED", "PENDING_EXCHANGE"]),
    ],
)
def test_what_is_made_can_be_approved_and_goes_where_its_type_leads(shop, status, case_type, states):
    case = ask_one(make_claimable(shop, status=status, delivered_at=None), type=case_type)
    assert case.amount == (Decimal("33.33") if case_type == CaseType.REFUND_ONLY else 0)
    act(case, Action.APPROVE)
    assert [row.state for row in case.log.order_by("pk")][1:] == states


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_for_the_same_number_in_two_orders(monkeypatch):
    shop = make_shop()
    orders = [make_claimable(shop) for _ in range(4)]
    outcomes = at_once(lambda: ask(orders.pop(), number="ERP-1"))
    assert len([one for one in outcomes if isinstance(one, tuple)]) == 1
    assert {type(one) for one in outcomes if not isinstance(one, tuple)} <= {NotPossible, Unacceptable}
    assert Case.objects.count() == 1


def test_a_line_that_a_case_took_past_the_lock_is_refused_by_the_constraint(shop, monkeypatch):
    order = make_claimable(shop)
    ask_one(order)
    with monkeypatch.context() as patch:
        patch.setattr(cases, "read_standing", lambda pk: replace(read_standing(pk), claims={}))
        with pytest.raises(NotPossible, match="made by somebody else") as raised:
            ask(order)
    assert isinstance(raised.value.__cause__, IntegrityError)
    assert Case.objects.count() == 1
