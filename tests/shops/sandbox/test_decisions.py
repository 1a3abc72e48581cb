"""What a seller decides moves a case on from there; all other cases stay as the seed has them."""

from typing import Any

import pytest

from shops.sandbox.server import Running, start
from tests.shops.sandbox.calling import control, lines_of
from tests.shops.sandbox.conftest import EPOCH

HOUR = 3_600


@pytest.fixture(scope="module")
def world():
    with start(port=0, seed=11, orders=8_000, shops=1, now=EPOCH) as running:
        control(running.control_url, "POST", "/clock", {"mode": "frozen", "now": EPOCH})
        yield running


def cases_of(world: Running, marketplace: str = "tiktok"):
    sellers: Any = world.marketplaces[marketplace]
    return sellers._sellers[0].cases


def open_cases(world: Running, kind: str, event: str = "requested", marketplace: str = "tiktok"):
    found = cases_of(world, marketplace).updated_between(EPOCH - 48 * HOUR, None, EPOCH)
    kept = cases_of(world, marketplace).decisions
    return [
        case
        for case in found
        if (case.kind, case.event) == (kind, event) and not kept.is_decided((case.order.position, case.number))
    ]


def again(world: Running, case, as_of: int):
    cases = cases_of(world)
    state = cases._lives.state(case.order.position, as_of)
    return next(one for one in cases.of(state, as_of) if one.number == case.number)


@pytest.mark.parametrize(
    ("kind", "event", "word", "now", "in_the_end"),
    [
        ("refund", "requested", "approve", "approved", "refunded"),
        ("refund", "requested", "reject", "rejected", "rejected"),
        ("return", "requested", "approve", "approved", "refunded"),
        ("return", "requested", "reject", "rejected", "rejected"),
        ("return", "sent", "approve", "received", "refunded"),
        ("cancel", "cancel_requested", "approve", "cancelled", "cancelled"),
        ("cancel", "cancel_requested", "reject", "cancel_refused", "cancel_refused"),
    ],
)
def test_a_case_goes_on_from_a_decision(world, kind, event, word, now, in_the_end):
    case = open_cases(world, kind, event)[0]
    assert cases_of(world).decide(case, word, EPOCH)
    decided = again(world, case, EPOCH)
    assert (decided.event, decided.updated, decided.created) == (now, EPOCH, case.created)
    assert decided.is_decided
    assert again(world, case, EPOCH - 1).event == event
    assert again(world, case, EPOCH + 40 * HOUR).event == in_the_end


def test_a_decision_is_taken_once(world):
    case = open_cases(world, "return")[0]
    cases = cases_of(world)
    assert cases.decide(case, "approve", EPOCH, "key")
    assert cases.decide(case, "approve", EPOCH, "key"), "the same key is the same decision"
    assert not cases.decide(case, "reject", EPOCH, "key")
    assert not cases.decide(case, "reject", EPOCH)
    assert not cases.decide(again(world, case, EPOCH), "approve", EPOCH)


@pytest.mark.parametrize("event", ["withdrawn", "refunded"])
def test_what_has_ended_waits_for_no_decision(world, event):
    case = open_cases(world, "return", event)[0]
    assert not cases_of(world).decide(case, "approve", EPOCH)


def test_decided_cases_keep_their_place_among_the_others(world):
    waiting = open_cases(world, "refund")
    assert cases_of(world).decide(waiting[0], "approve", EPOCH)
    places = [one.order.position for one in cases_of(world).updated_between(EPOCH - 48 * HOUR, None, EPOCH)]
    assert len(waiting) > 1 and places == sorted(places)


def test_a_decided_case_is_found_by_its_new_time_and_told_once(world):
    case = open_cases(world, "refund")[0]
    cases_of(world).decide(case, "reject", EPOCH)
    found = [one.order.position for one in cases_of(world).updated_between(EPOCH, EPOCH + 1, EPOCH)]
    assert found.count(case.order.position) == 1
    old = [one.order.position for one in cases_of(world).updated_between(case.updated, EPOCH, EPOCH)]
    assert case.order.position not in old


def test_at_shopee_the_order_changes_with_its_return(world):
    shop = world.marketplaces["shopee"]._shops[0]
    found = shop.seller.cases.updated_between(EPOCH - 48 * HOUR, None, EPOCH)
    case = next(one for one in found if (one.kind, one.event) == ("refund", "requested"))
    assert shop.standings.at(case.order.position, EPOCH).status(with_pending=True) == "TO_RETURN"
    assert shop.seller.cases.decide(case, "reject", EPOCH)
    changed = list(shop.standings.updated_between(EPOCH, EPOCH + 1, EPOCH))
    assert [one.state.position for one in changed].count(case.order.position) == 1
    assert shop.standings.at(case.order.position, EPOCH).status(with_pending=True) != "TO_RETURN"
    told = [one for one in lines_of(control(world.control_url, "GET", "/truth/returns?marketplace=shopee"))
            if one["update_time"] == EPOCH]  # fmt: skip
    assert [one["status"] for one in told] == ["SELLER_DISPUTE"]
