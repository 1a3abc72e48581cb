"""Parcels move only when their orders do, and hold every unit once."""

from collections import Counter

import pytest

from shops.sandbox.parcels import parcels_of
from tests.shops.sandbox.test_aftersales import VN, WORLD, shop_in


@pytest.fixture(scope="module")
def shop():
    return shop_in(VN)


def test_every_unit_is_in_one_parcel(shop):
    lives, goods = shop
    seen: Counter[int] = Counter()
    for state in lives.states_in(range(800), WORLD.epoch):
        parcels = parcels_of(state, WORLD.epoch, "VN")
        seen[len(parcels)] += 1
        if parcels:
            held = [at for parcel in parcels for at in parcel.units]
            assert held == list(range(len(goods.units(state))))
    assert min(seen[0], seen[1], seen[2]) > 10


def test_a_parcel_changes_with_an_event_of_its_order(shop):
    lives, _ = shop
    for state in lives.states_in(range(300), WORLD.epoch):
        before = parcels_of(state, state.updated - 1)
        for parcel in parcels_of(state, WORLD.epoch):
            assert parcel.updated <= state.updated
            assert all(moment <= parcel.updated for _, moment in parcel.events)
            assert [moment for _, moment in parcel.events] == sorted(moment for _, moment in parcel.events)
            known = next((one for one in before if one.number == parcel.number), None)
            if known is not None and parcel.updated < state.updated:
                assert parcel == known


def test_the_tracking_number_comes_with_the_packing(shop):
    lives, _ = shop
    for state in lives.states_in(range(300), WORLD.epoch):
        for parcel in parcels_of(state, WORLD.epoch, "VN"):
            assert bool(parcel.tracking_number) == bool(parcel.events)
            assert not parcel.events or parcel.events[0][0] == "packed"
            assert parcel.tracking_number.startswith("SBXVN") or not parcel.tracking_number


def test_parcels_end_delivered_cancelled_or_back_home(shop):
    lives, _ = shop
    late = WORLD.epoch + 10 * 86_400
    ends = {
        (parcel.events[-1][0] if parcel.events else "", parcel.is_cancelled)
        for state in lives.states_in(range(1000), late)
        if state.created < WORLD.epoch
        for parcel in parcels_of(state, late)
    }
    assert ends == {("delivered", False), ("", True), ("packed", True), ("returned_to_sender", False)}
