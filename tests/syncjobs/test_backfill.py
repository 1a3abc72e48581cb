"""The command backfill: reads the world, prints, answers with codes; is stopped, continued and retried."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from kombu.exceptions import OperationalError as BrokerError

from backoffice.common import clock
from backoffice.management.demo.truths import KINDS
from orders.models import Order, OrderPayload
from shops.models import Shop
from syncjobs import leases, services
from syncjobs.management import backfill_work
from syncjobs.management.commands import backfill as command
from syncjobs.models import Backfill, Chunk, ChunkState, Run
from syncjobs.streams import STREAMS
from tests.factories.backfills import make_backfill
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
WEEKS_OF_THE_WORLD = 5


@pytest.fixture
def shops(sandbox, settings):
    settings.REQUEST_BACKOFF_SECONDS = settings.MAX_REQUEST_RETRIES = 0
    settings.SYNC_MAX_ATTEMPTS = 1
    return sandbox.connect()


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    run_ids: list[int] = []
    monkeypatch.setattr(command, "wake_workers", lambda ids: run_ids.extend(ids))
    return run_ids


@pytest.fixture
def since(sandbox):
    """Before the world's first order."""
    return f"{datetime.fromtimestamp(sandbox.now, UTC) - timedelta(weeks=WEEKS_OF_THE_WORLD):%Y-%m-%d}"


