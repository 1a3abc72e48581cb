"""Words of a marketplace that nobody knows are stored, and told once for each chunk: with the run, as a warning."""

import pytest

from orders.models import Order
from shops.connections import Postponed
from shops.marketplaces.records import (
    OrderStatus,
    ReturnRecord,
    ReturnStatus,
    StatementRecord,
    TransactionKind,
    TransactionRecord,
    UnreadableRecord,
)
from syncjobs.engine.unknown_words import UnknownWords, has_unknown_word, read_unknown_word
from syncjobs.models import Chunk, ChunkState, RunEvent
from tests.factories.records import make_order
from tests.syncjobs.scripted import page


def test_it_says_how_many_and_which_the_most_frequent_first():
    words = UnknownWords()
    assert str(words) == ""
    for _ in range(2):
        words.take([make_order("1"), make_order("a", status=OrderStatus.UNKNOWN, raw_status="A")])
    assert str(words) == "1 row in words that nobody knows: A."
    words.take(make_order(f"{n}", status=OrderStatus.UNKNOWN, raw_status="B") for n in range(1_200))
    words.take([TransactionRecord("t", {}, kind=TransactionKind.UNKNOWN, raw_kind="GIFT", raw_status="PAID")])
    assert str(words) == "1,202 rows in words that nobody knows: B, A, GIFT."
    words.forget()
    assert str(words) == ""


@pytest.mark.parametrize(
    ("record", "word"),
    [
        (ReturnRecord("r", {}, raw_kind="REFUND", status=ReturnStatus.UNKNOWN, raw_status="MISLAID"), "MISLAID"),
        (ReturnRecord("r", {}, raw_kind="REFUND", status=ReturnStatus.UNKNOWN), ""),
        (ReturnRecord("r", {}, raw_kind="REFUND", status=ReturnStatus.REQUESTED, raw_status="OPEN"), None),
        (TransactionRecord("t", {}, kind=TransactionKind.UNKNOWN, raw_kind="GIFT", raw_status="PAID"), "GIFT"),
        (StatementRecord("s", {}, raw_status="PAID"), None),
        (UnreadableRecord({}, "It has no number."), None),
    ],
)
def test_the_word_is_that_of_the_status_and_of_a_movement_that_of_its_kind(record, word):
    assert read_unknown_word(record) == word
    assert has_unknown_word(record) is bool(word)


def test_of_very_many_words_some_are_named():
    words = UnknownWords()
    words.take(make_order(f"{n}", status=OrderStatus.UNKNOWN, raw_status=f"W{n}") for n in range(13))
    assert str(words).endswith("W8, W9 and 3 more.")


def strange(number, word):
    """An order in a word nobody knows; the same answer comes again where it is asked for again."""
    return make_order(f"order-{number}", status=OrderStatus.UNKNOWN, raw_status=word)


@pytest.mark.django_db
def test_a_chunk_stores_them_and_notes_once_which_they_were(chunk, work):
    first, second = page(strange(1, "TELEPORTED"), next_token="b"), page(strange(2, "LOST"), make_order("3"), total=3)
    work(chunk, first, first, second, second)
    assert set(Order.objects.values_list("status", "raw_status")) >= {("unknown", "TELEPORTED"), ("unknown", "LOST")}
    event = RunEvent.objects.get()
    assert (event.level, event.chunk_number) == ("warning", chunk.number)
    assert event.text == "2 rows in words that nobody knows: TELEPORTED, LOST."


@pytest.mark.django_db
def test_a_chunk_that_is_left_tells_what_it_met_so_far_and_the_rest_later(chunk, work):
    first, second = page(strange(1, "TELEPORTED"), next_token="b"), page(strange(2, "LOST"), total=2)
    work(chunk, first, first, Postponed(60, "The quota is used up."))
    assert chunk.state == ChunkState.DUE
    Chunk.objects.update(due_at=chunk.window_end)
    work(chunk, second, second)
    told = [text for text in RunEvent.objects.order_by("pk").values_list("text", flat=True) if "nobody" in text]
    assert told == ["1 row in words that nobody knows: TELEPORTED.", "1 row in words that nobody knows: LOST."]
