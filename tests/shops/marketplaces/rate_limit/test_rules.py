"""What is pure about limits: names, shares of lanes, and the guard of a window."""

import pytest

from shops.marketplaces.rate_limit import NoLimit, Rule, app_wide_key, share_of, shop_key


def test_key_names_tell_apps_and_shops_apart_without_showing_the_app_key() -> None:
    assert shop_key("tiktok", "6sbxk3y0001", "7495").startswith(app_wide_key("tiktok", "6sbxk3y0001"))
    assert "6sbxk3y0001" not in shop_key("tiktok", "6sbxk3y0001", "7495")
    assert app_wide_key("tiktok", "a") != app_wide_key("tiktok", "b")


@pytest.mark.parametrize(
    ("calls", "percent", "share"), [(100, 80, 80), (100, 100, 100), (7, 90, 6), (1, 80, 1), (2, 40, 1)]
)
def test_a_lane_has_its_percent_of_the_calls_and_one_at_least(calls: int, percent: int, share: int) -> None:
    assert share_of(calls, percent) == share


@pytest.mark.parametrize(("seconds", "guard"), [(1, 0.26), (60, 0.85), (3_600, 1.25), (86_400, 1.25)])
def test_a_window_is_longer_than_the_marketplaces_by_what_travel_times_differ(seconds: int, guard: float) -> None:
    assert Rule("app", 10, seconds).span_seconds - seconds == pytest.approx(guard)


def test_no_limit_never_waits() -> None:
    limiter = NoLimit()
    limiter.block(60)
    assert limiter.acquire() == 0
