"""Starting, stopping, continuing and retrying backfills."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from shops.marketplaces.records import Window
from shops.models import Shop
from syncjobs import leases, services
from syncjobs.models import Backfill, Chunk, ChunkState, Run
from tests.factories.backfills import FIRST_DAY, make_backfill
from tests.factories.races import at_once
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db
MARCH = Window(FIRST_DAY - timedelta(hours=7), FIRST_DAY + timedelta(days=31, hours=-7))


@pytest.fixture(autouse=True)
def later(monkeypatch):
    """April: all of March can be read."""
    now = datetime(2026, 4, 9, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


def states(backfill):
    backfill.refresh_from_db()
    runs = sorted(set(Run.objects.filter(backfill=backfill).values_list("state", flat=True)))
    return backfill.state, *runs


def chunk_states(backfill):
    return list(Chunk.objects.filter(run__backfill=backfill).order_by("run", "number").values_list("state", flat=True))


def test_each_shop_gets_a_run_with_a_chunk_for_each_of_its_days(admin_user):
    hanoi, manila = make_shop(), make_shop(timezone="Asia/Manila")
    started = services.start_backfill([hanoi, manila], MARCH, person=admin_user)
    assert (started.opened_count, started.known_count, started.known_in_words) == (2, 0, "")
    runs = Run.objects.order_by("shop_id")
    assert {(run.kind, run.trigger, run.lane, run.resource, run.state) for run in runs} == {
        ("backfill", "backfill", 3, "orders", "open")
    }
    assert [run.chunks.count() for run in runs] == [31, 32]
    assert {run.chunks.get(number=1).window_start for run in runs} == {MARCH.start}
    assert [f"{run.chunks.get(number=2).window_start:%H}" for run in runs] == ["17", "16"]
    assert Backfill.objects.get().person == admin_user


def test_chunks_may_have_several_days(shop):
    services.start_backfill([shop], MARCH, chunk_days=7)
    assert [chunk.window_end - chunk.window_start for chunk in Chunk.objects.order_by("number")] == [
        *[timedelta(days=7)] * 4, timedelta(days=3),
    ]  # fmt: skip


def test_runs_are_written_and_taken_in_the_order_in_which_one_needs_their_rows(shop):
    asked = ["returns", "orders", "transactions", "products", "shipments", "orders"]
    started = services.start_backfill([shop], MARCH, chunk_days=7, resources=asked)
    order = ["products", "orders", "shipments", "transactions", "returns"]
    assert (started.opened_count, started.backfill.resources) == (5, order)
    claimed = [leases.claim_next_chunk(f"here:{number}:a") for number in range(5)]
    assert [(chunk.run.resource, chunk.number) for chunk in claimed if chunk] == [(one, 1) for one in order]


def test_a_catalogue_is_read_once_and_so_is_what_shows_everything_each_time():
    shops = [make_shop(marketplace="tiktok"), make_shop(marketplace="temu")]
    services.start_backfill(shops, MARCH, resources=["products", "orders"])
    chunks = Chunk.objects.filter(run__resource="products")
    assert [Window(chunk.window_start, chunk.window_end) for chunk in chunks] == [MARCH, MARCH]
    assert Chunk.objects.filter(run__resource="orders").count() == 62


def test_chunks_are_no_longer_than_a_marketplaces_lists_take_even_where_clocks_change():
    shops = [make_shop(marketplace="shopee", timezone="Europe/Berlin"), make_shop(marketplace="tiktok")]
    services.start_backfill(shops, MARCH, chunk_days=31, resources=["orders"])
    for shop, fits in zip(shops, (timedelta(days=15), timedelta(days=31)), strict=True):
        chunks = list(Chunk.objects.filter(run__shop=shop).order_by("number"))
        assert max(chunk.window_end - chunk.window_start for chunk in chunks) <= fits
        assert (chunks[0].window_start, chunks[-1].window_end) == (MARCH.start, MARCH.end)
    assert Chunk.objects.filter(run__shop=shops[1]).count() == 1


def test_what_a_marketplace_does_not_have_is_left_out_with_a_word():
    temu, tiktok = make_shop(marketplace="temu"), make_shop(marketplace="tiktok")
    started = services.start_backfill([temu, tiktok], MARCH, resources=["transactions", "orders"])
    assert (started.opened_count, started.known_count) == (3, 0)
    assert started.lacking_in_words == "Left out: Temu has no transactions."
    with pytest.raises(NotPossible, match=r"Left out: Temu has no transactions\."):
        services.start_backfill([temu], MARCH, resources=["transactions"])
    assert Backfill.objects.count() == 1


def test_a_zone_that_nobody_knows_is_taken_for_utc():
    services.start_backfill([make_shop(timezone="Mars/Olympus")], MARCH)
    assert Chunk.objects.filter(window_start__hour=0).count() == 31


def test_a_chunk_is_written_as_the_model_has_it(shop):
    services.start_backfill([shop], MARCH)
    copied = Chunk.objects.get(number=1)
    made = Chunk(run=copied.run, number=40, due_at=copied.due_at)
    made.window_start, made.window_end = copied.window_start, copied.window_end
    made.save()
    left_out = {"id": 0, "number": 0}
    assert {**Chunk.objects.values().get(number=1), **left_out} == {**Chunk.objects.values().get(number=40), **left_out}


def test_years_are_written_without_a_gap(shop):
    services.start_backfill([shop], Window(datetime(2023, 4, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)))
    chunks = list(Chunk.objects.order_by("number"))
    assert [chunk.number for chunk in chunks] == list(range(1, 1098))
    assert all(one.window_end == other.window_start for one, other in pairwise(chunks))


def test_a_shop_that_is_being_read_is_named_and_the_others_go_on(shop):
    services.start_backfill([shop], MARCH)
    other = make_shop()
    started = services.start_backfill([shop, other], MARCH)
    assert (started.opened_count, started.known_count) == (1, 1)
    assert f"not opened twice, for {shop.name} (1)" in started.known_in_words
    assert Run.objects.filter(shop=shop).count() == 1
    assert [run.shop for run in started.backfill.runs.all()] == [other]


@pytest.mark.parametrize("state", ["open", "stopped"])
def test_where_all_is_being_read_no_backfill_is_left_behind(shop, state):
    services.start_backfill([shop], MARCH)
    Run.objects.update(state=state)
    with pytest.raises(NotPossible, match="being read already"):
        services.start_backfill([shop], MARCH)
    assert Backfill.objects.count() == 1


def test_what_has_ended_may_be_read_again(shop):
    services.start_backfill([shop], MARCH)
    Run.objects.update(state="done")
    assert services.start_backfill([shop], MARCH).opened_count == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_one_run_of_a_shop():
    shop = make_shop()

    outcomes = at_once(lambda: services.start_backfill([shop], MARCH))
    assert sum(isinstance(outcome, NotPossible) for outcome in outcomes) == len(outcomes) - 1
    assert (Run.objects.count(), Chunk.objects.count(), Backfill.objects.count()) == (1, 31, 1)


def test_nothing_newer_than_the_end_guard_is_read(shop, later, settings):
    settings.SYNC_END_GUARD_SECONDS = 120
    started = services.start_backfill([shop], Window(later - timedelta(days=1), later + timedelta(days=9)))
    assert started.backfill.window_end == later - timedelta(seconds=120)
    assert Run.objects.get().window_end == later - timedelta(seconds=120)


@pytest.mark.parametrize(("days", "reminds"), [(30, False), (31, True)])
def test_it_reminds_of_a_backup_above_thirty_days(shop, days, reminds):
    window = Window(MARCH.start, MARCH.start + timedelta(days=days))
    assert services.start_backfill([shop], window).needs_backup is reminds


@pytest.mark.parametrize("options", [
    {"chunk_days": 0}, {"chunk_days": 32}, {"resources": ["wishes"]}, {"resources": []},
])  # fmt: skip
def test_nonsense_is_refused_before_anything_is_written(shop, options):
    with pytest.raises(NotPossible):
        services.start_backfill([shop], MARCH, **options)
    with pytest.raises(NotPossible, match="no shop"):
        services.start_backfill([], MARCH)
    assert not Backfill.objects.exists()


def test_days_are_the_operators_and_the_last_one_is_included(settings, later):
    settings.OPERATOR_TIME_ZONE = "Asia/Ho_Chi_Minh"
    assert services.plan_backfill_window(date(2026, 3, 1), date(2026, 3, 31)) == MARCH
    today = services.plan_backfill_window(date(2026, 4, 9), date(2026, 4, 9))
    assert today.end == later - timedelta(seconds=settings.SYNC_END_GUARD_SECONDS)


def test_no_last_day_is_too_late_to_mean_up_to_now(later):
    assert services.plan_backfill_window(date(2026, 4, 1), date.max).end == later - timedelta(seconds=60)


@pytest.mark.parametrize(("first", "last"), [
    (date.max, date.max),
    (date(2026, 3, 2), date(2026, 3, 1)), (date(2026, 5, 1), date(2026, 5, 2)), (date(1, 1, 1), date(2026, 1, 1)),
])  # fmt: skip
def test_days_that_make_no_window_are_refused(first, last):
    with pytest.raises(NotPossible):
        services.plan_backfill_window(first, last)


def test_the_same_wish_finds_its_backfill_again_also_where_it_said_up_to_now(shop, later, monkeypatch):
    def wish():
        return services.plan_backfill_window(date(2026, 4, 1), date(2026, 4, 9))

    def find(window, chunk_days=1):
        return services.find_same_backfill(window, chunk_days=chunk_days, resources=["orders"])

    backfill = services.start_backfill([shop], wish()).backfill
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(minutes=5))
    assert wish().end > backfill.window_end
    assert find(wish()) == backfill
    assert find(wish(), 2) is None
    assert find(MARCH) is None
    Backfill.objects.update(state="ended")
    assert find(wish()) is None


def test_a_backfill_that_began_a_second_after_its_window_was_planned_is_found_too(shop, later, monkeypatch):
    window = services.plan_backfill_window(date(2026, 4, 1), date(2026, 4, 9))
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(seconds=1))
    backfill = services.start_backfill([shop], window).backfill
    again = services.plan_backfill_window(date(2026, 4, 1), date(2026, 4, 9))
    assert services.find_same_backfill(again, chunk_days=1, resources=["orders"]) == backfill


def test_a_stopped_backfill_gives_no_chunk_away_until_it_is_continued():
    backfill = make_backfill("due", "done")
    services.stop_backfill(backfill, "Stopped by a test.")
    assert states(backfill) == ("stopped", "stopped")
    assert (backfill.reason, Run.objects.get().reason) == ("Stopped by a test.", "Stopped by a test.")
    assert leases.claim_next_chunk("here:1:a") is None
    services.continue_backfill(backfill, "Goes on.")
    assert states(backfill) == ("open", "open")
    assert leases.claim_next_chunk("here:1:a") == Chunk.objects.get(number=1)


def test_what_is_in_work_when_it_is_stopped_is_finished():
    backfill = make_backfill("due", "due")
    chunk = leases.claim_next_chunk("here:1:a")
    assert chunk is not None
    services.stop_backfill(backfill, "")
    leases.end(chunk, "here:1:a", ChunkState.DONE)
    assert chunk_states(backfill) == ["done", "due"]


def test_stopping_twice_and_continuing_what_goes_on_say_so():
    backfill = make_backfill("due")
    with pytest.raises(NotPossible, match="has no stopped runs: it is running"):
        services.continue_backfill(backfill, "")
    services.stop_backfill(backfill, "")
    with pytest.raises(NotPossible, match="has no open runs: it is stopped"):
        services.stop_backfill(backfill, "")


def test_a_shop_that_is_added_to_a_stopped_backfill_is_stopped_as_well(shop):
    backfill = make_backfill("due")
    services.stop_backfill(backfill, "")
    services.add_shops(backfill, [shop])
    assert states(backfill) == ("stopped", "stopped")


def test_ended_runs_stay_what_they_are_when_a_backfill_is_stopped():
    backfill = make_backfill("done", run_state="done")
    make_run(backfill=backfill, kind="backfill")
    services.stop_backfill(backfill, "")
    assert states(backfill) == ("stopped", "done", "stopped")


def test_only_failed_days_are_read_again_with_fresh_tries(later):
    backfill = make_backfill("done", "failed", "buffered", "failed", run_state="failed", state="ended")
    foreign = make_chunk(run=make_run(state="failed"), state="failed")
    done = Chunk.objects.filter(state="done").values().get()
    assert services.retry_failed_days(backfill, "Once more.") == 2
    assert states(backfill) == ("open", "open")
    assert chunk_states(backfill) == ["done", "due", "buffered", "due"]
    facts = {"attempt_count": 0, "unexpected_count": 0, "error": "", "finished_at": None, "due_at": later}
    assert Chunk.objects.filter(run__backfill=backfill, state="due", **facts).count() == 2
    assert Chunk.objects.filter(state="done").values().get() == done
    assert Chunk.objects.get(pk=foreign.pk).state == "failed"


def test_failed_days_of_a_run_that_goes_on_are_read_again_too():
    backfill = make_backfill("failed", "due", "running")
    assert services.retry_failed_days(backfill, "") == 1
    assert chunk_states(backfill) == ["due", "due", "running"]


def test_a_stopped_backfill_stays_stopped_when_its_failed_days_are_due_again():
    backfill = make_backfill("failed", "due", run_state="stopped", state="stopped")
    assert services.retry_failed_days(backfill, "") == 1
    assert states(backfill) == ("stopped", "stopped")


def test_without_failed_days_there_is_nothing_to_retry():
    with pytest.raises(NotPossible, match="no failed days"):
        services.retry_failed_days(make_backfill("done", run_state="done"), "")


def test_failed_days_that_another_backfill_reads_are_left_to_it():
    backfill = make_backfill("failed", run_state="failed", state="ended")
    run = Run.objects.get()
    make_run(shop=run.shop, kind="backfill", identity=run.identity)
    with pytest.raises(NotPossible, match="nobody else reads"):
        services.retry_failed_days(backfill, "")
    assert states(backfill) == ("ended", "failed")


@pytest.mark.parametrize(("run_states", "ended"), [
    (("done", "failed"), True), (("buffered", "cancelled"), True), (("done", "open"), False),
    (("done", "stopped"), False), ((), False),
])  # fmt: skip
def test_a_backfill_has_ended_when_its_runs_have(later, run_states, ended):
    backfill = make_backfill()
    Run.objects.all().delete()
    for state in run_states:
        make_chunk(run=make_run(backfill=backfill, kind="backfill", state=state), state="due")
    services.close_ended_runs()  # what the sweep calls
    backfill.refresh_from_db()
    assert (backfill.state, backfill.finished_at) == (("ended", later) if ended else ("open", None))


def test_a_backfill_goes_on_when_one_of_its_runs_is_retried():
    backfill = make_backfill("failed", run_state="failed", state="ended", finished_at=clock.now())
    services.retry_run(Run.objects.get(), "Once more.")
    services.close_ended_backfills()
    assert states(backfill) == ("open", "open")
    assert backfill.finished_at is None


def test_a_stopped_run_can_be_cancelled_so_that_its_window_is_free():
    backfill = make_backfill("due", run_state="stopped", state="stopped")
    assert services.cancel_run(Run.objects.get(), "Not needed.")
    services.close_ended_backfills()
    assert states(backfill) == ("ended", "cancelled")
    assert chunk_states(backfill) == ["cancelled"]


def test_the_shops_of_a_queryset_are_read_as_a_stream():
    make_shop(), make_shop()
    assert services.start_backfill(Shop.objects.iterator(chunk_size=1), MARCH).opened_count == 2
