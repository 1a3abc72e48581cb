"""Random requests and actions by several actors, also at once: whatever they try, money, pieces, log and clock agree.

MUTATIONS decides how many blocks of sequences are tried, one for every 500 (`make fuzz`). A block has seeds of its own,
so that what broke breaks again.
"""

import os
from dataclasses import replace
from decimal import Decimal
from itertools import count, pairwise
from random import Random

import pytest
from django.db import transaction

from aftersales.choices import RefundState
from aftersales.models import Case, CaseLine
from aftersales.services.asking import SYNC, SYSTEM, Inputs, NotAllowed, Unacceptable
from aftersales.services.creating import LineRequest, NoneCreated
from aftersales.services.moving import move_case
from aftersales.services.reviewing import review_case
from aftersales.states import (
    ACTIVE,
    COUNTDOWN,
    MOVES,
    NOT_CLAIMING,
    TERMINAL,
    WITH_MONEY,
    Action,
    CaseState,
    CaseType,
    list_allowed,
)
from orders.models import Order
from tests.factories.cases import BUYER, STAFF, make_carrier, set_policy
from tests.factories.claims import ask, make_claimable
from tests.factories.races import at_once
from tests.factories.records import make_line
from tests.factories.shops import make_shop

SEQUENCES, STEPS = 4, 40  # of some ten statements each
BLOCKS = max(int(os.environ.get("MUTATIONS", "0")) // 500, 1)
REFUSALS = (NotAllowed, Unacceptable, NoneCreated)
PIECES = {"line-1": 3, "line-2": 1}
PAID = {"line-1": Decimal("100.00"), "line-2": Decimal("0.05")}
LIKELY = Inputs(reason="As agreed.", carrier="jt", tracking_number="JT1", quantity=1)
BY_HAND_OR_CLOCK = tuple(action for action in Action if action != Action.SYNC)
Happened = set[str]


def prepare() -> Order:
    """An order with 3 pieces of an uneven price and a cheap one, in a shop where rules review and claims are many."""
    shop = make_shop()
    make_carrier()
    set_policy(shop, claims_per_line=1000, reviews_automatically=True)
    lines = (
        make_line(1, quantity=3, price=Decimal("33.3333"), currency="USD"),
        make_line(2, price=Decimal("0.05"), currency="USD"),
    )
    return make_claimable(shop, *lines, total_amount=Decimal("100.05"))


def step(order: Order, chance: Random, happened: Happened) -> None:
    """Ask for a line, or do something to one of the cases: mostly what fits. A clear refusal is an answer, too."""
    cases = list(Case.objects.filter(order=order).order_by("pk"))
    is_wild = chance.random() < 0.2
    unended = [case for case in cases if case.state not in TERMINAL]
    case = chance.choice([None, *cases] if is_wild else [None, *unended * 4])
    try:
        with transaction.atomic():
            happened.add(claim(order, chance, is_wild) if case is None else act_somehow(case, chance, is_wild))
    except REFUSALS as refusal:
        assert str(refusal)
        happened.add(f"refused: {type(refusal).__name__}")


def claim(order: Order, chance: Random, is_wild: bool) -> str:
    line = chance.choice(["line-1", "line-2", "line-3"] if is_wild else ["line-1", "line-1", "line-2"])
    quantity = chance.choice([0, 4] if is_wild else [1, 2, 3] if line == "line-1" else [1])
    amount = choose_amount(PAID.get(line, Decimal(1)) / 3, chance, is_wild)
    kind = chance.choice([CaseType.REFUND_ONLY, CaseType.RETURN_REFUND, CaseType.EXCHANGE, CaseType.RESEND])
    wanted = LineRequest(line, quantity, amount if kind in WITH_MONEY else None)
    reason = chance.choice(["dont_want", "quality_issue"])
    (case,) = ask(order, wanted, type=kind, reason=reason).cases
    if chance.random() < 0.3:
        review_case(case.pk)
    return "create"


def choose_amount(most: Decimal, chance: Random, is_wild: bool) -> Decimal | None:
    if is_wild:
        return chance.choice([most + Decimal("0.01"), Decimal(-1), Decimal("0.001")])
    return chance.choice([None, round(most * chance.randint(0, 100) / 100, 2)])


def act_somehow(case: Case, chance: Random, is_wild: bool) -> Action:
    fitting = list_allowed(case.case_state, case.case_type, case.case_origin, BY_HAND_OR_CLOCK)
    action = chance.choice(tuple(Action) if is_wild and chance.random() < 0.5 else fitting)
    actors = [one for one in (STAFF, BUYER, SYSTEM) if one.kind in MOVES[action].actors]
    operator = chance.choice([STAFF, BUYER, SYSTEM, SYNC] if is_wild or not actors else actors)
    amount = choose_amount(case.requested_amount or Decimal(0), chance, is_wild)
    inputs = replace(LIKELY, amount=amount, quantity=chance.randint(0, 3))
    move_case(case.pk, action, operator, replace(inputs, reason="") if is_wild else inputs)
    return action


def check(order: Order) -> None:
    """Whatever was done, this holds."""
    lines = list(CaseLine.objects.filter(order=order).select_related("case"))
    for name, paid in PAID.items():
        of_line = [line for line in lines if line.order_line_external_id == name]
        claiming = [line for line in of_line if line.case.state not in NOT_CLAIMING]
        active = [line for line in of_line if line.case.state in ACTIVE]
        assert sum(line.quantity for line in claiming) <= PIECES[name]
        assert sum((line.amount or Decimal(0) for line in claiming), Decimal(0)) <= paid
        assert sum((refunded_of(line.case) for line in of_line), Decimal(0)) <= paid
        assert len(active) <= 1
        assert [line for line in of_line if line.holds_line] == active
    for line in lines:
        check_case(line.case)


def refunded_of(case: Case) -> Decimal:
    live = case.refunds.exclude(state=RefundState.CANCELLED)
    return sum((refund.amount or Decimal(0) for refund in live), Decimal(0))


def check_case(case: Case) -> None:
    assert (case.auto_process_time is not None) == (case.state in COUNTDOWN)
    assert (case.completed_at is not None) == (case.state in TERMINAL)
    live = [one.state for one in case.refunds.exclude(state=RefundState.CANCELLED)]
    assert len(live) <= 1
    if case.state == CaseState.PENDING_REFUND:
        assert len(live) == 1
        assert live != [RefundState.SUCCESS]
    if case.state in NOT_CLAIMING:
        assert live == []
    entries = list(case.log.order_by("pk"))
    assert (entries[0].action, entries[0].previous_state) == ("CREATE", "")
    assert entries[-1].state == case.state
    for earlier, later in pairwise(entries):
        assert later.previous_state == earlier.state
        assert later.at >= earlier.at
        assert earlier.state == later.state or earlier.state not in TERMINAL


@pytest.mark.django_db
@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_sequence_of_requests_and_actions_breaks_what_must_hold(block: int) -> None:
    order = prepare()
    happened: Happened = set()
    for seed in range(block * SEQUENCES, (block + 1) * SEQUENCES):
        chance = Random(seed)
        with transaction.atomic():
            for number in range(STEPS):
                step(order, chance, happened)
                if number % 20 == 19:
                    check(order)
            transaction.set_rollback(True)
    # Else the sequences tried nothing.
    assert {"create", "refused: NotAllowed", "refused: Unacceptable", "refused: NoneCreated"} <= happened
    assert len(happened & set(Action)) > len(Action) / 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_neither_do_several_actors_at_once(block: int) -> None:
    order = prepare()
    happened: Happened = set()
    seeds = count(block * 3)

    def act_on() -> bool:
        chance = Random(next(seeds))
        for _ in range(STEPS):
            step(order, chance, happened)
        return True

    assert at_once(act_on, times=3) == [True] * 3
    check(order)
    assert "create" in happened
