"""What time deletes, and what it never does: rows on both sides of each border."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction

from aftersales.models import KeyedCall
from backoffice.common import clock
from backoffice.common.ingest import Origin
from backoffice.common.lists.models import Batch, BatchItem, Export
from orders.models import OrderPayload
from shops.marketplaces.records import UnreadableRecord
from syncjobs import tasks
from syncjobs.intake import store_batch
from syncjobs.models import (
    Backfill,
    BufferedBatch,
    Chunk,
    EventLevel,
    FailedRecord,
    GapReport,
    Run,
    RunEvent,
    Watermark,
)
from syncjobs.services import count_old_rows, prune, retention
from tests.factories.orders import store_order
from tests.factories.races import at_once
from tests.factories.shops import make_shop
from tests.factories.sync import WINDOW_END, WINDOW_START, make_chunk, make_run
from tests.syncjobs.pruning import MINUTE, add_payloads, ago, prune_all

pytestmark = pytest.mark.django_db
OLD_RUN = timedelta(days=90) + MINUTE
OLD_PAYLOAD = timedelta(days=180) + MINUTE
YOUNG_RUN = timedelta(days=90) - MINUTE


def ended(span, state="done", **facts):
    facts = {"kind": "window", "created_at": ago(span + MINUTE), "finished_at": ago(span), **facts}
    return make_run(state=state, **facts)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled", "skipped"])
def test_ended_runs_go_after_their_time_with_chunks_and_events(state):
    old, young = ended(OLD_RUN, state), ended(YOUNG_RUN, state)
    for run in (old, young):
        make_chunk(run=run, state="done")
        RunEvent.objects.create(run=run, at=clock.now(), level=EventLevel.WARNING, text="slow")
    assert prune_all() == {"runs": 1}
    assert [run.pk for run in Run.objects.all()] == [young.pk]
    assert (Chunk.objects.count(), RunEvent.objects.count()) == (1, 1)


def test_a_run_that_took_long_counts_from_its_end_and_a_skipped_one_without_an_end_from_its_beginning():
    ended(YOUNG_RUN, created_at=ago(OLD_RUN * 2))
    skipped = ended(OLD_RUN, "skipped", finished_at=None)
    prune_all()
    assert not Run.objects.filter(pk=skipped.pk).exists()
    assert Run.objects.count() == 1


@pytest.mark.parametrize("state", ["open", "stopped", "buffered"])
def test_runs_that_are_not_ended_stay_however_old_they_are(state):
    run = ended(OLD_RUN * 10, state, finished_at=None)
    make_chunk(run=run, state="failed")
    assert prune_all() == {}
    assert Chunk.objects.count() == 1


def test_the_first_windows_of_a_shop_that_was_never_read_stay():
    """The planner finds in them where the shop's first window began."""
    never_read, read = make_shop(), make_shop()
    Watermark.objects.create(shop=read, resource="orders", position_at=clock.now(), moved_at=clock.now())
    for shop in (never_read, read):
        ended(OLD_RUN, "failed", kind="incremental", shop=shop)
    prune_all()
    assert [run.shop for run in Run.objects.all()] == [never_read]


def make_backfill(span, state="ended"):
    facts = {"window_start": WINDOW_START, "window_end": WINDOW_END, "created_at": ago(span), "finished_at": ago(span)}
    return Backfill.objects.create(state=state, **facts)


def test_backfills_go_after_their_runs_and_one_that_goes_on_keeps_its_runs():
    over, open_one, stopped, young = (
        make_backfill(OLD_RUN), make_backfill(OLD_RUN, "open"), make_backfill(OLD_RUN, "stopped"), make_backfill(MINUTE)
    )  # fmt: skip
    for backfill in (over, open_one, stopped, young):
        ended(OLD_RUN, kind="backfill", backfill=backfill)
    assert prune_all() == {"runs": 2, "backfills": 1}
    assert set(Backfill.objects.all()) == {open_one, stopped, young}
    assert set(Run.objects.values_list("backfill_id", flat=True)) == {open_one.pk, stopped.pk}


