"""The readers of a payload's fields: what is told, not told, unreadable and required, and the words of its problems."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces import values
from shops.marketplaces.reading import MOST_PROBLEMS, Fields, bounded, digest, identified

MOMENT = datetime(2026, 8, 1, 8, tzinfo=UTC)
Reader = Callable[..., Any]


def minor_amount(fields: Fields, key: str, **options: Any) -> Any:
    return fields.minor_amount(key, 2, **options)


def own(fields: Fields, key: str, **options: Any) -> Any:
    return fields.read(key, values.boolean, "yes or no", **options)


# A reader, what it is given, what it makes of that; what it gives for nothing; what it cannot read, and its words.
READERS: list[tuple[Reader, object, object, object, object, str]] = [
    (Fields.identifier, 584000000000000001, "584000000000000001", "", "x" * 65, "an id"),
    (Fields.text, "Áo thun", "Áo thun", "", ["Áo"], "text"),
    (Fields.amount, "72000.50", Decimal("72000.50"), None, "72,000", "an amount"),
    (minor_amount, "7205", Decimal("72.05"), None, "72.05", "a whole amount in minor units"),
    (Fields.count, "3", 3, None, -1, "a count"),
    (Fields.number, -5, -5, None, "five", "a whole number"),
    (Fields.seconds, int(MOMENT.timestamp()), MOMENT, None, int(MOMENT.timestamp()) * 1000, "a time in seconds"),
    (Fields.milliseconds, int(MOMENT.timestamp()) * 1000, MOMENT, None, 7, "a time in milliseconds"),
    (Fields.currency, "vnd", "VND", "", "dong", "a currency code"),
    (own, "true", True, None, "perhaps", "yes or no"),
]
IDS = [row[0].__name__ for row in READERS]


@pytest.mark.parametrize(("reader", "given", "expected", "empty", "unreadable", "words"), READERS, ids=IDS)
def test_what_is_told_is_read(
    reader: Reader, given: object, expected: object, empty: object, unreadable: object, words: str
) -> None:
    fields = Fields({"it": given})
    assert reader(fields, "it") == expected
    assert reader(fields, "it", required=True) == expected
    assert fields.problems == []


@pytest.mark.parametrize(("reader", "given", "expected", "empty", "unreadable", "words"), READERS, ids=IDS)
@pytest.mark.parametrize("source", [{}, {"it": None}, {"it": ""}])
def test_what_is_not_told_is_a_problem_only_where_it_is_required(
    source: dict[str, Any],
    reader: Reader,
    given: object,
    expected: object,
    empty: object,
    unreadable: object,
    words: str,
) -> None:
    fields = Fields(source, "order.")
    assert reader(fields, "it") == empty
    assert fields.problems == []
    assert reader(fields, "it", required=True) == empty
    assert fields.problems == ["order.it is missing."]


@pytest.mark.parametrize(("reader", "given", "expected", "empty", "unreadable", "words"), READERS, ids=IDS)
def test_what_cannot_be_read_is_empty_and_a_problem_in_words(
    reader: Reader, given: object, expected: object, empty: object, unreadable: object, words: str
) -> None:
    fields = Fields({"it": unreadable}, "order.")
    assert reader(fields, "it") == empty
    assert fields.problems == [f"order.it is {values.shown(unreadable)} instead of {words}."]


@pytest.mark.parametrize("too_large", [10**17, "9" * 19, -(10**17)])
def test_a_minor_amount_that_no_column_holds_is_a_problem(too_large: object) -> None:
    fields = Fields({"it": too_large})
    assert fields.minor_amount("it", 2) is None
    assert fields.problems == [f"it is {values.shown(too_large)} instead of a whole amount in minor units."]


@pytest.mark.parametrize(("minor", "digits", "expected"), [(7205, 0, "7205"), (-7205, 2, "-72.05"), (0, 2, "0")])
def test_minor_units_have_as_many_digits_as_the_currency(minor: int, digits: int, expected: str) -> None:
    fields = Fields({"it": minor})
    assert fields.minor_amount("it", digits) == Decimal(expected)
    assert fields.problems == []


@pytest.mark.parametrize("reader", [Fields.seconds, Fields.milliseconds])
@pytest.mark.parametrize("zero", [0, "0"])
def test_a_moment_of_zero_has_not_come(reader: Reader, zero: object) -> None:
    fields = Fields({"it": zero})
    assert reader(fields, "it") is None
    assert fields.problems == []


def test_a_flag_is_never_required() -> None:
    fields = Fields({"yes": 1, "no": "false", "odd": "perhaps"})
    assert [fields.flag(key) for key in ("yes", "no", "missing")] == [True, False, None]
    assert fields.problems == []
    assert fields.flag("odd") is None
    assert fields.problems == ["odd is 'perhaps' instead of true or false."]


def test_long_text_is_cut_and_what_no_database_keeps_is_dropped() -> None:
    fields = Fields({"long": "x" * 6000, "odd": "a\0b"})
    assert fields.text("long") == "x" * values.TEXT_LENGTH
    assert fields.text("odd", required=True) == "ab"
    assert fields.problems == []


def test_a_count_is_no_more_than_a_column_holds() -> None:
    fields = Fields({"most": 2**31 - 1, "more": 2**31})
    assert fields.count("most") == 2**31 - 1
    assert fields.problems == []
    assert fields.count("more") is None
    assert len(fields.problems) == 1


def test_lists_and_objects_tell_where_their_problems_are() -> None:
    fields = Fields({"lines": [{"price": "x"}, "no object"], "buyer": {"id": []}})
    assert [line.amount("price") for line in fields.parts("lines")] == [None, None]
    assert fields.part("buyer").identifier("id") == ""
    assert fields.part("buyer", "the buyer's ").identifier("id") == ""
    assert fields.problems == [
        "lines[0].price is 'x' instead of an amount.",
        "lines[1] is 'no object' instead of an object.",
        "buyer.id is a list instead of an id.",
        "the buyer's id is a list instead of an id.",
    ]


def test_a_list_that_is_not_told_is_empty() -> None:
    fields = Fields({"null": None, "blank": "", "odd": {}})
    assert [fields.rows(key) for key in ("missing", "null", "blank")] == [[], [], []]
    assert [*fields.parts("missing")] == []
    assert fields.part("missing").source == {}
    assert fields.problems == []
    assert fields.rows("odd") == []
    assert fields.rows("missing", required=True) == []
    assert fields.problems == ["odd is an object instead of a list.", "missing is null instead of a list."]


def test_what_is_no_object_is_said_once_and_holds_nothing() -> None:
    fields = Fields(["no", "object"])
    assert fields.text("name") == ""
    assert fields.problems == ["The record is a list instead of an object."]


def test_what_has_no_place_of_its_own_is_kept_unless_it_is_empty() -> None:
    fields = Fields({"id": 1, "zero": 0, "none": None, "blank": "", "list": [], "more": "x"})
    assert fields.unplaced(frozenset({"id"})) == {"zero": 0, "more": "x"}


def test_rows_without_an_id_of_their_own_are_left_out_with_words() -> None:
    fields = Fields({"rows": [{"id": 7}, {"id": "7"}, {"id": []}, {}, {"id": "8"}]})
    named = identified(fields.parts("rows"), "id", "line")
    assert [(row_id, row.place) for row_id, row in named] == [("7", "rows[0]."), ("8", "rows[4].")]
    assert fields.problems == [
        "rows[1].id 7 appears twice: the second line is left out.",
        "rows[2].id is missing or cannot be read: the line is left out.",
        "rows[3].id is missing or cannot be read: the line is left out.",
    ]


def test_very_many_problems_are_told_by_the_first_of_them() -> None:
    few = [f"problem {number}." for number in range(MOST_PROBLEMS)]
    assert bounded(few) == tuple(few)
    assert bounded([*few, "one", "two"]) == (*few, "And 2 more.")


def test_a_digest_is_the_same_for_the_same_parts_only() -> None:
    assert digest("a", 1) == digest("a", "1")
    assert len({digest("a", "b"), digest("ab"), digest("b", "a"), digest("a", "b", "")}) == 4
