"""Every way of a case, by the one function that moves cases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from aftersales.choices import ExchangeState, RefundState, ReturnState
from aftersales.models import Case
from aftersales.services.asking import SYNC, SYSTEM, Ask, Inputs, NotAllowed, Unacceptable
from aftersales.services.moving import move_cases
from aftersales.states import COUNTDOWN, Action, CaseState, CaseType
from backoffice.common import clock
from tests.factories.cases import BUYER, STAFF, act, make_case, make_due
from tests.factories.claims import ask_one, make_claimable, tell_case
from tests.factories.orders import store_order
from tests.factories.records import make_line

pytestmark = pytest.mark.django_db


def last_of(case):
    return case.log.order_by("-pk")[0]


def states_of(case):
    return [(row.previous_state, row.action, row.state) for row in case.log.order_by("pk")]


def test_a_return_with_refund_goes_through_every_state_to_its_end(shop):
    case = make_case(shop, CaseType.RETURN_REFUND)
    seen = [case.state]
    for action in (Action.APPROVE, Action.FILL_SHIPMENT, Action.CONFIRM_RECEIPT, Action.REFUND_SUCCEEDED):
        seen.append(act(case, action).state)
    assert seen == ["PENDING_APPROVAL", "PENDING_RETURN", "PENDING_RECEIVE", "PENDING_REFUND", "COMPLETED"]
    assert states_of(case) == [
        ("", "CREATE", "PENDING_APPROVAL"),
        ("PENDING_APPROVAL", "APPROVE", "APPROVED"),
        ("APPROVED", "STATE_CHANGE", "PENDING_RETURN"),
        ("PENDING_RETURN", "SHIP_RETURN", "PENDING_RECEIVE"),
        ("PENDING_RECEIVE", "RECEIVE_RETURN", "PENDING_REFUND"),
        ("PENDING_REFUND", "REQUEST_REFUND", "PENDING_REFUND"),
        ("PENDING_REFUND", "COMPLETE_REFUND", "COMPLETED"),
    ]
    assert case.refunds.get().state == RefundState.SUCCESS
    assert case.return_parcels.get().state == ReturnState.RECEIVED
    assert not case.lines.get().holds_line


def test_an_exchange_ends_when_its_replacement_has_arrived(shop):
    case = make_case(shop, CaseType.EXCHANGE, CaseState.COMPLETED)
    assert case.exchanges.get().state == ExchangeState.COMPLETED
    assert not case.refunds.exists()


@pytest.mark.parametrize("state", [state for state in CaseState if state not in ("APPROVED", "TIMEOUT", "UNKNOWN")])
def test_a_deadline_stands_exactly_where_a_countdown_runs(shop, state):
    kind = CaseType.EXCHANGE if state == CaseState.PENDING_EXCHANGE else CaseType.RETURN_REFUND
    case = make_case(shop, kind, state)
    assert case.state == state
    assert (case.auto_process_time is not None) == (state in COUNTDOWN)


def test_nothing_leaves_an_end(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.CANCELLED)
    for action in (Action.APPROVE, Action.REJECT, Action.CANCEL, Action.ESCALATE, Action.AMEND):
        with pytest.raises(NotAllowed, match="Possible now"):
            act(case, action)
    assert Case.objects.get(pk=case.pk).state == "CANCELLED"
    assert case.log.count() == 2


def test_the_third_rejection_escalates(shop):
    case = make_case(shop)
    for _ in range(2):
        for action in (Action.REJECT, Action.AMEND, Action.SUBMIT):
            act(case, action)
    assert act(case, Action.REJECT).state == CaseState.CS_INTERVENTION
    assert act(case, Action.RESOLVE_BACK).state == CaseState.REJECTED


def test_an_action_in_a_state_that_does_not_take_it_changes_nothing(shop):
    case = make_case(shop, CaseType.RETURN_REFUND, CaseState.PENDING_RECEIVE)
    before = Case.objects.values().get(pk=case.pk)
    with pytest.raises(NotAllowed) as refused:
        act(case, Action.CANCEL)
    assert Action.CONFIRM_RECEIPT in refused.value.allowed
    assert Case.objects.values().get(pk=case.pk) == before


@pytest.mark.parametrize(
    ("state", "action", "inputs", "field"),
    [
        (CaseState.PENDING_APPROVAL, Action.REJECT, Inputs(reason=" \x00 "), "reason"),
        (CaseState.PENDING_APPROVAL, Action.REJECT, Inputs(reason="x" * 2_001), "reason"),
        (CaseState.PENDING_APPROVAL, Action.CHANGE_AMOUNT, Inputs(reason="x", amount=Decimal("-1")), "amount"),
        (CaseState.PENDING_APPROVAL, Action.CHANGE_AMOUNT, Inputs(reason="x", amount=Decimal("100001")), "amount"),
        (CaseState.PENDING_APPROVAL, Action.CHANGE_AMOUNT, Inputs(reason="x", amount=Decimal("0.5")), "amount"),
        (CaseState.PENDING_APPROVAL, Action.CHANGE_AMOUNT, Inputs(reason="x", amount=Decimal("NaN")), "amount"),
        (CaseState.PENDING_APPROVAL, Action.CHANGE_AMOUNT, Inputs(reason="x", amount=Decimal("1e999999")), "amount"),
        (CaseState.PENDING_APPROVAL, Action.CHANGE_AMOUNT, Inputs(amount=Decimal(1)), "reason"),
        (CaseState.PENDING_RETURN, Action.FILL_SHIPMENT, Inputs(carrier="nobody", tracking_number="A1"), "carrier"),
        (
            CaseState.PENDING_RETURN,
            Action.FILL_SHIPMENT,
            Inputs(carrier="jt", tracking_number="A-1"),
            "tracking_number",
        ),
        (CaseState.PENDING_RETURN, Action.FILL_SHIPMENT, Inputs(carrier="jt", tracking_number="é1"), "tracking_number"),
        (
            CaseState.PENDING_RETURN,
            Action.FILL_SHIPMENT,
            Inputs(carrier="jt", tracking_number="A" * 51),
            "tracking_number",
        ),
        (CaseState.PENDING_RECEIVE, Action.PARTIAL_RECEIPT, Inputs(reason="x", quantity=1), "quantity"),
        (CaseState.PENDING_RECEIVE, Action.PARTIAL_RECEIPT, Inputs(reason="x", quantity=-1), "quantity"),
        (CaseState.PENDING_RECEIVE, Action.REJECT_RECEIPT, Inputs(reason="x", images=("a",) * 10), "images"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(shop, state, action, inputs, field):
    case = make_case(shop, CaseType.RETURN_REFUND, state)
    with pytest.raises(Unacceptable) as refused:
        act(case, action, inputs)
    assert refused.value.field == field
    assert Case.objects.get(pk=case.pk).state == state


def test_an_amount_is_changed_with_its_reason_and_both_values_in_the_log(shop):
    case = make_case(shop)
    changed = act(case, Action.CHANGE_AMOUNT, Inputs(reason="A part was used.", amount=Decimal(60_000)))
    row = last_of(case)
    assert [changed.amount, changed.requested_amount] == [Decimal(60_000), Decimal(100_000)]
    assert changed.is_amount_modified
    assert (row.text, row.context["amount"]) == ("A part was used.", ["100000", "60000"])
    assert changed.auto_process_time == case.auto_process_time  # the countdown goes on
    act(case, Action.APPROVE)
    act(case, Action.FILL_SHIPMENT)
    act(case, Action.CONFIRM_RECEIPT)
    assert case.refunds.get().amount == 60_000


def test_a_part_of_the_goods_is_accepted_for_a_part_of_the_money(shop):
    order = store_order(shop, lines=(make_line(1, quantity=3, price=Decimal(100_000)),))
    case = make_case(shop, order=order, quantity=3, amount=Decimal(300_000), state=CaseState.PENDING_RECEIVE)
    act(case, Action.PARTIAL_RECEIPT, Inputs(reason="One was missing.", quantity=2))
    assert case.refunds.get().amount == 200_000
    line = case.lines.get()
    assert (line.quantity, line.requested_quantity, line.amount) == (2, 3, Decimal(200_000))
    assert case.log.get(action="RECEIVE_RETURN").context["quantity"] == [3, 2]


def test_a_refund_that_was_sent_and_not_answered_blocks_another_one(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    key = case.refunds.get().idempotency_key
    act(case, Action.START_REFUND)
    with pytest.raises(NotAllowed, match="in doubt"):
        act(case, Action.START_REFUND)
    act(case, Action.REFUND_FAILED)
    act(case, Action.START_REFUND)
    act(case, Action.REFUND_SUCCEEDED, Inputs(transaction="T-1"))
    refund = case.refunds.get()
    assert (refund.state, refund.retry_count, refund.idempotency_key) == (RefundState.SUCCESS, 1, key)


def test_a_refund_is_sent_again_three_times_at_most(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    for _ in range(3):
        act(case, Action.START_REFUND)
        act(case, Action.REFUND_FAILED)
    with pytest.raises(NotAllowed, match="failed 3 times"):
        act(case, Action.START_REFUND)
    assert act(case, Action.ESCALATE).state == CaseState.CS_INTERVENTION


def test_money_on_its_way_cannot_be_given_up(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    act(case, Action.START_REFUND)
    act(case, Action.ESCALATE)
    for action in (Action.RESOLVE_REJECT, Action.RESOLVE_CANCEL):
        with pytest.raises(NotAllowed, match="sent already"):
            act(case, action)
    assert act(case, Action.RESOLVE_BACK).state == CaseState.PENDING_REFUND
    assert case.refunds.get().state == RefundState.PROCESSING


def test_rejected_goods_end_their_parcel_and_a_new_approval_begins_another(shop):
    case = make_case(shop, CaseType.RETURN_REFUND, CaseState.PENDING_RECEIVE)
    for action in (Action.REJECT_RECEIPT, Action.AMEND, Action.SUBMIT, Action.APPROVE):
        act(case, action)
    assert [one.state for one in case.return_parcels.order_by("pk")] == [ReturnState.REJECTED, ReturnState.PENDING]


@pytest.mark.parametrize("case_type", [CaseType.RETURN_REFUND, CaseType.EXCHANGE])
@pytest.mark.parametrize("is_received", [False, True])
def test_goods_that_are_here_or_on_their_way_are_not_awaited_again_after_a_rejection(shop, case_type, is_received):
    case = make_case(shop, case_type, CaseState.PENDING_RECEIVE)
    goods_at = act(case, Action.CONFIRM_RECEIPT).state if is_received else CaseState.PENDING_RECEIVE
    for action in (Action.ESCALATE, Action.RESOLVE_REJECT, Action.AMEND, Action.SUBMIT):
        act(case, action)
    assert act(case, Action.APPROVE).state == goods_at
    if not is_received:
        act(case, Action.CONFIRM_RECEIPT)
    if case_type == CaseType.EXCHANGE:
        act(case, Action.SHIP_REPLACEMENT)
    ending = Action.REPLACEMENT_RECEIVED if case_type == CaseType.EXCHANGE else Action.REFUND_SUCCEEDED
    assert act(case, ending).state == CaseState.COMPLETED
    assert case.return_parcels.count() == 1


def test_a_closed_case_gives_up_what_it_had_begun(shop):
    case = make_case(shop, CaseType.EXCHANGE, CaseState.PENDING_RETURN)
    act(case, Action.CANCEL)
    assert case.return_parcels.get().state == ReturnState.CANCELLED
    assert case.exchanges.get().state == ExchangeState.CANCELLED


def test_entering_a_countdown_again_starts_it_anew(shop):
    case = make_case(shop)
    make_due(case)
    alerted = act(case, Action.TIMEOUT_ALERT, operator=SYSTEM)
    assert (alerted.state, alerted.timed_out_at is not None) == ("PENDING_APPROVAL", True)
    act(case, Action.REJECT)
    act(case, Action.AMEND)
    again = act(case, Action.SUBMIT)
    assert again.timed_out_at is None
    assert again.auto_process_time is not None
    assert again.auto_process_time > clock.now()


def test_a_rejected_case_cannot_take_back_what_another_case_has_claimed_since(shop):
    first = make_case(shop, CaseType.REFUND_ONLY, CaseState.REJECTED)
    second = make_case(shop, CaseType.REFUND_ONLY, order=first.order)
    for action in (Action.AMEND, Action.ESCALATE):
        with pytest.raises(NotAllowed, match="another case"):
            act(first, action)
    for action in (Action.APPROVE, Action.REFUND_SUCCEEDED):
        act(second, action)
    with pytest.raises(NotAllowed, match="more pieces or money"):
        act(first, Action.AMEND)


def test_who_may_not_act_is_refused(shop):
    case = make_case(shop)
    for action, operator in ((Action.APPROVE, BUYER), (Action.TIMEOUT_APPROVE, STAFF), (Action.SYNC, STAFF)):
        with pytest.raises(NotAllowed):
            act(case, action, operator=operator)
    assert Case.objects.get(pk=case.pk).state == "PENDING_APPROVAL"


def test_a_marketplaces_case_moves_only_as_the_marketplace_says(shop):
    case = make_case(shop)
    Case.objects.filter(pk=case.pk).update(origin="MARKETPLACE")
    with pytest.raises(NotAllowed, match="marketplace decides"):
        act(case, Action.APPROVE)
    told_at = clock.now() - timedelta(hours=80)
    moved = act(case, Action.SYNC, Inputs(told=CaseState.PENDING_RECEIVE, told_at=told_at), operator=SYNC)
    assert moved.state == CaseState.PENDING_RECEIVE
    assert moved.auto_process_time == told_at + timedelta(hours=72)  # counted from the marketplace's own time
    assert not case.return_parcels.exists()


def test_a_batch_moves_who_can_and_says_of_the_others_why_not(shop):
    open_one, ended = make_case(shop), make_case(shop, CaseType.REFUND_ONLY, CaseState.CANCELLED)
    moved = move_cases({one.pk: Ask(Action.APPROVE) for one in (open_one, ended)}, STAFF)
    assert [case.pk for case in moved.cases] == [open_one.pk]
    assert list(moved.refused) == [ended.pk]
    assert ended.log.count() == 2


def test_the_database_refuses_to_change_the_log(shop):
    case = make_case(shop)
    for change in (lambda: case.log.update(text="x"), lambda: case.log.all().delete()):
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            change()


def test_money_goes_out_once_where_a_marketplace_refunds_what_is_asked_for_here_too(shop):
    order = store_order(shop, lines=(make_line(1, price=Decimal(100_000)),))
    sent = make_case(shop, CaseType.REFUND_ONLY, CaseState.CANCELLED, order=order)
    case = make_case(shop, CaseType.REFUND_ONLY, order=order)
    Case.objects.filter(pk=sent.pk).update(origin="MARKETPLACE", state="COMPLETED")
    with pytest.raises(NotAllowed, match="more pieces or money"):
        act(case, Action.APPROVE)
    assert not case.refunds.exists()
    Case.objects.filter(pk=sent.pk).update(state="CANCELLED")
    act(case, Action.APPROVE)
    Case.objects.filter(pk=sent.pk).update(state="COMPLETED")
    with pytest.raises(NotAllowed, match="more pieces or money"):
        act(case, Action.START_REFUND)


@pytest.mark.parametrize("line", ["", "line-1"], ids=["no line named", "no money told of the line"])
def test_money_that_a_marketplace_gave_back_for_the_order_does_not_go_out_again(shop, line):
    order = make_claimable(shop)
    case = ask_one(order, 1)
    told = tell_case(order, CaseState.COMPLETED, line=line, amount="66.67")
    told.lines.update(amount=None)
    assert act(case, Action.APPROVE).state == CaseState.PENDING_RETURN  # 33.33 of 100.00 are left
    for action in (Action.FILL_SHIPMENT, Action.CONFIRM_RECEIPT):
        act(case, action)
    Case.objects.filter(pk=told.pk).update(amount=Decimal("66.68"))
    with pytest.raises(NotAllowed, match="more money than was paid for the order"):
        act(case, Action.START_REFUND)
    assert case.refunds.get().state == RefundState.PENDING
    for action in (Action.ESCALATE, Action.RESOLVE_REJECT):
        act(case, action)
    with pytest.raises(NotAllowed, match="more money than was paid for the order"):
        act(case, Action.AMEND)


def test_money_that_a_marketplace_gave_back_for_the_line_does_not_go_out_again_although_the_order_has_more(shop):
    order = make_claimable(shop, total_amount=Decimal(500))  # with shipping; the line's three pieces cost 100.00
    case = ask_one(order, 1)
    tell_case(order, CaseState.COMPLETED, amount="95")
    with pytest.raises(NotAllowed, match="more pieces or money than the line has"):
        act(case, Action.APPROVE)


def test_a_buyer_does_not_say_that_money_was_paid(shop):
    case = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    for action in (Action.START_REFUND, Action.REFUND_SUCCEEDED, Action.REFUND_FAILED):
        with pytest.raises(NotAllowed, match="not for buyer"):
            act(case, action, operator=BUYER)
    assert case.refunds.get().state == RefundState.PENDING
