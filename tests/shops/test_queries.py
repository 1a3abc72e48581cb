"""How shops are found, and how much of an app's quotas is used."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis

from backoffice.common import clock
from shops.connections import open_connection
from shops.marketplaces.rate_limit import Lane
from shops.models import Shop, ShopCredential
from shops.queries import (
    NoSuchShop,
    add_authorisation_end,
    get_shop,
    grade_authorisation_end,
    list_syncable_shops,
    read_quota_use,
)
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db


def test_a_shop_is_found_by_our_id_and_by_the_marketplaces(shop):
    assert get_shop(str(shop.pk)) == shop
    assert get_shop(f"tiktok:{shop.external_id}") == shop


@pytest.mark.parametrize(
    "reference", ["", "0", "-1", "abc", "9" * 40, "tiktok:", "tiktok:1", "temu:1", ":1", "1.0", "²"]
)
def test_an_unknown_shop_is_answered_with_the_known_ones(shop, reference):
    with pytest.raises(NoSuchShop) as error:
        get_shop(reference)
    known = f"{shop.pk} = tiktok:{shop.external_id}"
    assert str(error.value) == f"There is no shop {reference!r}. Known shops: {known}."


def test_without_shops_it_says_so():
    with pytest.raises(NoSuchShop, match="Known shops: none yet"):
        get_shop("1")


def test_the_marketplaces_id_may_be_that_of_two_regions(shop):
    make_shop(external_id=shop.external_id, region="TH")
    with pytest.raises(NoSuchShop, match=r"More than one shop .* Use our id"):
        get_shop(f"tiktok:{shop.external_id}")


def test_the_schedule_lists_active_shops_with_a_credential(shop):
    paused = make_shop(state="paused")
    make_shop().credential.delete()
    assert list(list_syncable_shops()) == [shop]
    assert list(list_syncable_shops(force=True)) == [shop, paused]
    assert list(list_syncable_shops("temu")) == []


def call(shop, times):
    """Take calls from the shop's limits as its connection would."""
    connector: Any = open_connection(shop, lambda stale, _: stale).connector
    limiter = connector.limiter
    assert [limiter.acquire() for _ in range(times)] == [0] * times


@pytest.fixture
def limited():
    """Two shops of an app whose counters nobody else uses."""
    app = make_app(app_key=uuid4().hex, shop_calls_per_minute=20, calls_per_hour=100, calls_per_day=0)
    return make_shop(app=app), make_shop(app=app)


def test_what_is_used_of_each_limit_is_read_over_all_shops_of_the_app(limited):
    one, other = limited
    call(one, 5)
    call(other, 2)
    assert [(use.name, use.calls, use.seconds, use.used) for use in read_quota_use(one.app, one)] == [
        ("shop, a minute", 20, 60, 5),
        ("app, an hour", 100, 3_600, 7),
    ]
    assert [use.used for use in read_quota_use(one.app)] == [7]


def test_what_is_left_depends_on_the_lane(limited, settings):
    settings.RATE_LIMIT_BACKFILL_PERCENT = 20
    shop = limited[0]
    call(shop, 7)
    use = read_quota_use(shop.app, shop)[0]
    assert [use.left(lane) for lane in (Lane.INTERACTIVE, Lane.BACKFILL)] == [13, 0]
    assert [use.share(lane) for lane in (Lane.INTERACTIVE, Lane.BACKFILL)] == [20, 4]


def test_what_is_used_is_not_known_without_redis(limited, monkeypatch):
    monkeypatch.setattr("shops.queries.redis_client", lambda: redis.Redis.from_url("unix:///nowhere/valkey.sock"))
    use = read_quota_use(limited[0].app)[0]
    assert (use.used, use.left(Lane.HIGH)) == (None, None)


def test_an_app_without_limits_has_no_use_to_show(shop):
    assert read_quota_use(shop.app, shop) == []


@pytest.mark.parametrize(("marketplace", "days", "end"), [
    ("tiktok", {"access_token_expires_at": 1, "refresh_token_expires_at": 300}, 300),
    ("tiktok", {"access_token_expires_at": 1}, None),  # renewed by itself, and for how long is not known
    ("tiktok", {"access_token_expires_at": 7, "refresh_token": ""}, 7),
    ("lazada", {"refresh_token_expires_at": 20}, 20),  # it never moves
    ("shopee", {"refresh_token_expires_at": 29, "authorised_until": 200}, 200),  # each renewal moves it
    ("shopee", {"refresh_token_expires_at": 2, "authorised_until": 200}, 2),  # so renewals must have failed
    ("shopee", {"refresh_token_expires_at": 29}, None),
    ("temu", {"refresh_token": "", "access_token_expires_at": 90, "authorised_until": 90}, 90),
])  # fmt: skip
def test_an_authorisation_ends_when_only_the_seller_can_help(marketplace, days, end):
    make_shop(app=make_app(marketplace=marketplace))
    now = clock.now()
    ShopCredential.objects.update(
        **{name: now + timedelta(days=n) if isinstance(n, int) else n for name, n in days.items()}
    )
    ends_at = add_authorisation_end(Shop.objects.all()).get().token_ends_at
    assert ends_at == (None if end is None else now + timedelta(days=end))


@pytest.mark.parametrize(("days", "colour"), [
    (-1, "danger"), (0.9, "danger"), (6.9, "warning"), (29.9, "notice"), (30.1, "success"),
])  # fmt: skip
def test_the_end_of_an_authorisation_is_graded(days, colour):
    assert grade_authorisation_end(clock.now() + timedelta(days=days)) == colour


def test_an_end_that_is_not_known_has_no_grade():
    assert grade_authorisation_end(None) == ""
