"""Defects that systems of this kind are known for, each by its number in the list of them."""

from decimal import Decimal

import pytest

from aftersales.models import Case
from aftersales.services.creating import NoneCreated, preview_order
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import act
from tests.factories.claims import ask, ask_one, make_claimable
from tests.factories.races import at_once
from tests.factories.records import make_line
from tests.factories.shops import make_shop

TO_REFUND = (Action.APPROVE, Action.FILL_SHIPMENT, Action.CONFIRM_RECEIPT)


@pytest.fixture
def order(db):
    """Three pieces, 100.00 USD together."""
    return make_claimable(make_shop())


def take(case, *actions):
    for action in actions:
        case = act(case, action)
    return case


def test_defect_01_every_entry_into_a_countdown_state_sets_the_deadline(order):
    case = ask_one(order)
    seen: dict[str, float] = {}
    for action in (None, Action.APPROVE, Action.FILL_SHIPMENT):
        case = act(case, action) if action else case
        assert case.auto_process_time is not None
        seen[case.state] = (case.auto_process_time - case.state_entered_at).total_seconds() / 3600
    assert seen == {"PENDING_APPROVAL": 72, "PENDING_RETURN": 168, "PENDING_RECEIVE": 72}
    first = case.auto_process_time
    again = take(act(case, Action.REJECT_RECEIPT), Action.AMEND, Action.SUBMIT)
    assert again.state == CaseState.PENDING_APPROVAL
    assert again.auto_process_time > first


@pytest.mark.parametrize("ending", [Action.CANCEL, Action.REJECT])
def test_defect_10_what_is_left_is_right_after_a_case_that_came_to_nothing(order, ending):
    take(ask_one(order, quantity=2), ending)
    (preview,) = preview_order(order)
    assert (preview.claimed_quantity, preview.left_quantity) == (0, 3)
    assert preview.refundable_amount == Decimal("100.00")
    assert ask_one(order, quantity=3).amount == Decimal("100.00")


def test_defect_11_a_completed_case_does_not_keep_the_rest_of_its_line_from_being_claimed(order):
    first = take(ask_one(order), *TO_REFUND, Action.REFUND_SUCCEEDED)
    assert first.state == CaseState.COMPLETED
    second = ask_one(order)
    assert second.state == CaseState.PENDING_APPROVAL
    assert preview_order(order)[0].left_quantity == 1


def test_defect_12_one_of_three_refunds_a_third_and_three_make_the_whole(order):
    amounts = []
    for _ in range(3):
        case = take(ask_one(order), *TO_REFUND, Action.REFUND_SUCCEEDED)
        amounts.append(case.refunds.get().amount)
    assert amounts == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert sum(amounts) == Decimal("100.00")
    with pytest.raises(NoneCreated, match="as many as it may"):
        ask(order)


def test_defect_13_what_binary_fractions_cannot_hold_is_kept_exactly(db):
    price = Decimal("9007199254740.93")  # more digits than a binary fraction of 53 bits holds
    order = make_claimable(make_shop(), make_line(1, quantity=3, price=price, currency="USD"), total_amount=price * 3)
    amounts = [take(ask_one(order), *TO_REFUND, Action.REFUND_SUCCEEDED).refunds.get().amount for _ in range(3)]
    assert sum(amounts) == price * 3
    assert {type(amount) for amount in amounts} == {Decimal}


def test_defect_13_a_refund_is_in_the_currency_that_was_paid(db):
    order = make_claimable(make_shop(currency="VND"), currency="USD")
    case = take(ask_one(order, type=CaseType.REFUND_ONLY), Action.APPROVE)
    assert (case.currency, case.refunds.get().currency) == ("USD", "USD")


@pytest.mark.django_db(transaction=True)
def test_defect_16_of_parallel_creations_one_wins_and_the_others_are_told_why():
    order = make_claimable(make_shop())
    outcomes = at_once(lambda: ask(order), times=4)
    won = [one for one in outcomes if not isinstance(one, Exception)]
    lost = [one for one in outcomes if isinstance(one, Exception)]
    assert len(outcomes) == 4
    assert len(won) == 1
    assert {type(one) for one in lost} == {NoneCreated}
    assert {str(one) for one in lost} == {"No case was made. Another case of this order line is open."}
    assert Case.objects.get().lines.get().holds_line


@pytest.mark.django_db(transaction=True)
def test_defect_16_a_rejected_case_is_not_taken_up_again_beside_a_new_one():
    order = make_claimable(make_shop())
    rejected = take(ask_one(order), Action.REJECT)
    asks = [lambda: ask(order), lambda: act(rejected, Action.AMEND)]
    outcomes = at_once(lambda: asks.pop()(), times=2)
    assert len(outcomes) == 2
    assert len([one for one in outcomes if isinstance(one, Exception)]) == 1
    assert Case.objects.filter(lines__holds_line=True).count() == 1