def run(*arguments, code=None):
    """Return what it printed; `code` is the exit code that it must end with. Orders alone unless told otherwise."""
    if "--from" in arguments and "--resources" not in arguments:
        arguments = (*arguments, "--resources", "orders")
    out, err = StringIO(), StringIO()
    try:
        call_command("backfill", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        assert code is not None, f"{error}\n{out.getvalue()}\n{err.getvalue()}"
        assert error.returncode == code
        return out.getvalue() + err.getvalue() + str(error)
    assert code is None, out.getvalue()
    return out.getvalue() + err.getvalue()


def test_the_whole_span_of_the_world_equals_the_truth(sandbox, shops, since, woken):
    shown = run("--all", "--from", since, "--chunk-days", "5", "--resources", *STREAMS)
    compared = {kind: sandbox.compare(*shops, kind=kind) for kind in KINDS}
    # Products that have not changed since are the full sync's: a backfill reads what changed in its days.
    assert [kind for kind, one in compared.items() if kind != "products" and not one.is_equal] == []
    assert (compared["products"].different, compared["products"].extra) == (0, 0)
    backfill = Backfill.objects.get()
    assert backfill.state == "ended"
    assert sorted(woken) == sorted(Run.objects.values_list("pk", flat=True))
    assert set(Run.objects.values_list("kind", "state", "backfill")) == {("backfill", "done", backfill.pk)}
    assert set(OrderPayload.objects.values_list("source", flat=True)) == {"backfill"}
    assert "More than 30 days are written: is there a fresh backup" in shown
    assert f"Backfill {backfill.pk}: ended" in shown


def test_json_is_all_that_a_program_reads(shops, since):
    out = StringIO()
    call_command("backfill", "--shop", str(shops[0].pk), "--from", since, "--chunk-days", "9", "--json", stdout=out)
    summary = json.loads(out.getvalue())
    assert summary["state"] == "ended"
    assert summary["days"]["total"] == summary["days"]["success"] > 30
    assert summary["chunks"] == {state.value: 0 for state in ChunkState} | {"done": Chunk.objects.count()}
    assert summary["counts"]["orders"]["inserted_count"] == Order.objects.count() > 0
    assert summary["problem_days"] == []


def test_a_failed_day_makes_it_fail_and_alone_is_read_again(sandbox, shops, since):
    sandbox.fault("server_error", endpoint="order_search", times=1)
    shown = run("--shop", str(shops[0].pk), "--from", since, "--chunk-days", "5", code=1)
    backfill = Backfill.objects.get()
    assert (backfill.state, Run.objects.get().state) == ("ended", "failed")
    assert f"5 of {total_days()} days failed. Read them again: --retry-failed {backfill.pk}" in shown
    failed = Chunk.objects.get(state="failed")
    assert all(name in shown for name in (" of these empty ", " calls ", " failed calls "))
    assert "Problem days" in shown and f"{failed.finished_at:%Y-%m-%d %H:%M:%S}" in shown
    done = dict(Chunk.objects.filter(state="done").values_list("pk", "finished_at"))
    assert run("--status", str(backfill.pk), code=1).count("days failed") == 1
    shown = run("--retry-failed", str(backfill.pk))
    assert "goes on: failed chunks that are due again: 1." in shown
    assert dict(Chunk.objects.exclude(pk=failed.pk).values_list("pk", "finished_at")) == done
    assert sandbox.compare(shops[0]).is_equal


def total_days():
    facts = Backfill.objects.get()
    return round((facts.window_end - facts.window_start) / timedelta(days=1))


def test_stop_and_continue(sandbox, shops, since, woken):
    shown = run("--all", "--from", since, "--chunk-days", "12", "--background")
    backfill = Backfill.objects.get()
    assert f"Backfill {backfill.pk} is queued for the workers" in shown
    assert set(Chunk.objects.values_list("state", flat=True)) == {"due"}
    assert f"Backfill {backfill.pk} is stopped: 2 runs of shops." in run("--stop", str(backfill.pk))
    assert "stopped" in run("--status", str(backfill.pk))
    woken.clear()
    assert f"Backfill {backfill.pk} goes on: 2 runs of shops." in run("--continue", str(backfill.pk))
    assert len(woken) == 2
    assert sandbox.compare(*shops).is_equal


def test_the_same_command_goes_on_with_what_was_stopped(sandbox, shops, since):
    asked = ("--all", "--from", since, "--chunk-days", "12")
    run("--shop", str(shops[0].pk), *asked[1:], "--background")
    run("--stop", str(Backfill.objects.get().pk))
    assert "was begun before and goes on" in run(*asked)
    assert (Backfill.objects.count(), Run.objects.count()) == (1, 2)
    assert sandbox.compare(*shops).is_equal


def test_it_ends_when_somebody_stops_the_backfill(shops, since, monkeypatch):
    def stop_after_one(chunk, owner):
        services.stop_backfill(Backfill.objects.get(), "")
        leases.end(chunk, owner, ChunkState.DONE)

    monkeypatch.setattr("syncjobs.engine.worker.work_on_chunk", stop_after_one)
    assert "days are not read: the backfill was stopped" in run("--all", "--from", since, code=1)
    assert Chunk.objects.filter(state="done").count() == 1


def test_nobody_waits_for_a_shop_that_must_be_authorised_again(sandbox, shops, since):
    sandbox.switch(revoked_shops=[shops[0].external_id])
    shown = run("--all", "--from", since, "--chunk-days", "12", code=1)
    assert "days failed" in shown
    assert Run.objects.get(shop=shops[1]).state == "done"
    assert Shop.objects.get(pk=shops[0].pk).state == "needs_reauthorisation"


def test_a_broker_that_is_away_is_said_and_the_work_is_done_here(sandbox, shops, since, monkeypatch):
    def refuse(_):
        raise BrokerError("no")

    monkeypatch.setattr(command, "wake_workers", refuse)
    assert "broker (Redis) does not answer" in run("--all", "--from", since, "--chunk-days", "12")
    assert sandbox.compare(*shops).is_equal


@pytest.mark.parametrize("arguments", [
    [], ["--all"], ["--all", "--from", "yesterday"], ["--all", "--shop", "1", "--from", "2026-01-01"],
    ["--all", "--from", "2026-01-02", "--to", "2026-01-01"], ["--all", "--from", "2999-01-01"],
    ["--all", "--from", "2026-01-01", "--chunk-days", "0"], ["--all", "--from", "2026-01-01", "--resources", "wishes"],
    ["--marketplace", "bazaar", "--from", "2026-01-01"], ["--shop", "0", "--from", "2026-01-01"],
    ["--status", "0"], ["--stop", "-1"], ["--continue", "9" * 30], ["--retry-failed", "one"],
])  # fmt: skip
def test_nonsense_is_refused_before_anything_is_written(arguments):
    make_shop()
    with pytest.raises(CommandError):
        call_command("backfill", *arguments, stdout=StringIO(), stderr=StringIO())
    assert not Backfill.objects.exists() and not Run.objects.exists()


def test_no_active_shop_and_a_paused_one_are_said():
    assert "no active shop" in run("--all", "--from", "2026-01-01", code=1)
    shop = make_shop(state="paused", state_reason="Stocktaking.")
    assert "is paused by a person. Stocktaking." in run("--shop", str(shop.pk), "--from", "2026-01-01", code=1)


def test_lines_say_how_far_it_is_and_by_when_the_quota_allows_the_rest(monkeypatch):
    app = make_app(calls_per_hour=1)
    backfill = make_backfill("done", *["due"] * 4, shops=[make_shop(app=app, timezone="UTC")], run_state="stopped")

    def stop_instead(*_, **__):
        Run.objects.update(state="stopped")

    monkeypatch.setattr(backfill_work, "work_on_run", stop_instead)
    shown = run("--continue", str(backfill.pk), code=1)
    assert "1 of 5 chunks, 0 rows read" in shown
    assert "at this quota done by" in shown


@pytest.fixture
def process_environment(settings):
    """The environment in which another process finds this test's database."""
    facts = connection.settings_dict
    user = f"{quote(facts['USER'])}:{quote(facts['PASSWORD'])}@{quote(facts['HOST'], safe='')}:{facts['PORT']}"
    keys = ",".join(settings.CREDENTIAL_KEYS)
    url = f"postgresql://{user}/{facts['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "CREDENTIAL_KEYS": keys, "DEBUG": "true", "ALLOW_SANDBOX": "true"}


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_it_cleanly_and_the_same_command_goes_on(sandbox, shops, since, process_environment):
    sandbox.fault("slow", seconds=0.02, rate=1.0)
    asked = ("--all", "--from", since, "--chunk-days", "2", "--resources", "orders")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "backfill", *asked],
        cwd=ROOT, env=process_environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    give_up_at = time.monotonic() + 60
    while not Chunk.objects.filter(state="done").exists() and time.monotonic() < give_up_at:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "Stopped here. What was read is stored. Give the same command to go on" in err
    assert "Traceback" not in out + err
    assert not Chunk.objects.filter(state="running").exists()
    assert Chunk.objects.filter(state="due").exists()
    sandbox.control("DELETE", "/faults")
    run(*asked)
    assert Backfill.objects.count() == 1
    assert sandbox.compare(*shops).is_equal


def test_it_takes_over_what_a_killed_process_held(sandbox, shops, since):
    run("--shop", str(shops[0].pk), "--from", since, "--chunk-days", "20", "--background")
    ago = clock.now() - timedelta(seconds=1)
    Chunk.objects.filter(number=1).update(state="running", lease_owner="gone:1:a", lease_expires_at=ago)
    Run.objects.update(last_claimed_at=ago)
    run("--shop", str(shops[0].pk), "--from", since, "--chunk-days", "20")
    assert sandbox.compare(shops[0]).is_equal