@pytest.mark.parametrize(("state", "span", "stays"), [
    ("done", OLD_RUN, False), ("failed", OLD_RUN, False), ("done", YOUNG_RUN, True), ("due", OLD_RUN, True),
    ("running", OLD_RUN, True),
])  # fmt: skip
def test_gap_reports_go_when_they_have_ended(shop, state, span, stays):
    GapReport.objects.create(
        shop=shop, window_start=WINDOW_START, window_end=WINDOW_END, trigger="beat", state=state, due_at=ago(span),
        created_at=ago(span), finished_at=ago(span),
    )  # fmt: skip
    prune_all()
    assert GapReport.objects.exists() is stays


@pytest.mark.parametrize(("state", "days", "stays"), [
    ("fixed", 31, False), ("discarded", 31, False), ("fixed", 29, True), ("discarded", 29, True), ("open", 4000, True),
])  # fmt: skip
def test_failed_records_go_when_they_were_dealt_with_and_never_while_they_are_open(shop, state, days, stays):
    run = ended(OLD_RUN, shop=shop)
    store_batch("orders", shop.pk, [], [UnreadableRecord({}, "no id")], Origin("poll", clock.now(), run.pk))
    FailedRecord.objects.update(state=state, ended_at=None if state == "open" else ago(timedelta(days=days)))
    prune_all()
    assert FailedRecord.objects.exists() is stays
    assert not FailedRecord.objects.exclude(run=None).exists()  # the run is gone in any case


@pytest.mark.parametrize(("state", "days", "stays"), [
    ("stored", 31, False), ("stored", 29, True), ("waiting", 400, True), ("failed", 400, True), ("damaged", 400, True),
    ("replaying", 400, True),
])  # fmt: skip
def test_of_buffered_batches_only_stored_ones_go(state, days, stays):
    at = ago(timedelta(days=days))
    BufferedBatch.objects.create(file_name="a", host="h", state=state, buffered_at=at, changed_at=at)
    prune_all()
    assert BufferedBatch.objects.exists() is stays


@pytest.mark.parametrize(("state", "days", "stays"), [
    ("done", 31, False), ("cancelled", 31, False), ("done", 29, True), ("due", 400, True), ("running", 400, True),
])  # fmt: skip
def test_bulk_actions_go_with_their_results(state, days, stays):
    person = User.objects.create(username="lan")
    batch = Batch.objects.create(user=person, action="x", state=state, finished_at=ago(timedelta(days=days)))
    BatchItem.objects.create(batch=batch, row_id=1, row_name="row")
    prune_all()
    assert (Batch.objects.exists(), BatchItem.objects.exists()) == (stays, stays)


@pytest.mark.parametrize(("state", "days", "stays"), [
    ("expired", 31, False), ("failed", 31, False), ("expired", 29, True), ("done", 400, True),
])  # fmt: skip
def test_downloads_go_when_their_file_has_gone(state, days, stays):
    person = User.objects.create(username="lan")
    Export.objects.create(user=person, kind="x", format="csv", state=state, finished_at=ago(timedelta(days=days)))
    prune_all()
    assert Export.objects.exists() is stays


@pytest.mark.parametrize(("days", "stays"), [(91, False), (89, True)])
def test_answers_of_keyed_calls_go_when_nobody_repeats_them_any_more(days, stays):
    person = User.objects.create(username="lan")
    KeyedCall.objects.create(
        user=person, key="k", digest=b"1", status=200, answer={}, created_at=ago(timedelta(days=days))
    )
    prune_all()
    assert KeyedCall.objects.exists() is stays


