"""Shops over the API: where they stand, and no secrets."""

from datetime import UTC, datetime

import pytest

from shops.models import Shop
from tests.factories.api import make_caller
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def test_it_shows_where_a_shop_stands(shop):
    Shop.objects.update(state="paused", state_reason="Holiday.", last_sync_at=datetime(2026, 8, 1, 8, 0, 0, 500, UTC))
    shop.credential.refresh_token_expires_at = datetime(2027, 1, 1, tzinfo=UTC)
    shop.credential.save()
    shown = make_caller(shop).get(f"shops/{shop.pk}/").json()
    assert shown == {
        "id": shop.pk, "marketplace": "tiktok", "region": "VN", "external_id": shop.external_id, "name": shop.name,
        "currency": "VND", "timezone": "Asia/Ho_Chi_Minh", "state": "paused", "state_reason": "Holiday.",
        "sync_status": "never", "last_sync_at": "2026-08-01T08:00:00.000500Z", "last_full_sync_at": None,
        "access_token_expires_at": None, "refresh_token_expires_at": "2027-01-01T00:00:00Z",
    }  # fmt: skip


def test_nothing_that_opens_a_shop_is_shown_or_read(shop, django_assert_num_queries):
    caller = make_caller(shop)
    with django_assert_num_queries(6) as queries:
        answer = caller.get("shops/")
    assert not [query for query in queries.captured_queries if 'access_token",' in query["sql"]]
    for secret in ("access-token", "refresh-token", "cipher", "app-secret", shop.app.app_key):
        assert secret not in answer.content.decode()


def test_a_shop_without_a_credential_is_shown(shop):
    shop.credential.delete()
    assert make_caller(shop).get(f"shops/{shop.pk}/").json()["access_token_expires_at"] is None


def test_filters_narrow_the_list(shop):
    paused = make_shop(state="paused")
    caller = make_caller(shop, paused)
    assert caller.ids("shops/", state="paused") == [paused.pk]
    assert caller.ids("shops/", external_id=shop.external_id) == [shop.pk]
    assert caller.ids("shops/", marketplace="tiktok") == [shop.pk, paused.pk]


def test_the_number_of_queries_does_not_depend_on_the_number_of_shops(shop, django_assert_max_num_queries):
    shops = [make_shop() for _ in range(12)]
    caller = make_caller(shop, *shops)
    with django_assert_max_num_queries(6):
        assert len(caller.ids("shops/")) == 13


@pytest.mark.parametrize("shop_id", ["0", "999999", "9" * 18, "9" * 30, "9" * 5000, "-1", "abc", "1.5", "%00", "٣"])
def test_an_id_that_is_none_is_not_found(shop, shop_id):
    answer = make_caller(shop).get(f"shops/{shop_id}/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_name_with_html_is_data(shop):
    Shop.objects.update(name="<script>alert(1)</script>")
    answer = make_caller(shop).get("shops/")
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["results"][0]["name"] == "<script>alert(1)</script>"
