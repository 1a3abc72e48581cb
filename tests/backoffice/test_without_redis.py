"""Redis goes away: pages and API work on, what is started waits in the database, and nobody is shown an error."""

import pytest
import redis
from django.urls import reverse
from kombu import Connection
from rest_framework.test import APIClient

from backoffice.celery import app as celery_app
from orders.models import Order
from shops import connections
from shops.marketplaces.rate_limit import OwnWindows
from shops.models import MarketplaceApp
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Chunk, Run, RunState
from syncjobs.services import request_run
from tests.factories.sandboxes import sandbox, started_sandbox  # noqa: F401  fixtures
from tests.factories.shops import make_shop

GONE = redis.Redis.from_url("unix:///nowhere/valkey.sock")


@pytest.fixture(autouse=True)
def no_redis(monkeypatch):
    for place in ("backoffice.health.client", "shops.queries.redis_client", "shops.connections.redis_client"):
        monkeypatch.setattr(place, lambda: GONE)
    own = OwnWindows(processes=10)
    monkeypatch.setattr(connections, "_own_windows", lambda: own)
    monkeypatch.setattr(
        celery_app, "connection_for_read", lambda *_, **__: Connection("redis+socket:///nowhere/valkey.sock")
    )


@pytest.mark.django_db
def test_pages_open(admin_client):
    shop = make_shop()
    MarketplaceApp.objects.update(calls_per_day=100)
    rows = ("shops_shop", shop.pk), ("shops_marketplaceapp", shop.app_id)
    addresses = [reverse(f"admin:{name}_change", args=[pk]) for name, pk in rows]
    lists = ("orders_order", "shops_shop", "shops_marketplaceapp", "syncjobs_run", "django_celery_beat_periodictask")
    addresses += [reverse("admin:index"), *(reverse(f"admin:{name}_changelist") for name in lists)]
    for address in addresses:
        assert admin_client.get(address).status_code == 200, address


@pytest.mark.django_db
def test_a_button_starts_a_run_that_waits_in_the_database(admin_client, shop, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as sent:
        answer = admin_client.post(reverse("admin:shops_shop_do", args=[shop.pk, "syncjobs.sync_now"]), follow=True)
    assert answer.status_code == 200
    run = Run.objects.get()
    assert f"Started run {run.pk}." in answer.content.decode()
    assert sent, "nobody tried to wake the workers: this test proves nothing"
    assert (run.state, run.chunks.filter(state="due").exists()) == (RunState.OPEN, True)


@pytest.mark.django_db
def test_the_api_starts_a_run_that_waits_in_the_database(admin_user, shop, django_capture_on_commit_callbacks):
    api = APIClient()
    api.force_authenticate(admin_user)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        answer = api.post("/api/v1/runs/", {"shop": shop.pk, "kind": "full"}, format="json")
    assert (answer.status_code, len(sent)) == (201, 1)
    assert Chunk.objects.filter(run_id=answer.json()["id"]).exists()
    assert api.get("/api/v1/runs/").status_code == 200


@pytest.mark.django_db
def test_a_run_goes_on_within_this_process_part_of_the_limits(sandbox):  # noqa: F811
    shop = sandbox.connect()[0]
    MarketplaceApp.objects.update(calls_per_hour=1_000)
    run, _ = request_run(shop, kind="full")
    work_on_run(run.pk, seconds=60)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert Order.objects.filter(shop=shop).exists()
