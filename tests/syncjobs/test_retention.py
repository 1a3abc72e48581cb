"""What time deletes, and what it never does: rows on both sides of each border."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from aftersales.models import KeyedCall
from backoffice.common import clock, payload_retention
from backoffice.common.ingest import Origin
from backoffice.common.lists.models import Batch, BatchItem, Export
from backoffice.common.models import StoredPayload
from orders.models import Order, OrderPayload
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
from tests.factories.synced import KINDS, store_record

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
OLD_RUN = timedelta(days=90) + MINUTE
YOUNG_RUN = timedelta(days=90) - MINUTE


def ago(span):
    return clock.now() - span


def ended(span, state="done", **facts):
    facts = {"kind": "window", "created_at": ago(span + MINUTE), "finished_at": ago(span), **facts}
    return make_run(state=state, **facts)


def prune_all(**options):
    pruned = prune(seconds=60, **{"is_thorough": True, **options})
    assert pruned.is_finished
    return pruned.counts


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


OLD = timedelta(days=180) + MINUTE
OLDER = OLD + timedelta(days=30)
YOUNG = timedelta(days=180) - MINUTE


def add_payloads(order, *spans):
    """Give the order payloads of so long ago in place of its own."""
    order.payloads.all().delete()
    for span in spans:
        OrderPayload.objects.create(order=order, received_at=ago(span), source="poll", payload={})


def days_kept(order):
    now = clock.now()
    return sorted((now - at).days for at in order.payloads.values_list("received_at", flat=True))


@pytest.mark.parametrize(("spans", "kept"), [
    ((OLD,), [180]), ((OLD, OLDER), [180]), ((YOUNG, OLD), [179]), ((YOUNG, YOUNG / 2), [89, 179]),
    ((MINUTE, YOUNG, OLD, OLDER, OLDER + OLD / 9), [0, 179]),
])  # fmt: skip
def test_the_newest_payload_of_an_order_always_stays(shop, spans, kept):
    order = store_order(shop)
    add_payloads(order, *spans)
    prune_all()
    assert days_kept(order) == kept


def test_of_two_payloads_of_one_moment_the_later_row_stays(shop):
    order = store_order(shop)
    at = ago(OLD)
    order.payloads.all().delete()
    rows = [OrderPayload.objects.create(order=order, received_at=at, source="poll", payload={}) for _ in range(3)]
    assert prune_all() == {"order_payloads": 2}
    assert order.payloads.get().pk == rows[-1].pk


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_newest_payload_of_everything_that_is_synced_stays_and_the_older_ones_go(shop, kind):
    row = store_record(shop, kind, "1")
    row.payloads.all().delete()
    for span in (OLD, OLDER, OLDER + timedelta(days=1)):
        row.payloads.create(received_at=ago(span), source="poll", payload={})
    assert count_old_rows()[f"{kind}_payloads"] == (180, 2)
    assert prune_all() == {f"{kind}_payloads": 2}
    assert days_kept(row) == [180]


def test_every_history_of_payloads_is_pruned():
    tables = {table.model for table in retention.PAYLOAD_TABLES}
    assert tables == {model for model in apps.get_models() if issubclass(model, StoredPayload)}


def test_a_night_looks_at_what_became_old_of_late_and_a_thorough_walk_at_all(shop):
    order = store_order(shop)
    add_payloads(order, MINUTE, OLD, OLDER)
    assert prune_all(is_thorough=False) == {"order_payloads": 1}
    assert days_kept(order) == [0, 210]
    assert prune_all() == {"order_payloads": 1}
    assert days_kept(order) == [0]


def test_many_payloads_go_in_several_transactions(shop, monkeypatch):
    monkeypatch.setattr(payload_retention, "PAYLOADS_AT_ONCE", 2)
    orders = [store_order(shop, f"order-{n}") for n in range(5)]
    for order in orders:
        add_payloads(order, MINUTE, OLD)
    before = ago(timedelta(days=180))
    walk = payload_retention.start_payload_walk(retention.PAYLOAD_TABLES, before, is_thorough=False)
    counts = []
    while not walk.is_finished:
        counts.append(walk.delete_some().get("order_payloads"))
    assert [count for count in counts if count] == [2, 2, 1]
    assert Order.objects.count() == OrderPayload.objects.count() == 5


def test_what_time_did_not_suffice_for_is_gone_on_with_where_it_was_left(shop, monkeypatch):
    order = store_order(shop)
    add_payloads(order, MINUTE, OLD)
    seconds = iter(range(1_000))
    monkeypatch.setattr("backoffice.common.clock.monotonic_seconds", lambda: next(seconds))
    first = prune(seconds=20)
    assert (first.is_finished, first.counts) == (False, {})
    position = first.payloads_from
    assert position is not None
    rest = prune(seconds=900, payloads_from=position)
    assert (rest.is_finished, rest.counts) == (True, {"order_payloads": 1})


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


def test_the_walk_finds_a_slice_of_payloads_by_the_index(shop):
    """Not by reading the table: it has tens of millions of rows."""
    order = store_order(shop)
    OrderPayload.objects.bulk_create(
        OrderPayload(order=order, received_at=ago(timedelta(hours=n)), source="poll", payload={}) for n in range(3_000)
    )
    before = ago(timedelta(days=100))
    slice_of_it = retention.PAYLOAD_TABLES[0].list_old(before).filter(received_at__gte=before - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_orderpayload")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = slice_of_it.order_by().select_for_update(skip_locked=True, of=("self",)).only("pk")[:2_000].explain()
    assert "Bitmap Index Scan on order_payload_received" in plan, plan


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
    add_payloads(store_order(shop), MINUTE, OLD)
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
