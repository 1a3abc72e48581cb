"""Every delivered order is settled once, with sums that agree to the last minor unit."""

import random

import pytest

from shops.sandbox.aftersales import Cases
from shops.sandbox.life import TIMINGS, time_of
from shops.sandbox.money import Settlements, settled_at, statement_day
from tests.shops.sandbox.test_aftersales import HOUR, US, VN, WORLD, shop_in


@pytest.fixture(scope="module", params=[VN, US], ids=["VN", "US"])
def settlements(request):
    lives, goods = shop_in(request.param)
    return Settlements(lives, goods, Cases(lives, goods))


@pytest.fixture(scope="module")
def lives():
    return shop_in(VN)[0]


def test_windows_find_what_a_walk_finds(settlements, lives):
    as_of = WORLD.epoch
    states = lives.states_in(lives.created_range(None, None, as_of), as_of)
    everything = [found for state in states if (found := settlements.of(state, as_of))]
    assert len(everything) > 1000
    assert [one.order.position for one in settlements.between(None, None, as_of)] == [
        one.order.position for one in everything
    ]
    draw = random.Random(5)
    for _ in range(10):
        start = draw.randrange(WORLD.start, as_of)
        end = start + draw.randrange(12 * HOUR)
        found = [one.order.position for one in settlements.between(start, end, as_of)]
        assert found == [one.order.position for one in everything if start <= one.settled < end]


def test_nothing_is_settled_before_its_time(settlements, lives):
    for state in lives.states_in(range(300), WORLD.epoch + 9 * 86_400):
        moment = settled_at(state)
        if moment is None:
            assert "delivered" not in state.path.path.events
            continue
        assert moment >= time_of(TIMINGS["delivered"], state.digest, state.created) + 12 * HOUR
        assert settlements.of(state, moment - 1) is None
        assert settlements.of(state, moment).settled == moment


def test_refunds_are_in_the_row_of_their_order(settlements):
    refunded = [one for one in settlements.between(None, None, WORLD.epoch) if one.refund]
    assert len(refunded) > 20
    for one in settlements.between(None, None, WORLD.epoch):
        assert -one.revenue <= one.refund <= 0
        assert one.net == one.revenue + one.refund + one.fees + one.shipping + one.tax
        assert one.commission <= 0 <= one.shipping_charged
        assert one.shipping_paid <= 0


def test_a_few_rows_a_day_belong_to_no_order(settlements):
    day = statement_day(WORLD.epoch) - 2 * 86_400
    found = list(settlements.adjustments_between(day, day + 3 * 86_400, WORLD.epoch + 2 * 86_400))
    assert 6 <= len(found) <= 12
    assert {one.kind for one in found} == {"withdrawal", "advertising", "penalty"}
    assert len({one.number for one in found}) == len(found)
    assert all(one.amount < 0 for one in found)
    assert [one.time for one in found] == sorted(one.time for one in found)
    whole = list(settlements.adjustments_between(None, None, WORLD.epoch))
    assert [one for one in whole if day <= one.time] == [one for one in found if one.time <= WORLD.epoch]


def test_a_statement_is_of_a_day_in_utc():
    assert statement_day(1_790_000_000) % 86_400 == 0
    assert statement_day(86_399) == 0
    assert statement_day(86_400) == 86_400
