"""What moves do to the records of a case."""

from decimal import Decimal

import pytest

from aftersales.choices import ExchangeState, RefundState, ReturnState
from aftersales.models import ReturnAddress
from aftersales.services.asking import Inputs, NotAllowed, Unacceptable
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import BY_STAFF, act, make_carrier, make_case
from tests.factories.orders import store_order
from tests.factories.records import make_line
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ending", [Action.RESOLVE_CANCEL, Action.RESOLVE_REJECT])
@pytest.mark.parametrize("before", [(), (Action.REFUND_FAILED,)])
def test_a_refund_that_was_not_sent_ends_with_its_case(ending, before):
    case = make_case(make_shop(), CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    for action in (*before, Action.ESCALATE, ending):
        act(case, action)
    refund = case.refunds.get()
    assert refund.state == RefundState.CANCELLED
    assert refund.ended_at is not None


def test_a_replacement_that_was_sent_stays_sent_and_is_not_sent_twice():
    case = make_case(make_shop(), CaseType.RESEND, CaseState.PENDING_EXCHANGE)
    for action in (Action.SHIP_REPLACEMENT, Action.ESCALATE, Action.RESOLVE_REJECT):
        act(case, action)
    assert case.exchanges.get().state == ExchangeState.EXCHANGE_SHIPPED
    for action in (Action.AMEND, Action.SUBMIT, Action.APPROVE):
        act(case, action)
    with pytest.raises(NotAllowed, match="sent already"):
        act(case, Action.SHIP_REPLACEMENT)
    assert act(case, Action.REPLACEMENT_RECEIVED).state == CaseState.COMPLETED


def test_what_is_sent_back_is_expected_at_the_shops_address(shop):
    facts = {"contact_name": "Warehouse", "phone": "1"}
    ReturnAddress.objects.create(shop=make_shop(), address="Elsewhere", is_default=True, **facts)
    ReturnAddress.objects.create(shop=shop, address="Not the usual one", **facts)
    usual = ReturnAddress.objects.create(shop=shop, address="1 Street", is_default=True, **facts)
    assert make_case(shop, state=CaseState.PENDING_RETURN).return_parcels.get().return_address == usual


@pytest.mark.parametrize("case_type", [CaseType.RETURN_REFUND, CaseType.EXCHANGE])
def test_the_way_back_is_kept_with_its_carrier_and_number(shop, case_type):
    case = act(make_case(shop, case_type, CaseState.PENDING_RETURN), Action.FILL_SHIPMENT)
    parcel, carrier = case.return_parcels.get(), make_carrier()
    assert (parcel.state, parcel.carrier, parcel.tracking_number) == (ReturnState.SHIPPED, carrier, "JT0000000001")
    assert parcel.shipped_at == case.state_entered_at
    for exchange in case.exchanges.all():
        assert (exchange.state, exchange.return_carrier) == (ExchangeState.RETURN_SHIPPED, carrier)
        assert exchange.return_tracking_number == "JT0000000001"
    assert case.exchanges.count() == (case_type == CaseType.EXCHANGE)


def test_a_carrier_that_is_not_used_any_more_takes_nothing(shop):
    make_carrier("old", is_active=False)
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    with pytest.raises(Unacceptable, match=r"no active carrier “old”\. Known are: jt\."):
        act(case, Action.FILL_SHIPMENT, Inputs(carrier="old", tracking_number="A1"))


@pytest.mark.parametrize("action", [Action.CONFIRM_RECEIPT, Action.PARTIAL_RECEIPT])
@pytest.mark.parametrize("is_inspected", [False, True])
def test_goods_are_received_and_inspected_when_they_were_checked(shop, action, is_inspected):
    order = store_order(shop, lines=(make_line(1, quantity=2, price=Decimal(100_000)),))
    case = make_case(shop, state=CaseState.PENDING_RECEIVE, order=order, quantity=2)
    case = act(case, action, Inputs(reason="One was missing.", quantity=1, is_inspected=is_inspected))
    parcel = case.return_parcels.get()
    assert parcel.state == (ReturnState.INSPECTED if is_inspected else ReturnState.RECEIVED)
    assert parcel.received_at == case.state_entered_at
    assert parcel.inspected_at == (parcel.received_at if is_inspected else None)


def test_goods_that_are_rejected_keep_why_and_what_was_seen(shop):
    images = ("https://img.example.test/1.jpg",)
    case = make_case(shop, state=CaseState.PENDING_RECEIVE)
    act(case, Action.REJECT_RECEIPT, Inputs(reason="Not our product.", images=images))
    parcel = case.return_parcels.get()
    assert (parcel.state, parcel.rejection_reason, parcel.images) == ("REJECTED", "Not our product.", list(images))
    assert parcel.received_at is not None


def test_of_an_exchange_as_many_go_out_as_were_accepted(shop):
    order = store_order(shop, lines=(make_line(1, quantity=3, price=Decimal(100_000)),))
    case = make_case(shop, CaseType.EXCHANGE, CaseState.PENDING_RECEIVE, order=order, quantity=3)
    before = case.exchanges.get()
    assert [item["quantity"] for item in (*before.old_items, *before.new_items)] == [3, 3]
    act(case, Action.PARTIAL_RECEIPT, Inputs(reason="One was missing.", quantity=2))
    after = case.exchanges.get()
    assert [item["quantity"] for item in (*after.old_items, *after.new_items)] == [2, 2]
    assert act(case, Action.SHIP_REPLACEMENT).state == CaseState.PENDING_EXCHANGE


def test_what_is_sent_once_more_comes_back_from_nobody(shop):
    exchange = make_case(shop, CaseType.RESEND, CaseState.PENDING_EXCHANGE).exchanges.get()
    assert (exchange.old_items, len(exchange.new_items)) == ([], 1)


def test_a_replacement_is_kept_with_its_carrier_and_number_and_its_end(shop):
    case = make_case(shop, CaseType.RESEND, CaseState.PENDING_EXCHANGE)
    with pytest.raises(NotAllowed, match="not sent yet"):
        act(case, Action.REPLACEMENT_RECEIVED)
    act(case, Action.SHIP_REPLACEMENT)
    act(case, Action.REPLACEMENT_RECEIVED)
    exchange = case.exchanges.get()
    assert (exchange.carrier, exchange.tracking_number) == (make_carrier(), "JT0000000002")
    assert exchange.shipped_at is not None
    assert exchange.completed_at is not None


def test_a_refund_keeps_how_it_was_sent_why_it_failed_and_what_paid_it(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    act(case, Action.START_REFUND, Inputs(method="Bank"))
    failed = act(case, Action.REFUND_FAILED).refunds.get()
    assert (failed.failure_reason, failed.method) == (BY_STAFF[Action.REFUND_FAILED].reason, "Bank")
    assert failed.ended_at is not None
    assert act(case, Action.START_REFUND).refunds.get().ended_at is None
    paid = act(case, Action.REFUND_SUCCEEDED, Inputs(transaction="T-1", method="Cash")).refunds.get()
    assert (paid.state, paid.refund_transaction, paid.method) == (RefundState.SUCCESS, "T-1", "Cash")


def test_a_refund_that_failed_is_sent_again_before_it_is_paid_or_fails_again(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    act(case, Action.REFUND_FAILED)
    with pytest.raises(NotAllowed, match="failed and was not sent again"):
        act(case, Action.REFUND_SUCCEEDED)
    with pytest.raises(NotAllowed, match="known to have failed already"):
        act(case, Action.REFUND_FAILED)
    refund = case.refunds.get()
    assert (refund.state, refund.retry_count) == (RefundState.FAILED, 1)


def test_a_refund_that_failed_for_good_is_tried_anew_once_customer_service_lets_the_case_go_on(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    for _ in range(3):
        act(case, Action.START_REFUND)
        act(case, Action.REFUND_FAILED)
    act(case, Action.ESCALATE)
    assert act(case, Action.RESOLVE_BACK).state == CaseState.PENDING_REFUND
    given_up, anew = case.refunds.order_by("pk")
    assert (given_up.state, given_up.retry_count) == (RefundState.CANCELLED, 3)
    assert (anew.state, anew.retry_count, anew.amount) == (RefundState.PENDING, 0, given_up.amount)
    assert anew.idempotency_key != given_up.idempotency_key
    assert case.log.filter(action="REQUEST_REFUND").count() == 2
    assert act(case, Action.REFUND_SUCCEEDED).state == CaseState.COMPLETED


def test_a_refund_that_may_still_be_tried_stays_the_same_where_a_case_goes_on(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    act(case, Action.REFUND_FAILED)
    act(case, Action.ESCALATE)
    act(case, Action.RESOLVE_BACK)
    assert case.refunds.get().state == RefundState.FAILED
