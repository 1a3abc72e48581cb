"""What a list only names is completed: in full calls, once, and without losing what waits when the work is left."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import OperationalError

from orders.models import Order
from shops.connections import Postponed
from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import OrderStatus, Resource, Stub, UnreadableRecord
from syncjobs.engine import reader
from syncjobs.engine.completing import bound_ids
from syncjobs.models import Chunk, ChunkState, FailedRecord
from syncjobs.streams import Stream
from tests.factories.records import UPDATED_AT, make_order
from tests.syncjobs.scripted import ScriptedConnector, orders, page, stored

pytestmark = pytest.mark.django_db


def stub(number, *, step="detail", later_by=0, known=True):
    changed_at = UPDATED_AT + timedelta(seconds=later_by) if known else None
    return Stub(f"order-{number}", step, {"id": f"order-{number}", "step": step}, changed_at)


def stubs(*numbers, **options):
    return [stub(number, **options) for number in numbers]


def die():
    raise KeyboardInterrupt


def test_details_are_asked_for_in_full_calls_over_several_pages_and_the_rest_at_the_end(chunk, work):
    connector = work(
        chunk,
        page(*stubs(1), next_token="b"),
        page(*stubs(2, 3), next_token="c"),
        page(*orders(1, 2)),  # as soon as a call is full: two are as many as one takes
        page(*stubs(4), total=4),
        page(*orders(3, 4)),
    )
    assert connector.details_asked == [["detail:order-1", "detail:order-2"], ["detail:order-3", "detail:order-4"]]
    assert (chunk.state, stored()) == (ChunkState.DONE, ["order-1", "order-2", "order-3", "order-4"])


def test_a_last_call_may_be_half_empty(chunk, work):
    connector = work(chunk, page(*stubs(1, 2, 3)), page(*orders(1, 2)), page(*orders(3)))
    assert [len(asked) for asked in connector.details_asked] == [2, 1]
    assert (chunk.state, chunk.fetched_count) == (ChunkState.DONE, 3)


def test_a_setting_lowers_what_one_call_is_asked_for_and_never_raises_it(chunk, work, settings):
    settings.TIKTOK_ORDER_DETAILS_BATCH_SIZE = 1
    connector = work(chunk, page(*stubs(1, 2)), page(*orders(1)), page(*orders(2)))
    assert connector.details_asked == [["detail:order-1"], ["detail:order-2"]]
    assert bound_ids("tiktok", Resource.ORDERS, 50) == 1
    assert bound_ids("tiktok", Resource.SHIPMENTS, 1) == 1
    assert bound_ids("lazada", Resource.ORDERS, 50) == 50


def test_what_is_stored_as_the_list_describes_it_is_not_asked_for(chunk, work):
    work(chunk, page(*orders(1, 2)))
    connector = work(Chunk.objects.create(
        run=chunk.run, number=9, window_start=chunk.window_start, window_end=chunk.window_end, due_at=chunk.due_at
    ), page(stub(1), stub(2, later_by=5), stub(3)), page(*orders(2, 3, later_by=5)))  # fmt: skip
    assert connector.details_asked == [["detail:order-2", "detail:order-3"]]


@pytest.mark.parametrize("known", [
    {"source_updated_at": None, "problems": ("update_time is missing.",)}, {"problems": ("total is no amount.",)},
])  # fmt: skip
def test_what_was_stored_invalid_is_asked_for_again(chunk, work, settings, known):
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    bad = page(*orders(1, **known), next_token="b")
    connector = work(chunk, bad, bad, page(stub(1), total=1), page(*orders(1)))  # twice: what makes no sense
    assert connector.details_asked == [["detail:order-1"]]
    assert Order.objects.get().is_valid


def test_a_list_is_asked_again_where_its_row_has_a_word_that_nobody_knows(chunk, work):
    """The row is part of what is stored in the end, and the calls that complete it do not show it again."""
    odd = replace(stub(1), payload={"id": "order-1", "status": "BEING_PONDERED"})
    connector = work(chunk, page(odd, stub(2)), page(*stubs(1, 2)), page(*orders(1, 2)))
    assert (len(connector.asked), len(connector.details_asked), stored()) == (2, 1, ["order-1", "order-2"])


def test_what_is_in_a_word_that_nobody_knows_is_asked_for_again_when_it_is_listed_again(chunk, work, settings):
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    pondered = page(*orders(1, status=OrderStatus.UNKNOWN, raw_status="BEING_PONDERED"), next_token="b")
    connector = work(chunk, pondered, pondered, page(stub(1), total=1), page(*orders(1)))
    assert connector.details_asked == [["detail:order-1"]]
    assert not Order.objects.filter(status="unknown").exists()


def test_a_stub_that_tells_no_time_is_always_asked_for(chunk, work, settings):
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    connector = work(chunk, page(*orders(1), next_token="b"), page(stub(1, known=False), total=1), page(*orders(1)))
    assert connector.details_asked == [["detail:order-1"]]


def test_a_record_may_take_several_calls_and_what_was_begun_ends_first(chunk, work):
    more = [stub(number, step="more") for number in (1, 2)]
    connector = work(
        chunk, page(*stubs(1, 2, 3)), page(*more), page(*orders(1)), page(*orders(2)), page(*orders(3))
    )  # fmt: skip
    asked = [["detail:order-1", "detail:order-2"], ["more:order-1"], ["more:order-2"], ["detail:order-3"]]
    assert (connector.details_asked, chunk.state) == (asked, ChunkState.DONE)


def test_what_an_answer_leaves_out_is_asked_for_once_more(chunk, work):
    connector = work(chunk, page(*stubs(1, 2)), page(*orders(1)), page(*orders(2)))
    assert connector.details_asked == [["detail:order-1", "detail:order-2"], ["detail:order-2"]]
    assert (stored(), FailedRecord.objects.count()) == (["order-1", "order-2"], 0)


def test_what_is_never_given_is_kept_as_a_failed_record_under_its_number(chunk, work):
    work(chunk, page(*stubs(1, 2)), page(*orders(1)), page())
    kept = FailedRecord.objects.get()
    assert (kept.external_id, kept.payload["listed_only"]) == ("order-2", {"id": "order-2", "step": "detail"})
    assert "does not give it" in kept.error
    assert (chunk.state, stored(), chunk.unreadable_count) == (ChunkState.DONE, ["order-1"], 1)


def test_a_failed_record_is_fixed_by_the_next_reading_that_succeeds(chunk, work):
    work(chunk, page(*stubs(1, 2)), page(*orders(1)), page())
    later = Chunk.objects.create(
        run=chunk.run, number=9, window_start=chunk.window_start, window_end=chunk.window_end, due_at=chunk.due_at
    )
    work(later, page(*stubs(2)), page(*orders(2)))
    assert FailedRecord.objects.get().state == "fixed"


def test_an_unreadable_detail_stands_for_one_that_was_left_out(chunk, work):
    odd = page(*orders(1), UnreadableRecord({"odd": 1}, "no id"))
    connector = work(chunk, page(*stubs(1, 2)), odd, odd)  # twice: what makes no sense is asked for again
    assert connector.details_asked == [["detail:order-1", "detail:order-2"]] * 2
    assert FailedRecord.objects.get().payload == {"odd": 1}


def test_an_unreadable_detail_stands_for_no_other_that_was_left_out(chunk, work):
    odd = page(UnreadableRecord({"odd": 1}, "no id"))
    one_by_one = [page(), page(UnreadableRecord({"odd": 1}, "no id"))]
    connector = work(chunk, page(*stubs(1, 2)), odd, odd, *one_by_one)
    assert connector.details_asked[2:] == [["detail:order-1"], ["detail:order-2"]]
    assert sorted(FailedRecord.objects.values_list("external_id", flat=True)) == ["", "order-1"]


@pytest.mark.parametrize("again", [
    [make_order("order-1"), UnreadableRecord({"b": 1}, "no id")],  # the first of the two came whole
    [make_order("order-1"), make_order("order-2"), UnreadableRecord({"b": 1}, "no id")],  # and the list moved meanwhile
])  # fmt: skip
def test_what_is_broken_each_time_is_kept_whatever_else_another_reading_shows(chunk, work, again):
    first = page(UnreadableRecord({"a": 1}, "no id"), UnreadableRecord({"b": 1}, "no id"))
    work(chunk, first, page(*again), page(*again))
    assert list(FailedRecord.objects.values_list("payload", flat=True)) == [{"b": 1}]


def test_a_page_is_not_lost_where_the_database_is_silent_right_after_it(chunk, work, settings, monkeypatch):
    settings.SYNC_BUFFER_ENABLED = False
    silent = Mock(side_effect=OperationalError("the server closed the connection"))
    with monkeypatch.context() as patch:
        patch.setattr(Stream, "list_known", silent)
        work(chunk, page(*orders(1), *stubs(2), next_token="b"))
    assert (chunk.state, chunk.attempt_count) == (ChunkState.DUE, 0)
    Chunk.objects.update(due_at=chunk.window_end)
    work(chunk, page(*orders(3), total=3), page(*orders(2)))
    assert (chunk.state, stored()) == (ChunkState.DONE, ["order-1", "order-2", "order-3"])


def test_a_step_that_is_gone_since_the_work_was_left_begins_it_anew(chunk, work):
    work(chunk, page(*stubs(1, 2), next_token="b"), Postponed(60, "The quota is used up."))
    Chunk.objects.update(due_at=chunk.window_end)
    chunk.refresh_from_db()
    for written in chunk.position["pending"]:
        written["step"] = "of an earlier release"
    chunk.save()
    connector = work(chunk, page(*stubs(1, 2)), page(*orders(1, 2)))
    assert [token for _, token in connector.asked] == [""]
    assert (chunk.state, stored()) == (ChunkState.DONE, ["order-1", "order-2"])


def test_one_refused_record_does_not_hold_up_the_others(chunk, work):
    refused = errors.RecordRefused("order-1 is of another shop", code="17")
    connector = work(chunk, page(*stubs(1, 2)), refused, refused, page(*orders(2)))
    assert connector.details_asked[1:] == [["detail:order-1"], ["detail:order-2"]]
    kept = FailedRecord.objects.get()
    assert kept.external_id == "order-1"
    assert kept.error.startswith("order-1 is of another shop (code 17)")
    assert (chunk.state, stored()) == (ChunkState.DONE, ["order-2"])


def test_what_waits_survives_a_limit_and_nothing_is_listed_or_asked_for_twice(chunk, work):
    work(
        chunk, page(*stubs(1, 2, 3), next_token="b"), page(*orders(1, 2)), page(*stubs(4), total=4),
        Postponed(60, "The quota is used up."),
    )  # fmt: skip
    assert (chunk.state, chunk.attempt_count, stored()) == (ChunkState.DUE, 0, ["order-1", "order-2"])
    assert [written["external_id"] for written in chunk.position["pending"]] == ["order-3", "order-4"]
    Chunk.objects.update(due_at=chunk.window_end)
    connector = work(chunk, page(*orders(3, 4)))
    assert (connector.asked, connector.details_asked) == ([], [["detail:order-3", "detail:order-4"]])
    assert (chunk.state, stored()) == (ChunkState.DONE, ["order-1", "order-2", "order-3", "order-4"])


def test_what_waits_survives_a_stop_between_pages(chunk, work, monkeypatch):
    stops = iter([False, False, True])
    monkeypatch.setattr(reader, "is_stopping", lambda: next(stops, True))
    work(chunk, page(*stubs(1), next_token="b"), page(*stubs(2)))
    assert [written["external_id"] for written in chunk.position["pending"]] == ["order-1"]
    monkeypatch.undo()


def test_a_place_that_is_kept_with_a_batch_knows_what_waits(chunk, work, settings, monkeypatch):
    monkeypatch.setattr(reader, "PLACE_EVERY_SECONDS", 0)
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    with pytest.raises(KeyboardInterrupt):
        work(chunk, page(*orders(1), *stubs(2), next_token="b"), die)  # after a batch
    chunk.refresh_from_db()
    assert chunk.position["token"] == "b"
    assert [written["external_id"] for written in chunk.position["pending"]] == ["order-2"]


def test_rows_that_hold_nothing_wanted_count_as_seen(chunk, work):
    listed = replace(page(*stubs(1), total=3), passed_ids=("order-8", "order-9"))
    work(chunk, listed, page(*orders(1)))
    assert chunk.state == ChunkState.DONE


@pytest.mark.parametrize("days_after", [0, 1])
def test_a_list_without_a_window_is_read_with_the_latest_chunk_of_a_run_only(chunk, work, monkeypatch, days_after):
    def plan_lists(self, resource, window, status=""):
        return ListQuery(resource, window), ListQuery(resource, window, name="all", is_windowed=False)

    monkeypatch.setattr(ScriptedConnector, "plan_lists", plan_lists)
    chunk.run.window_end = chunk.window_end + timedelta(days=days_after)
    chunk.run.save()
    connector = work(chunk, *[page(*orders(number)) for number in range(1 if days_after else 2)])
    assert [query.name for query, _ in connector.asked] == (["", "all"] if days_after == 0 else [""])
    assert chunk.state == ChunkState.DONE


ODD = {"status": OrderStatus.UNKNOWN, "raw_status": "BEING_PONDERED"}


def test_a_misread_row_does_not_stay_under_an_id_of_its_own(chunk, work):
    """Where an id is made of what a row tells, a broken reading has another one."""
    work(chunk, page(*orders(1), *orders("made-of-rubbish", **ODD)), page(*orders(1, 2)))
    assert stored() == ["order-1", "order-2"]


def test_an_odd_row_that_a_shorter_reading_does_not_show_is_kept(chunk, work):
    """The list may have moved: what is odd is still the only word about it."""
    work(chunk, page(*orders(1), *orders(2, **ODD), total=2), page(*orders(1), total=2))
    assert stored() == ["order-1", "order-2"]
