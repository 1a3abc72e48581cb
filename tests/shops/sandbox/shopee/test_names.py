"""Order numbers look like Shopee's, are unique, and lead back to their order."""

import re

from shops.sandbox.dataset import World
from shops.sandbox.shopee.names import OrderNames

# 2026-08-01 00:00 UTC, which is 08:00 in UTC+8.
CREATED = 1_785_542_400


def names(seed=1):
    return OrderNames(World(seed=seed, epoch=CREATED, days=6, orders=100, shops=2))


def test_they_look_like_the_real_ones():
    one = names()
    assert re.fullmatch(r"\d{6}[0-9A-Z]{8}", one.order_sn(one.number(1, 12), CREATED))
    assert re.fullmatch(r"\d{6}[0-9A-Z]{9}", one.return_sn(one.number(1, 12), CREATED, 1))


def test_the_day_is_that_of_utc_plus_8():
    one = names()
    assert one.order_sn(5, CREATED)[:6] == "260801"
    assert one.order_sn(5, CREATED + 16 * 3600)[:6] == "260802"
    assert one.order_sn(5, CREATED + 16 * 3600 - 1)[:6] == "260801"


def test_they_lead_back():
    one = names()
    places = [(shop, index) for shop in (0, 1, 199) for index in (0, 1, 2, 1000, 2**32 - 1)]
    written = {one.order_sn(one.number(*place), CREATED): place for place in places}
    assert len(written) == len(places)
    assert all(one.find(order_sn) == place for order_sn, place in written.items())


def test_other_texts_are_nobodys():
    one = names()
    assert [one.find(text) for text in ("", "260801", "260801AAAAAAAU", "260801AAAAAAAAA", "260801aaaaaaaa")] == [
        None
    ] * 5


def test_another_world_has_other_numbers():
    assert names(1).number(0, 0) != names(2).number(0, 0)
