"""Whole syncs over HTTP: whatever goes wrong, in the end every order is here once, and as it is there."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.common import clock
from orders.models import Order, OrderPayload
from shops.marketplaces import errors
from shops.models import MarketplaceApp, Shop, ShopCredential
from syncjobs.engine import reader
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Chunk, ChunkState, FailedRecord, Run, RunState, Watermark
from syncjobs.services import start_run
from tests.factories.sandboxes import ORDERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops(sandbox, settings):
    """Both shops of the sandbox; one chunk each, so that there are pages to turn, and no waiting."""
    settings.REQUEST_BACKOFF_SECONDS = 0
    settings.SYNC_CHUNK_DAYS = 30
    connected = sandbox.connect()
    sandbox.forget_calls()
    return connected


def sync(shop, kind="incremental", **options):
    """Run to the end; what is due later is due now."""
    run = start_run(shop, kind=kind, trigger="command", **options)
    assert run is not None
    while Run.objects.get(pk=run.pk).state == RunState.OPEN:
        work_on_run(run.pk, seconds=60)
        Chunk.objects.filter(state=ChunkState.DUE).update(due_at=clock.now())
    return Run.objects.get(pk=run.pk)


def assert_same(sandbox, *shops):
    result = sandbox.compare(*shops)
    assert result.is_equal, result.examples
    assert result.there == result.here == ORDERS * len(shops) // 2


def test_every_order_and_line_arrives(sandbox, shops):
    for shop in shops:
        run = sync(shop)
        assert (run.state, run.inserted_count, run.fetched_count) == (RunState.DONE, ORDERS // 2, ORDERS // 2)
        assert (run.invalid_count, run.unreadable_count, run.failed_call_count) == (0, 0, 0)
    assert_same(sandbox, *shops)
    assert OrderPayload.objects.count() == ORDERS


@pytest.mark.parametrize(("days", "least"), [(1, 7), (30, 4)])
def test_it_makes_the_least_possible_calls(sandbox, shops, settings, days, least):
    settings.SYNC_CHUNK_DAYS = days
    run = sync(shops[0])
    calls = sandbox.calls()
    assert calls["ok"] == calls["least_possible"] == run.call_count >= least
    assert (calls["refused"], calls["throttled"], calls["faulted"]) == (0, 0, 0)


def test_a_second_reading_of_the_same_writes_nothing(sandbox, shops):
    sync(shops[0])
    before = list(Order.objects.order_by("pk").values_list("pk", "synced_at", "last_run_id"))
    run = sync(shops[0], "full")
    assert (run.unchanged_count, run.inserted_count, run.updated_count) == (ORDERS // 2, 0, 0)
    assert list(Order.objects.order_by("pk").values_list("pk", "synced_at", "last_run_id")) == before
    assert OrderPayload.objects.count() == ORDERS // 2


def test_an_incremental_run_that_finds_nothing_is_a_success(sandbox, shops, monkeypatch):
    first = sync(shops[0])
    later = clock.now().replace(year=clock.now().year + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    Watermark.objects.update(position_at=later.replace(day=1, hour=0))
    run = sync(shops[0])
    assert (run.state, run.fetched_count) == (RunState.DONE, 0)
    assert Watermark.objects.get().position_at == run.window_end > first.window_end
    assert Shop.objects.get(pk=shops[0].pk).sync_status == "ok"


FAULTS: dict[str, dict[str, Any]] = {
    "slow": {"seconds": 0.05, "times": 2},
    "throttled": {"retry_after": 30, "times": 2},
    "throttled_silent": {"times": 3},
    "server_error": {"times": 3},
    "cut_off": {"times": 3},
    "not_json": {"times": 3},
    "expired_token": {"times": 2},
    "page_shift": {"rows": 5, "times": 2},
    "repeated_rows": {"rows": 20, "times": 3},
    "impossible_record": {"times": 5},
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_costs_calls_and_no_orders(sandbox, shops, kind):
    sandbox.fault(kind, **FAULTS[kind])
    run = sync(shops[0])
    assert sandbox.struck() == FAULTS[kind]["times"]
    assert (run.state, run.invalid_count, run.unreadable_count) == (RunState.DONE, 0, 0)
    assert_same(sandbox, shops[0])
    assert not FailedRecord.objects.exists()
    assert Watermark.objects.get().position_at == run.window_end


def test_a_list_that_shifts_and_takes_its_count_along_costs_no_orders(sandbox, shops):
    """As many as were counted last were seen, and yet some slipped past: only the fall of the count tells."""
    sandbox.fault("page_shift", rows=3, falls=1, times=1)
    assert sync(shops[0]).state == RunState.DONE
    assert sandbox.struck() == 1
    assert_same(sandbox, shops[0])


@pytest.mark.parametrize("kind", ["server_error", "cut_off", "throttled_silent", "page_shift"])
def test_faults_at_every_other_call_cost_no_orders(sandbox, shops, kind):
    sandbox.fault(kind, rate=0.5)
    while sync(shops[0]).state != RunState.DONE:
        pass
    assert sandbox.struck() > 2
    assert_same(sandbox, shops[0])


def test_a_record_that_is_broken_in_every_reading_of_a_page_costs_no_orders(sandbox, shops):
    sandbox.fault("impossible_record", rate=1.0)
    run = sync(shops[0])
    assert (run.state, run.call_count, FailedRecord.objects.count()) == (RunState.DONE, 12, 0)
    assert_same(sandbox, shops[0])


def test_the_wait_that_the_marketplace_asks_for_is_kept(sandbox, shops, waits):
    sandbox.fault("throttled", retry_after=9, times=2)
    sync(shops[0])
    assert [wait for wait in waits if wait] == [9, 9]


def test_a_wait_that_is_too_long_for_a_worker_puts_the_chunk_back(sandbox, shops, waits):
    sandbox.fault("throttled", retry_after=300)
    run = start_run(shops[0], kind="incremental", trigger="command")
    assert run is not None
    work_on_run(run.pk, seconds=0)
    chunk = Chunk.objects.get()
    assert (chunk.state, chunk.attempt_count, waits) == (ChunkState.DUE, 0, [])
    assert 290 < (chunk.due_at - clock.now()).total_seconds() <= 300


def test_a_page_that_keeps_failing_leaves_the_watermark_where_it_was(sandbox, shops, settings):
    settings.SYNC_MAX_ATTEMPTS = 2
    settings.SYNC_CHUNK_DAYS = 1
    position = clock.now() - timedelta(days=2)
    Watermark.objects.create(shop=shops[0], resource="orders", position_at=position, moved_at=position)
    sandbox.fault("server_error", endpoint="order_search", rate=1.0)
    run = sync(shops[0])
    calls = run.chunks.count() * settings.SYNC_MAX_ATTEMPTS * (1 + settings.MAX_REQUEST_RETRIES)
    assert (run.state, run.call_count, run.failed_call_count) == (RunState.FAILED, calls, calls)
    assert run.reason.startswith("Chunk 1: Internal error.")
    assert errors.ServerError.advice in run.reason
    assert (Watermark.objects.get().position_at, Watermark.objects.get().run_id) == (position, None)
    assert Shop.objects.get(pk=shops[0].pk).sync_status == "failed"


def test_what_a_failed_run_could_not_read_is_part_of_the_next(sandbox, shops, settings):
    settings.SYNC_MAX_ATTEMPTS = 1
    settings.MAX_REQUEST_RETRIES = 0
    settings.SYNC_BATCH_SIZE_ORDERS = 100
    sync_with_fault_after(sandbox, shops[0], pages=2)
    assert (Order.objects.count(), Watermark.objects.count()) == (200, 0)
    run = sync(shops[0])
    assert (run.inserted_count, run.unchanged_count) == (ORDERS // 2 - 200, 200)
    assert_same(sandbox, shops[0])


def sync_with_fault_after(sandbox, shop, pages):
    fetch, made = reader.ChunkReader._read_page, []

    def fetch_until_it_fails(reader, query):
        made.append(reader.position.token)
        if len(made) == pages + 1:
            sandbox.fault("server_error")
        return fetch(reader, query)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader.ChunkReader, "_read_page", fetch_until_it_fails)
        assert sync(shop).state == RunState.FAILED


@pytest.mark.parametrize(("kind", "options"), [
    ("window", {"hours": 160}), ("full", {}), ("incremental", {"status_filter": "in_transit"}),
])  # fmt: skip
def test_only_the_unfiltered_incremental_stream_moves_the_watermark(sandbox, shops, kind, options):
    assert sync(shops[0], kind, **options).state == RunState.DONE
    assert Order.objects.exists()
    assert not Watermark.objects.exists()


def test_a_status_filter_reads_that_status_only(sandbox, shops):
    sync(shops[0], "full", status_filter="in_transit")
    assert set(Order.objects.values_list("status", flat=True)) == {"in_transit"}


def test_an_expired_token_is_renewed_once_and_stored(sandbox, shops):
    before = ShopCredential.objects.get(shop=shops[0])
    sandbox.fault("expired_token", shop=shops[0].external_id)
    assert sync(shops[0]).state == RunState.DONE
    after = ShopCredential.objects.get(shop=shops[0])
    assert (after.access_token, after.version) == (sandbox.shop_facts(0)["access_token"], before.version + 1)
    assert sandbox.calls_of("token_refresh", shops[0]) == 1


def test_a_revoked_authorisation_takes_the_shop_off_the_schedule_with_a_sentence(sandbox, shops):
    sandbox.switch(revoked_shops=[shops[0].external_id])
    run = sync(shops[0])
    shop = Shop.objects.get(pk=shops[0].pk)
    assert (run.state, shop.state, shop.sync_status) == (RunState.FAILED, "needs_reauthorisation", "failed")
    assert errors.AuthorisationEnded.advice in run.reason
    assert errors.AuthorisationEnded.advice in shop.state_reason
    assert "can not find related auth record" in shop.state_reason
    assert Shop.objects.get(pk=shops[1].pk).state == "active"
    assert (sandbox.calls()["refused"], sandbox.calls()["ok"]) == (2, 0)


def test_connecting_again_puts_the_shop_back_on_the_schedule(sandbox, shops):
    sandbox.switch(revoked_shops=[shops[0].external_id])
    sync(shops[0])
    sandbox.switch(revoked_shops=[])
    sandbox.connect()
    shop = Shop.objects.get(pk=shops[0].pk)
    assert (shop.state, shop.state_reason) == ("active", "")
    assert sync(shop).state == RunState.DONE
    assert_same(sandbox, shop)


def break_secret(shop):
    MarketplaceApp.objects.update(app_secret="another secret")


def break_key(shop):
    MarketplaceApp.objects.update(app_key="another key")


def break_cipher(shop):
    ShopCredential.objects.filter(shop=shop).update(cipher="another cipher")


def take_cipher(shop):
    ShopCredential.objects.filter(shop=shop).update(cipher="")


@pytest.mark.parametrize(("break_it", "error"), [
    (break_secret, errors.BadSignature),
    (break_key, errors.BadAppKey),
    (break_cipher, errors.TokenInvalid),
    (take_cipher, errors.ShopCipherWrong),
])  # fmt: skip
def test_a_wrong_setting_gives_a_failed_run_that_says_what_to_do(sandbox, shops, break_it, error):
    break_it(shops[0])
    run = sync(shops[0])
    assert run.state == RunState.FAILED
    assert error.advice in run.reason
    assert not Watermark.objects.exists()


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_wrong_clock_gives_a_failed_run_that_says_what_to_do(sandbox, shops, monkeypatch, seconds):
    wrong = clock.unix_seconds() + seconds
    monkeypatch.setattr(clock, "unix_seconds", lambda: wrong)
    run = sync(shops[0])
    assert (run.state, run.call_count) == (RunState.FAILED, 1)
    assert errors.ClockWrong.advice in run.reason


def test_a_missing_scope_gives_a_failed_run_that_says_what_to_do(sandbox, shops):
    sandbox.switch(granted_scopes=["seller.authorization.info"])
    run = sync(shops[0])
    assert (run.state, Shop.objects.get(pk=shops[0].pk).state) == (RunState.FAILED, "active")
    assert errors.ScopeMissing.advice in run.reason


def test_a_marketplace_that_cannot_be_reached_fails_after_all_tries(sandbox, shops):
    MarketplaceApp.objects.update(api_url="http://127.0.0.1:9")
    run = sync(shops[0])
    assert (run.state, run.call_count) == (RunState.FAILED, 12)
    assert errors.NotReached.advice in run.reason