@pytest.mark.parametrize("setting", [
    "RETENTION_RUNS_DAYS", "RETENTION_PAYLOADS_DAYS", "RETENTION_FAILED_RECORDS_DAYS", "RETENTION_BUFFER_DAYS",
    "RETENTION_LISTS_DAYS",
])  # fmt: skip
def test_zero_days_keep_for_ever(shop, settings, setting):
    year = timedelta(days=190)
    ended(year)
    add_payloads(store_order(shop), year, year + MINUTE)
    BufferedBatch.objects.create(file_name="a", host="h", state="stored", buffered_at=ago(year), changed_at=ago(year))
    person = User.objects.create(username="lan")
    Batch.objects.create(user=person, action="x", state="done", finished_at=ago(year))
    store_batch("orders", shop.pk, [], [UnreadableRecord({}, "no id")], Origin("poll", clock.now()))
    FailedRecord.objects.update(state="fixed", ended_at=ago(year))
    everything = {name: count for name, (_, count) in count_old_rows().items() if count}
    setattr(settings, setting, 0)
    kept = prune_all()
    assert set(everything) - set(kept) == {
        "RETENTION_RUNS_DAYS": {"runs"}, "RETENTION_PAYLOADS_DAYS": {"order_payloads"},
        "RETENTION_FAILED_RECORDS_DAYS": {"failed_records"}, "RETENTION_BUFFER_DAYS": {"buffered_batches"},
        "RETENTION_LISTS_DAYS": {"bulk_actions"},
    }[setting]  # fmt: skip


def test_no_time_deletes_nothing(shop):
    ended(OLD_RUN)
    pruned = prune(seconds=0)
    assert (pruned.is_finished, pruned.counts, Run.objects.count()) == (False, {}, 1)


def test_a_second_one_finds_nothing_left():
    ended(OLD_RUN)
    assert (prune_all(), prune_all()) == ({"runs": 1}, {})


@pytest.mark.django_db(transaction=True)
def test_several_at_once_share_the_work_and_wait_for_nobody(monkeypatch):
    monkeypatch.setattr(retention, "KINDS", tuple(k for k in retention.KINDS if k.name == "runs"))
    for _ in range(60):
        ended(OLD_RUN)
    outcomes = at_once(lambda: prune(seconds=60).counts.get("runs", 0))
    assert sum(outcomes) == 60
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_passed_by():
    held, free = ended(OLD_RUN), ended(OLD_RUN)
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=held.pk)
        [count] = at_once(lambda: prune(seconds=60).counts.get("runs", 0), 1)
    assert count == 1
    assert [run.pk for run in Run.objects.all()] == [held.pk]
    assert free.pk != held.pk


def test_the_task_sends_for_another_one_where_time_was_short(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.prune, "apply_async", lambda args, queue: sent.append((args, queue)))
    assert tasks.prune() == {}
    assert sent == []
    monkeypatch.setattr(tasks, "PRUNE_SECONDS", 0)
    tasks.prune(is_thorough=True)
    [((position, is_thorough), queue)] = sent
    assert (position, is_thorough, queue) == ("", True, "sweeps")


def run_command(*arguments):
    out = StringIO()
    call_command("prune", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prune_shows_what_would_go_and_deletes_it(shop):
    ended(OLD_RUN)
    add_payloads(store_order(shop), MINUTE, OLD_PAYLOAD)
    shown = json.loads(run_command("--dry-run", "--json"))
    assert (shown["runs"], shown["order_payloads"], shown["downloads"]) == (1, 1, 0)
    assert Run.objects.count() == 1
    table = run_command()
    assert "runs" in table
    assert "180 days" in table
    assert (Run.objects.count(), OrderPayload.objects.count()) == (0, 1)


def test_less_than_no_time_is_refused():
    with pytest.raises(CommandError, match="--seconds -5 makes no sense"):
        run_command("--seconds", "-5")


def test_the_command_says_when_it_was_not_finished():
    with pytest.raises(CommandError, match="goes with the next one"):
        run_command("--seconds", "0")
