"""/metrics: who may read it, what it says, and that it answers whatever is away."""

from datetime import timedelta

import pytest
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from aftersales.models import Case
from aftersales.states import CaseState, CaseType
from aftersales.timeouts import sweep
from backoffice.celery import app
from backoffice.common import clock
from backoffice.common.queues import QUEUES
from backoffice.common.redis import client as redis_client
from shops.choices import ShopState
from shops.marketplaces.records import OrderStatus, TransactionKind
from shops.marketplaces.registry import MARKETPLACES
from syncjobs.buffer.files import Folder
from syncjobs.buffer.ledger import open_store
from syncjobs.models import ChunkState, Lane, RunState
from syncjobs.monitoring import metrics
from tests.factories.buffered import make_batch_row, make_buffered_run, make_payload, put_batch
from tests.factories.cases import make_case, make_due
from tests.factories.orders import store_order
from tests.factories.outages import no_database
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def buffer(settings, tmp_path):
    settings.SYNC_BUFFER_DIR = tmp_path / "buffer"
    settings.METRICS_TOKEN = "right-token"


def read(client, **headers):
    """Every sample: {(name, label values in the order of the labels' names): value}."""
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name.removeprefix("backoffice_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("headers", [
    {"REMOTE_ADDR": "203.0.113.9"},
    {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong-token"},
    {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer "},
    {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Basic right-token"},
    {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "right-token"},
    {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer rïght-token"},
    {"REMOTE_ADDR": ""},
    {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
    {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"},
    {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"},
])  # fmt: skip
def test_others_are_refused_and_told_what_is_missing(client, headers):
    answer = client.get("/metrics", **headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"backoffice_" not in answer.content


def test_without_a_token_in_the_settings_no_empty_one_opens(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ").status_code == 401


@pytest.mark.parametrize("headers", [
    {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer right-token"},
    {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_AUTHORIZATION": "bearer right-token"},
    {"REMOTE_ADDR": "127.0.0.1"},
    {"REMOTE_ADDR": "::1"},
])  # fmt: skip
def test_the_token_and_this_machine_open_it(client, headers):
    assert read(client, **headers)["up", "database"] == 1


def test_it_says_what_waits_and_where(client, shop):
    run = make_run(shop=shop, lane=Lane.HIGH)
    make_chunk(run=run, due_at=clock.now() - timedelta(minutes=5))
    make_chunk(run=run, due_at=clock.now() + timedelta(minutes=5))
    soon = clock.now() + timedelta(minutes=5)
    make_chunk(run=run, state=ChunkState.RUNNING, lease_owner="here:1:a", lease_expires_at=soon)
    failed = make_run(shop=shop, kind="backfill", lane=Lane.BACKFILL, state=RunState.FAILED)
    make_chunk(run=failed, state=ChunkState.FAILED)
    make_chunk(run=failed, state=ChunkState.DONE)
    make_batch_row(shop, size_bytes=1000)
    make_batch_row(shop, size_bytes=10**6, state="stored")
    open_store().move(
        put_batch(make_buffered_run(shop=shop, kind="full").chunks.get(), make_payload("1")), Folder.FAILED
    )
    said = read(client)
    counts = {key[1:]: value for key, value in said.items() if key[0] == "chunks" and value}
    assert counts == {("high", "due"): 1, ("high", "running"): 1, ("backfill", "failed"): 1}
    assert said["chunks", "incremental", "due"] == 0
    assert 300 <= said["oldest_due_seconds", "high"] < 400
    assert said["oldest_due_seconds", "backfill"] == 0
    assert (said["runs", "open"], said["runs", "failed"], said["runs", "buffered"]) == (1, 1, 1)
    assert (said["buffer_batches", "failed"], said["buffer_bytes", "failed"]) == (1, 1000)
    assert ("buffer_batches", "stored") not in said
    assert said["buffer_files", "failed"] == 1
    assert said["buffer_file_bytes", "failed"] > 1000
    assert {key[1] for key in said if key[0] == "queue_messages"} == set(QUEUES)


def test_rows_in_words_that_nobody_knows_are_counted_for_each_marketplace_and_resource(client):
    shops = [make_shop(marketplace="tiktok"), make_shop(marketplace="shopee")]
    for shop in shops:
        store_order(shop, "1", status=OrderStatus.UNKNOWN, raw_status="TELEPORTED")
        store_order(shop, "2")
    store_record(shops[1], "transaction", "1", kind=TransactionKind.UNKNOWN, raw_kind="GIFT")
    samples = read(client)
    told = {name[1:]: count for name, count in samples.items() if name[0] == "unknown_words"}
    assert len(told) == sum(len(one.connector.capabilities) for one in MARKETPLACES.values())
    assert {names for names, count in told.items() if count} == {
        ("tiktok", "orders"), ("shopee", "orders"), ("shopee", "transactions"),
    }  # fmt: skip


def test_what_waits_for_its_shop_is_not_late(client):
    resting = make_shop(state=ShopState.PAUSED)
    make_chunk(run=make_run(shop=resting, lane=Lane.HIGH), due_at=clock.now() - timedelta(days=5))
    said = read(client)
    assert (said["chunks", "high", "due"], said["oldest_due_seconds", "high"]) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_without_a_database_it_says_so_and_the_rest(client):
    put_batch(make_buffered_run().chunks.get(), make_payload("1"))
    with no_database():
        said = read(client)
    assert (said["up", "database"], said["up", "redis"], said["buffer_files", "waiting"]) == (0, 1, 1)
    assert not [name for name, *_ in said if name == "chunks"]
    assert read(client)["up", "database"] == 1


def test_without_redis_it_says_so_and_the_rest(client, monkeypatch):
    nowhere = Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(redis_client(), "connection_pool", nowhere.connection_pool)
    monkeypatch.setattr(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")
    said = read(client)
    assert (said["up", "redis"], said["up", "broker"], said["up", "database"]) == (0, 0, 1)
    assert said["runs", "open"] == 0


def test_a_query_that_takes_too_long_costs_its_numbers_only(client, monkeypatch):
    def sleep():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(metrics, "LONGEST_QUERY", "50ms")
    monkeypatch.setattr(metrics, "_read_runs", sleep)
    said = read(client)
    assert (said["up", "database"], said["up", "redis"]) == (0, 1)


def test_cases_that_somebody_should_look_at(client):
    shop = make_shop()
    make_due(make_case(shop))
    waits = make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND)
    Case.objects.filter(pk=waits.pk).update(state_entered_at=clock.now() - timedelta(days=30))
    samples = read(client)
    problems = ("overdue", "without_deadline", "waiting_too_long", "not_handled")
    assert [samples["aftersales_cases", problem] for problem in problems] == [1, 0, 1, 0]
    assert ("aftersales_since_sweep_seconds",) not in samples
    sweep()
    samples = read(client)
    assert samples["aftersales_cases", "overdue"] == 0
    assert 0 <= samples["aftersales_since_sweep_seconds",] < 60
