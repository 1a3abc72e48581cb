"""The pages of runs and failed records: what their buttons do, progress that renews itself, lists without surprises."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.marketplaces.records import UnreadableRecord
from shops.models import Shop
from syncjobs import tasks
from syncjobs.engine.closing import close_if_ended
from syncjobs.intake import store_batch
from syncjobs.models import Chunk, ChunkState, FailedRecord, Lane, Run, RunEvent, RunState, Watermark
from tests.factories.pages import address, log_in, press
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db
RUNS = reverse("admin:syncjobs_run_changelist")


def test_sync_now_starts_a_run_in_the_persons_name_and_a_second_press_none(client, shop):
    log_in(client, "shops.view_shop", "syncjobs.add_run", "syncjobs.view_run", shops=(shop,))
    text = press(client, shop, "syncjobs.sync_now")
    run = Run.objects.get()
    assert f"Started run {run.pk}." in text
    assert (run.kind, run.trigger, run.shop) == ("incremental", "person", shop)
    assert LogEntry.objects.get().change_message == "Started by person."
    assert f"Run {run.pk} is under way already" in press(client, shop, "syncjobs.sync_now")
    assert Run.objects.count() == 1


def test_a_full_sync_reads_the_whole_depth(client, shop):
    log_in(client, "shops.view_shop", "syncjobs.add_run", shops=(shop,))
    press(client, shop, "syncjobs.sync_fully")
    assert Run.objects.get().kind == "full"


def test_workers_are_woken_after_the_commit(client, shop, monkeypatch, django_capture_on_commit_callbacks):
    woken: list[str] = []
    monkeypatch.setattr(tasks.work, "apply_async", lambda args, *, queue: woken.append(queue))
    log_in(client, "shops.view_shop", "syncjobs.add_run", shops=(shop,))
    with django_capture_on_commit_callbacks() as callbacks:
        press(client, shop, "syncjobs.sync_now")
        assert woken == []
    for wake in callbacks:
        wake()
    assert set(woken) == {"high"}


def test_a_paused_shop_is_not_synced_and_says_why(client):
    shop = make_shop(state="paused", state_reason="Stock-taking.")
    log_in(client, "shops.view_shop", "syncjobs.add_run", shops=(shop,))
    assert "so it is not synced. Stock-taking." in press(client, shop, "syncjobs.sync_now")
    assert not Run.objects.exists()


def test_an_open_run_is_cancelled_and_an_ended_one_is_left_alone(admin_client):
    due = make_chunk()
    ended = make_run(state=RunState.DONE)
    assert "is cancelled" in press(admin_client, due.run, "syncjobs.cancel_run")
    assert "has ended already: done" in press(admin_client, ended, "syncjobs.cancel_run")
    assert Chunk.objects.get(pk=due.pk).state == ChunkState.CANCELLED
    cancelled = Run.objects.get(pk=due.run_id)
    assert (cancelled.state, cancelled.reason) == (RunState.CANCELLED, "Cancelled by admin.")
    assert Run.objects.get(pk=ended.pk).state == RunState.DONE


def test_a_failed_run_is_retried(client):
    chunk = make_chunk(run=make_run(state=RunState.FAILED), state=ChunkState.FAILED)
    log_in(client, "syncjobs.view_run", "syncjobs.change_run", shops=(chunk.run.shop,))
    assert "is open again, with 1 chunk to read" in press(client, chunk.run, "syncjobs.retry_run")
    assert (Run.objects.get().state, Run.objects.get().reason) == (RunState.OPEN, "Retried by person.")


@pytest.mark.parametrize(("state", "offered"), [
    ("open", {"syncjobs.cancel_run"}), ("failed", {"syncjobs.retry_run"}), ("done", set()), ("cancelled", set()),
])  # fmt: skip
def test_a_run_offers_what_can_be_done_to_it(admin_client, state, offered):
    run = make_run(state=state)
    buttons = admin_client.get(address(run, "change")).context["row_buttons"]
    assert {button["action"].key for button in buttons} == offered


@pytest.mark.parametrize("key", ["syncjobs.cancel_run", "syncjobs.retry_run"])
def test_foreign_runs_are_out_of_reach_and_looking_is_not_changing(client, key):
    mine, foreign = make_run(), make_run()
    log_in(client, "syncjobs.view_run", shops=(mine.shop,))
    assert client.post(address(mine, "do", key)).status_code == 403
    assert client.post(address(foreign, "do", key)).status_code == 404
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.OPEN}


@pytest.fixture
def record(shop):
    store_batch(
        "orders", shop.pk, [], [UnreadableRecord({"x": "<b>x</b>"}, "<i>no id</i>")], Origin("poll", clock.now())
    )
    return FailedRecord.objects.get()


def test_a_failed_record_that_still_cannot_be_read_stays_and_says_why(admin_client, record):
    assert "It still cannot be stored" in press(admin_client, record, "syncjobs.retry_record")
    assert FailedRecord.objects.get().state == "open"


def test_a_failed_record_is_discarded_by_who_may_delete_it(client, record):
    log_in(client, "syncjobs.view_failedrecord", "syncjobs.change_failedrecord", shops=(record.shop,))
    assert client.post(address(record, "do", "syncjobs.discard_record")).status_code == 403
    client.logout()
    client.force_login(make_person(
        "syncjobs.view_failedrecord", "syncjobs.delete_failedrecord", shops=(record.shop,), name="other"
    ))  # fmt: skip
    assert "Discarded." in press(client, record, "syncjobs.discard_record")
    record.refresh_from_db()
    assert (record.state, record.ended_by) == ("discarded", "other")


def panel(client, run):
    answer = client.get(address(run, "live"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_panel_of_an_open_run_asks_again_and_that_of_an_ended_one_does_not(admin_client):
    chunk = make_chunk(fetched_count=7)
    running = panel(admin_client, chunk.run)
    assert f'data-live="{address(chunk.run, "live")}" data-live-seconds="2"' in running
    assert "0 of 1 chunk stored" in running
    Chunk.objects.update(state=ChunkState.DONE)
    close_if_ended(chunk.run_id)
    ended = panel(admin_client, chunk.run)
    assert "data-live" not in ended
    assert "1 of 1 chunk stored" in ended
    assert 'aria-valuenow="100"' in ended


def test_the_page_holds_what_the_panel_is(admin_client):
    """Else the first renewal would make the page jump."""
    chunk = make_chunk()
    page = admin_client.get(address(chunk.run, "change")).content.decode()
    assert page.count('id="live-panel"') == 1
    assert "0 of 1 chunk stored" in page


def test_counts_grow_while_the_run_is_open(admin_client):
    chunk = make_chunk(fetched_count=1_234)
    make_chunk(run=chunk.run, fetched_count=1)
    assert "1,235" in panel(admin_client, chunk.run)


def test_an_error_of_a_chunk_is_shown_escaped(admin_client):
    chunk = make_chunk(error="<script>no</script>", state=ChunkState.FAILED)
    assert "&lt;script&gt;no&lt;/script&gt;" in panel(admin_client, chunk.run)


def test_of_very_many_chunks_those_that_failed_are_shown_and_the_rest_is_counted(admin_client, monkeypatch):
    monkeypatch.setattr("syncjobs.admin.run_panel.MOST_CHUNKS", 2)
    run = make_run()
    for number in range(1, 5):
        make_chunk(run=run, number=number)
    Chunk.objects.filter(number=4).update(state=ChunkState.FAILED, error="the fourth failed")
    text = panel(admin_client, run)
    assert "the fourth failed" in text
    assert "Not shown: 2 more chunks;" in text


def test_what_happened_on_the_way_is_listed_the_newest_first(admin_client, monkeypatch):
    monkeypatch.setattr("syncjobs.admin.run_panel.MOST_EVENTS", 2)
    run = make_chunk().run
    for text in ("oldest", "<b>read again</b>", "newest"):
        RunEvent.objects.create(run=run, chunk_number=1, at=clock.now(), level="warning", text=text)
    text = panel(admin_client, run)
    assert "oldest" not in text
    assert text.index("newest") < text.index("&lt;b&gt;read again&lt;/b&gt;")


def test_where_the_time_went_is_shown_in_shares(admin_client):
    run = make_run()
    make_chunk(run=run, call_count=4, call_seconds=6, store_seconds=2, wait_seconds=1, worked_seconds=10)
    text = panel(admin_client, run)
    for part in ("Where the time went", "6.0 s", "2.0 s", 'aria-valuenow="60"', "1.50 s", "Mapping and all else"):
        assert part in text, part
    assert "Where the time went" not in panel(admin_client, make_chunk().run)


@pytest.mark.parametrize(("facts", "said"), [
    ({"due_at": clock.now() + timedelta(hours=30)}, "Waits until "), ({}, "Waits for a worker."),
    ({"run__shop__state": "paused"}, "Waits until the shop is active. It is not now: paused by a person."),
    ({"run__shop__state": "paused", "run__is_forced": True}, "Waits for a worker."),
    ({"state": "running", "lease_expires_at": clock.now() + timedelta(hours=1)}, ""),
    ({"run__state": "failed", "state": "failed"}, ""),
])  # fmt: skip
def test_an_open_run_says_what_it_waits_for(admin_client, facts, said):
    text = panel(admin_client, make_chunk(**facts).run)
    assert said in text
    assert ("Waits " in text) is bool(said)


def test_a_skipped_run_says_why_and_has_neither_chunks_nor_progress(admin_client):
    run = make_run(state="skipped", reason="Covered by run 7.", finished_at=clock.now())
    text = panel(admin_client, run)
    assert "Covered by run 7." in text
    assert ("chunks stored" in text, "progressbar" in text) == (False, False)


def test_a_foreign_runs_panel_is_not_there_and_without_permission_it_is_refused(client):
    mine, foreign = make_run(), make_run()
    log_in(client, "syncjobs.view_run", shops=(mine.shop,))
    assert client.get(address(foreign, "live")).status_code == 404
    client.force_login(make_person(shops=(mine.shop,), name="blind"))
    assert client.get(address(mine, "live")).status_code == 403


def listed(client, **query):
    return {run.pk for run in client.get(RUNS, query).context["cl"].result_list}


def test_the_list_is_narrowed_by_what_people_ask_for(admin_client):
    done, failed = make_run(state="done", kind="full", trigger="person"), make_run(state="failed")
    everything = {done.pk, failed.pk}
    assert listed(admin_client) == everything
    assert listed(admin_client, state="failed") == {failed.pk}
    assert listed(admin_client, state=["failed", "done"]) == everything
    assert listed(admin_client, kind="full") == {done.pk}
    assert listed(admin_client, trigger="person") == {done.pk}
    assert listed(admin_client, shop=failed.shop_id) == {failed.pk}
    assert listed(admin_client, resource="orders") == everything
    high, skipped = make_run(lane=Lane.HIGH), make_run(state="skipped")
    assert listed(admin_client, lane=str(Lane.HIGH.value)) == {high.pk}
    assert listed(admin_client, state="skipped") == {skipped.pk}
    everything |= {high.pk, skipped.pk}
    assert listed(admin_client, created_from="2000-01-01", created_to="2999-01-01") == everything
    assert listed(admin_client, created_to="2000-01-01") == set()


@pytest.mark.parametrize("query", [{"state": "nonsense"}, {"shop": "x"}, {"created_from": "soon"}, {"colour": "red"}])
def test_a_filter_that_makes_no_sense_is_named_and_shows_nothing(admin_client, query):
    make_run()
    answer = admin_client.get(RUNS, query)
    assert list(answer.context["cl"].result_list) == []
    assert "Nothing is shown until this filter is mended" in answer.content.decode()


def test_a_foreign_shop_in_a_filter_is_not_named(client):
    mine, foreign = make_run(), make_run(shop=make_shop(name="faraway"))
    log_in(client, "syncjobs.view_run", shops=(mine.shop,))
    assert "faraway" not in client.get(RUNS, {"shop": foreign.shop_id}).content.decode()


def test_a_shops_lag_is_coloured_only_while_it_is_on_the_schedule(admin_client):
    run = make_run()
    Watermark.objects.create(shop=run.shop, resource="orders", position_at=run.window_start, moved_at=clock.now())
    marks = reverse("admin:syncjobs_watermark_changelist")
    assert "tone-danger" in admin_client.get(marks).content.decode()
    Shop.objects.update(state="paused")
    assert "tone-danger" not in admin_client.get(marks).content.decode()
