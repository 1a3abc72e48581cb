"""The page of an app: what is used of its limits, and by whom the rest may be used."""

from uuid import uuid4

import pytest
import redis
from django.urls import reverse

from shops.admin.app import grade_use
from shops.connections import build_connection
from shops.marketplaces.contract import ShopKeys
from shops.marketplaces.records import Token
from tests.factories.people import make_person
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(client):
    app = make_app(app_key=uuid4().hex, calls_per_hour=1_000, calls_per_day=100)
    client.force_login(make_person("shops.view_marketplaceapp", shops=(make_shop(app=app),)))
    return app


def read(client, app):
    answer = client.get(reverse("admin:shops_marketplaceapp_change", args=[app.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_shows_what_is_used_of_each_limit_and_what_is_left_for_whom(client, app):
    connector: object = build_connection(app, Token("t"), lambda stale, _: stale, shop=ShopKeys("any")).connector
    for _ in range(85):
        assert connector.limiter.acquire() == 0  # type: ignore[attr-defined]
    text = read(client, app)
    assert "85 of 1,000 (8%)" in text
    assert 'tone-warning number">85 of 100 (85%)' in text
    assert (
        'people <span class="number">15</span>, high priority <span class="number">10</span>, '
        'the schedule <span class="number">5</span>, backfills <span class="number">0</span>'
    ) in text


def test_without_redis_the_page_opens_and_says_that_it_does_not_know(client, app, monkeypatch):
    monkeypatch.setattr("shops.queries.redis_client", lambda: redis.Redis.from_url("unix:///nowhere/valkey.sock"))
    assert "Not known: Redis" in read(client, app)


def test_an_app_without_limits_says_so(client, app):
    type(app).objects.update(calls_per_hour=0, calls_per_day=0)
    assert "The app has no limit." in read(client, app)


@pytest.mark.parametrize(("calls", "tone"), [(0, ""), (79, ""), (80, "warning"), (99.9, "warning"), (100, "danger")])
def test_the_warning_comes_before_the_quota_runs_out(calls, tone):
    assert grade_use(calls, 100) == tone
