"""Cases follow their orders: windows find exactly what a walk finds, and no one gets back more than was paid."""

import random
from collections import Counter

import pytest

from shops.sandbox.aftersales import Cases, ends_at
from shops.sandbox.catalogue import build_catalogue
from shops.sandbox.dataset import OrderBook, OrderNumbers, World
from shops.sandbox.goods import Goods
from shops.sandbox.life import table_of_paths
from shops.sandbox.regions import REGIONS
from shops.sandbox.windows import Lives

WORLD = World(seed=11, epoch=1_790_000_000, days=6, orders=4000, shops=1)
HOUR = 3600
VN, US = REGIONS[0], REGIONS[1]


def shop_in(region):
    lives = Lives(OrderBook(WORLD, "tiktok", 0, OrderNumbers(WORLD, "tiktok", 1)), table_of_paths(with_cod=True))
    return lives, Goods(build_catalogue(WORLD, region, "tiktok", 0), region)


@pytest.fixture(scope="module")
def shop():
    return shop_in(VN)


def walk(lives, cases, as_of):
    return [
        case
        for state in lives.states_in(lives.created_range(None, None, as_of), as_of)
        for case in cases.of(state, as_of)
    ]


def keys(cases):
    return sorted((case.order.position, case.number, case.event) for case in cases)


@pytest.mark.parametrize("as_of", [WORLD.epoch, WORLD.epoch + 2 * 86_400 + 17])
def test_windows_find_what_a_walk_finds(shop, as_of):
    lives, goods = shop
    cases = Cases(lives, goods)
    everything = walk(lives, cases, as_of)
    assert keys(cases.updated_between(None, None, as_of)) == keys(everything)
    assert keys(cases.created_between(None, None, as_of)) == keys(everything)
    draw = random.Random(3)
    for _ in range(12):
        start = draw.randrange(WORLD.start, as_of)
        end = start + draw.randrange(12 * HOUR)
        found = keys(cases.updated_between(start, end, as_of))
        assert found == keys(case for case in everything if start <= case.updated < end)
        found = keys(cases.created_between(start, end, as_of))
        assert found == keys(case for case in everything if start <= case.created < end)


def test_a_good_share_of_cases_is_over_within_the_days_of_the_world(shop):
    lives, goods = shop
    found = walk(lives, Cases(lives, goods), WORLD.epoch)
    counted = Counter((case.kind, case.event) for case in found)
    delivered = sum(
        "delivered" in state.path.path.events for state in lives.states_in(range(4000), WORLD.epoch + 86_400 * 9)
    )
    later = sum(count for (kind, _), count in counted.items() if kind != "cancel")
    assert 0.02 * delivered < later < 0.08 * delivered
    assert counted["return", "refunded"] > 10
    assert counted["refund", "refunded"] > 10
    assert {event for kind, event in counted if kind == "cancel"} == {"cancel_requested", "cancel_refused", "cancelled"}
    events = {event for kind, event in counted if kind == "return"}
    assert events == {"requested", "rejected", "withdrawn", "approved", "sent", "received", "refunded"}


def test_a_case_grows_with_time_and_never_changes_its_past(shop):
    lives, goods = shop
    cases = Cases(lives, goods)
    case = next(case for case in walk(lives, cases, WORLD.epoch) if case.kind == "return" and case.event == "refunded")
    for event, moment in case.times.items():
        before = lives.state(case.order.position, moment - 1)
        assert event not in {name for one in cases.of(before, moment - 1) if one.kind == "return" for name in one.times}
        after = cases.of(lives.state(case.order.position, moment), moment)[-1]
        assert (after.event, after.updated, after.created) == (event, moment, case.created)
    assert ends_at(case.order) == case.updated


@pytest.mark.parametrize("region", [VN, US])
def test_nobody_gets_back_more_than_was_paid(region):
    lives, goods = shop_in(region)
    for case in walk(lives, Cases(lives, goods), WORLD.epoch):
        bill = goods.bill(case.order)
        units = goods.units(case.order)
        assert len(case.refunds) == len(case.units)
        assert all(refund <= units[at].sale for at, refund in zip(case.units, case.refunds, strict=True))
        assert 0 <= case.refund <= bill.total
        if case.kind == "cancel" and not case.order.path.path.is_cod:
            assert case.refund == bill.total
