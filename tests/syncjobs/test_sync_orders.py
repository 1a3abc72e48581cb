"""The command: what it reads, prints and answers, and how it ends when it is stopped."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backoffice.common import clock
from orders.models import Order
from shops.models import MarketplaceApp, Shop
from syncjobs.management import sync_command
from syncjobs.models import Chunk, ChunkState, Run, RunState, Watermark
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shops(sandbox, settings):
    settings.REQUEST_BACKOFF_SECONDS = 0
    settings.SYNC_MAX_ATTEMPTS = 1
    return sandbox.connect()


@pytest.fixture
def woken(monkeypatch):
    run_ids: list[int] = []
    monkeypatch.setattr(sync_command, "wake_workers", run_ids.extend)
    return run_ids


def sync(*arguments, **options):
    out, err = StringIO(), StringIO()
    try:
        call_command("sync_orders", *arguments, stdout=out, stderr=err, **options)
    except CommandError as error:
        error.add_note(out.getvalue() + err.getvalue())
        raise
    return out.getvalue()


def windows():
    return {round((run.window_end - run.window_start) / timedelta(hours=1)) for run in Run.objects.all()}


def test_it_reads_the_last_day_of_all_shops_and_sums_up(sandbox, shops):
    shown = sync()
    runs = list(Run.objects.order_by("pk"))
    assert [(run.shop, run.kind, run.trigger, run.state) for run in runs] == [
        (shop, "window", "command", RunState.DONE) for shop in shops
    ]
    assert windows() == {24}
    for run in runs:
        row = next(line for line in shown.splitlines() if run.shop.name in line and "│" in line)
        assert f"{run.shop.name}: 1 of 1 chunk" in shown
        assert [cell.strip() for cell in row.strip("│").split("│")][:5] == [
            str(run.pk), run.shop.name, "Done", str(run.fetched_count), str(run.inserted_count),
        ]  # fmt: skip
    assert Order.objects.count() == sum(run.inserted_count for run in runs) > 0


def test_full_reads_everything_and_stamps_the_last_full_sync(sandbox, shops):
    sync("--full")
    assert windows() == {168}
    assert sandbox.compare(*shops).is_equal
    assert all(shop.last_full_sync_at for shop in Shop.objects.all())


def test_incremental_moves_the_watermark_and_reads_nothing_twice(sandbox, shops):
    sync("--incremental")
    assert Watermark.objects.count() == 2
    assert sandbox.compare(*shops).is_equal
    Watermark.objects.update(position_at=clock.now())
    assert "Nothing new since the last sync." in sync("--incremental")
    assert Run.objects.count() == 2


def test_hours_sets_how_far_back(shops):
    sync("--hours", "3")
    assert windows() == {3}


@pytest.mark.parametrize("by", ["id", "name"])
def test_shop_names_one_shop(shops, by):
    sync("--shop", str(shops[1].pk) if by == "id" else f"tiktok:{shops[1].external_id}")
    assert [run.shop for run in Run.objects.all()] == [shops[1]]


def test_marketplace_narrows_to_its_shops(shops):
    sync("--marketplace", "tiktok", "--hours", "1")
    assert Run.objects.count() == 2


def test_status_reads_only_orders_in_it(shops):
    sync("--status", "in_transit", "--full")
    assert set(Order.objects.values_list("status", flat=True)) == {"in_transit"}
    assert not Shop.objects.filter(last_full_sync_at__isnull=False).exists()


def test_a_status_that_the_marketplace_cannot_search_for_is_not_taken_for_read(shops):
    with pytest.raises(CommandError, match="2 of 2 shops failed"):
        sync("--status", "cancel_requested")
    reason = "Chunk 1: TikTok Shop cannot search for orders in status 'cancel_requested'."
    assert set(Run.objects.values_list("reason", "call_count")) == {(reason, 0)}


@pytest.mark.parametrize("arguments", [
    ["--hours", "0"], ["--hours", "-5"], ["--hours", "999999999"], ["--hours", "many"], ["--full", "--incremental"],
    ["--incremental", "--status", "delivered"],
    ["--status", "lost"], ["--marketplace", "bazaar"], ["--shop", "0"], ["--shop", "tiktok:1"], ["--shop", "nonsense"],
    ["--shop", "9" * 30], ["--sideways"],
])  # fmt: skip
def test_nonsense_is_refused_before_anything_is_written(shops, arguments):
    with pytest.raises(CommandError):
        sync(*arguments)
    assert not Run.objects.exists()


def test_hours_beyond_all_orders_are_refused_with_what_is_allowed(shops):
    with pytest.raises(CommandError, match=r"--hours 999999999 makes no window; give 1 to 87,840 hours\."):
        sync("--hours", "999999999")


def test_an_unknown_shop_is_answered_with_the_known_ones(shops):
    with pytest.raises(CommandError, match=f"There is no shop '0'. Known shops: {shops[0].pk} = tiktok:"):
        sync("--shop", "0")


def test_no_shop_at_all_is_said(db):
    with pytest.raises(CommandError, match="There is no shop to sync"):
        sync()


@pytest.mark.parametrize("arguments", [[], ["--full"], ["--incremental"], ["--background"], ["--force"]])
def test_a_dry_run_shows_the_plan_and_changes_nothing(sandbox, shops, woken, arguments):
    sandbox.forget_calls()
    shown = sync("--dry-run", *arguments)
    assert all(str(shop.external_id) in shown for shop in shops)
    assert "nothing is read or written" in shown
    assert not Run.objects.exists() and not Chunk.objects.exists() and not Order.objects.exists()
    assert (set(Shop.objects.values_list("sync_status", flat=True)), woken) == ({"never"}, [])
    assert sandbox.calls()["ok"] == 0


def test_a_dry_run_estimates_the_calls(shops):
    sync("--full", "--shop", str(shops[0].pk))
    row = next(line for line in sync("--dry-run", "--full").splitlines() if shops[0].external_id in line)
    assert row.rstrip(" │").endswith("7 or more")


def test_a_dry_run_says_where_nothing_is_new(shops):
    Watermark.objects.create(shop=shops[0], resource="orders", position_at=clock.now(), moved_at=clock.now())
    row = next(line for line in sync("--dry-run", "--incremental").splitlines() if shops[0].external_id in line)
    assert row.count("–") >= 2


def test_a_paused_shop_needs_force(shops):
    Shop.objects.filter(pk=shops[0].pk).update(state="paused", state_reason="Stocktaking.")
    with pytest.raises(CommandError, match=r"is paused by a person. Stocktaking. Use --force"):
        sync("--shop", str(shops[0].pk))
    sync()
    assert [run.shop for run in Run.objects.all()] == [shops[1]]
    sync("--shop", str(shops[0].pk), "--force", "--hours", "1")
    Shop.objects.filter(pk=shops[0].pk).update(state="needs_reauthorisation", state_reason="The seller left.")
    with pytest.raises(CommandError, match=r"\) needs re-authorisation. The seller left."):
        sync("--shop", str(shops[0].pk))
    sync("--force", "--hours", "1")
    assert Run.objects.filter(shop=shops[0], state=RunState.DONE).count() == 2


def test_background_queues_and_reads_nothing_here(shops, woken):
    shown = sync("--background")
    assert woken == list(Run.objects.order_by("pk").values_list("pk", flat=True))
    assert set(Chunk.objects.values_list("state", flat=True)) == {ChunkState.DUE}
    assert all(f"run {run_id} (" in shown for run_id in woken)


def test_background_with_nothing_new_says_so(shops, woken):
    for shop in shops:
        Watermark.objects.create(shop=shop, resource="orders", position_at=clock.now(), moved_at=clock.now())
    assert "nothing new" in sync("--background", "--incremental")
    assert woken == []


def test_one_failed_shop_makes_it_fail_and_the_others_are_read(sandbox, shops):
    sandbox.switch(revoked_shops=[shops[0].external_id])
    with pytest.raises(CommandError, match="1 of 2 shops failed") as failure:
        sync("--hours", "1")
    assert failure.value.returncode == 1
    assert f"{shops[0]}: Chunk 1: " in failure.value.__notes__[0]
    assert "authorise the app again" in failure.value.__notes__[0]
    assert Run.objects.get(shop=shops[1]).state == RunState.DONE


def test_it_waits_for_what_is_due_later(sandbox, shops, settings, monkeypatch, waits):
    settings.SYNC_MAX_ATTEMPTS, settings.MAX_REQUEST_RETRIES = 2, 0
    sandbox.fault("server_error", endpoint="order_search")

    def wait(seconds):
        waits.append(seconds)
        Chunk.objects.update(due_at=clock.now())

    monkeypatch.setattr(clock, "sleep", wait)
    shown = sync("--shop", str(shops[0].pk))
    assert Run.objects.get().state == RunState.DONE
    assert sync_command.POLL_SECONDS in waits
    assert shown.count("UTC to try again. Internal error") == 1


def test_it_takes_over_what_a_killed_process_held(shops):
    """Nobody else may be there to do so: no worker, no beat."""
    run = make_run(shop=shops[0], window_start=clock.now() - timedelta(hours=1), window_end=clock.now())
    held = {
        "state": ChunkState.RUNNING,
        "lease_owner": "gone:1:a",
        "lease_expires_at": clock.now() - timedelta(seconds=1),
    }
    make_chunk(run=run, **held)
    sync("--incremental", "--shop", str(shops[0].pk))
    assert Run.objects.get().state == RunState.DONE


def test_a_secret_that_cannot_be_read_is_explained(shops):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {MarketplaceApp._meta.db_table} SET app_secret = 'damaged'")
    with pytest.raises(CommandError, match="cannot be decrypted with the keys in CREDENTIAL_KEYS"):
        sync()


def test_a_shop_without_credential_is_not_among_all_shops(shops):
    make_shop().credential.delete()
    sync("--hours", "1", "--force")
    assert Run.objects.count() == 2


@pytest.fixture
def process_environment(settings):
    """The environment in which another process finds this test's database."""
    facts = connection.settings_dict
    user = f"{quote(facts['USER'])}:{quote(facts['PASSWORD'])}@{quote(facts['HOST'], safe='')}:{facts['PORT']}"
    url = f"postgresql://{user}/{facts['NAME']}"
    keys = ",".join(settings.CREDENTIAL_KEYS)
    return {**os.environ, "DATABASE_URL": url, "CREDENTIAL_KEYS": keys, "DEBUG": "true", "ALLOW_SANDBOX": "true"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_loses_nothing(sandbox, shops, process_environment, number):
    sandbox.fault("slow", seconds=0.1, rate=1.0)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sync_orders", "--incremental"],
        cwd=ROOT, env=process_environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    give_up_at = time.monotonic() + 60
    while not Chunk.objects.filter(state=ChunkState.DONE).exists() and time.monotonic() < give_up_at:
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "Stopped. What was read is stored; the rest is due" in err
    assert "Traceback" not in out + err
    assert not Chunk.objects.filter(state=ChunkState.RUNNING).exists()
    assert set(Chunk.objects.filter(state=ChunkState.DUE).values_list("attempt_count", flat=True)) == {0}
    sandbox.control("DELETE", "/faults")
    sync("--incremental")
    assert sandbox.compare(*shops).is_equal


def test_what_is_due_much_later_is_left_to_the_workers(sandbox, shops, waits):
    """A quota may be used up until tomorrow: nobody sits before a command for so long."""
    run = make_run(shop=shops[0], window_start=clock.now() - timedelta(hours=1), window_end=clock.now())
    due_at = clock.now() + timedelta(seconds=sync_command.LONGEST_WAIT_SECONDS + 60)
    make_chunk(run=run, due_at=due_at, error="The app's calls of the day are used up.")
    out, err = StringIO(), StringIO()
    call_command("sync_orders", "--incremental", "--shop", str(shops[0].pk), stdout=out, stderr=err)
    assert f"Postponed until {due_at:%Y-%m-%d %H:%M:%S} UTC; workers go on then. The app's calls" in err.getvalue()
    assert Run.objects.get().state == RunState.OPEN
    assert len(waits) <= 1


def test_a_shop_that_is_paused_meanwhile_ends_the_wait_and_fails(sandbox, shops):
    run = make_run(shop=shops[0], window_start=clock.now() - timedelta(hours=1), window_end=clock.now())
    make_chunk(run=run, due_at=clock.now() + timedelta(seconds=20))

    def pause(_):
        Shop.objects.filter(pk=shops[0].pk).update(state="paused", state_reason="Stocktaking.")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(CommandError, match="1 of 1 shop failed") as failure:
        patch.setattr(clock, "sleep", pause)
        sync("--incremental", "--shop", str(shops[0].pk))
    assert (
        "The shop is paused by a person since it began. Stocktaking. What is left goes on" in failure.value.__notes__[0]
    )
    assert Run.objects.get().state == RunState.OPEN


def test_it_waits_while_another_worker_has_all_that_is_left(sandbox, shops, waits, monkeypatch):
    run = make_run(shop=shops[0], window_start=clock.now() - timedelta(hours=1), window_end=clock.now())
    chunk = make_chunk(run=run, state=ChunkState.RUNNING, lease_expires_at=clock.now() + timedelta(hours=1))

    def wait(seconds):
        waits.append(seconds)
        Chunk.objects.filter(pk=chunk.pk).update(state=ChunkState.DONE)

    monkeypatch.setattr(clock, "sleep", wait)
    sync("--incremental", "--shop", str(shops[0].pk))
    assert (Run.objects.get().state, waits) == (RunState.DONE, [sync_command.POLL_SECONDS])


def test_a_dry_run_shows_the_calls_beside_the_quotas(shops):
    MarketplaceApp.objects.update(calls_per_day=5_000, name="Big", app_key=uuid4().hex)  # nobody called with it yet
    assert "Big (TikTok Shop): 2 calls or more; left of its quota now: 5,000 of 5,000 (app, a day)." in sync(
        "--dry-run"
    )
    MarketplaceApp.objects.update(calls_per_day=0)
    assert "left of its quota now: no limit." in sync("--dry-run")
