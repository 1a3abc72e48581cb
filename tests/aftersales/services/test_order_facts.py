"""What refunds and replacements take over from the orders of their cases."""

from decimal import Decimal

import pytest

from aftersales.models import Case
from aftersales.states import Action, CaseState, CaseType
from orders.services.matching import match_transactions
from shops.marketplaces.records import Recipient, RecipientClarity, TransactionKind
from tests.factories.cases import act, make_case
from tests.factories.orders import store_order
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def settle(case: Case, number: str, kind: TransactionKind = TransactionKind.SETTLEMENT) -> None:
    """Let money move for the order of a case."""
    store_record(
        case.shop, "transaction", number, kind=kind, amount=Decimal(90_000), currency="VND",
        order_external_id=case.order_external_id,
    )  # fmt: skip
    match_transactions()


def test_a_refund_names_the_transaction_that_settled_its_order(shop):
    case = make_case(shop, CaseType.REFUND_ONLY)
    settle(case, "fee-1", TransactionKind.FEE)
    settle(case, "paid-1")
    act(case, Action.APPROVE)
    assert case.refunds.get().original_transaction == "paid-1"


def test_an_order_that_is_settled_later_is_named_when_the_refund_is_sent(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    assert case.refunds.get().original_transaction == ""
    settle(case, "paid-1")
    act(case, Action.START_REFUND)
    assert case.refunds.get().original_transaction == "paid-1"


@pytest.mark.parametrize("numbers", [("paid-1", "paid-2"), ("x" * 101,)], ids=["several", "too long to be kept whole"])
def test_no_transaction_is_named_where_none_is_the_one(shop, numbers):
    case = make_case(shop, CaseType.REFUND_ONLY)
    for number in numbers:
        settle(case, number)
    act(case, Action.APPROVE)
    assert case.refunds.get().original_transaction == ""


@pytest.mark.parametrize(("case_type", "state"), [
    (CaseType.EXCHANGE, CaseState.PENDING_RETURN), (CaseType.RESEND, CaseState.PENDING_EXCHANGE),
])  # fmt: skip
def test_a_replacement_goes_where_the_order_went_then(shop, case_type, state):
    recipient = Recipient(
        name="Test Buyer", phone="+84 90", full_address="1 Test Street", clarity=RecipientClarity.CLEAR
    )
    told = {"name": "Test Buyer", "phone": "+84 90", "full_address": "1 Test Street"}
    order = store_order(shop, recipient=recipient)
    case = make_case(shop, case_type, state, order=order)
    assert case.exchanges.get().delivery_address == told
    order.recipient_name = "Somebody Else"
    order.save()
    act(case, Action.ESCALATE)
    act(case, Action.RESOLVE_BACK)
    assert case.exchanges.get().delivery_address == told


def test_of_an_order_that_tells_no_address_none_is_known(shop):
    case = make_case(shop, CaseType.RESEND, CaseState.PENDING_EXCHANGE, order=store_order(shop, recipient=Recipient()))
    assert case.exchanges.get().delivery_address == {}
