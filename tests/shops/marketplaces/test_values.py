"""Lenient readers: what they read, what they refuse, and that they never raise."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shops.marketplaces import values

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
READERS = (
    values.text,
    values.identifier,
    values.boolean,
    values.number,
    values.amount,
    values.currency,
    values.seconds,
    values.milliseconds,
    values.rows,
    values.fields,
    values.shown,
)


@given(ANYTHING)
def test_no_reader_ever_raises(value: object) -> None:
    for reader in READERS:
        reader(value)
    values.amounts([value, "1"])
    values.texts([value, "a"], (1, 1))


@given(ANYTHING)
def test_what_is_read_can_be_stored(value: object) -> None:
    for reader in (values.text, values.identifier, values.currency, values.shown):
        read = reader(value) or ""
        assert "\0" not in read
        read.encode()  # raises for a lone surrogate
    amount = values.amount(value)
    assert amount is None or (amount.is_finite() and abs(amount) < 10**14 and amount == round(amount, 4))


def test_text_loses_only_what_no_database_keeps() -> None:
    assert values.text("a\0b\ud800c\nđ") == "abc\nđ"
    assert values.text("x" * 6000) == "x" * values.TEXT_LENGTH
    assert values.text(7) == "7"
    assert values.text(["7"]) is None


def test_an_id_is_never_cut() -> None:
    assert values.identifier(" 584000000000000001 ") == "584000000000000001"
    assert values.identifier(584000000000000001) == "584000000000000001"
    assert values.identifier("x" * 64) == "x" * 64
    for unreadable in ("x" * 65, "", "  ", "a\0b", "a\nb", True, 1.5, None, 10**5000):
        assert values.identifier(unreadable) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("72000", "72000"),
        ("-42.10", "-42.10"),
        (0, "0"),
        (19.99, "19.99"),
        (0.1, "0.1"),
        (" 5 ", "5"),
        ("1E+3", "1000"),
        ("3.1300000", "3.13"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("0e99", "0"),
    ],
)
def test_reads_exact_amounts(written: object, expected: str) -> None:
    assert values.amount(written) == Decimal(expected)


@pytest.mark.parametrize(
    "written",
    ["", "NaN", "-inf", "1e999", "1e-5", "0.00001", "1_000", "1,000", "100000000000000", "1" * 5000, "١,٢"],
)
def test_refuses_amounts_in_text_that_would_need_a_guess(written: str) -> None:
    assert values.amount(written) is None


@pytest.mark.parametrize("written", [float("nan"), float("inf"), 1e15, 10**14, 10**99, True, None, [], {}])
def test_refuses_amounts_that_would_need_a_guess(written: object) -> None:
    assert values.amount(written) is None


def test_the_memory_for_amounts_tells_true_from_one() -> None:
    assert values.amounts([1, True, "1", 1.0]) == [Decimal(1), None, Decimal(1), Decimal(1)]


def test_one_bad_amount_leaves_the_others_readable() -> None:
    assert values.amounts(["1", ["2"], "3" * 100, "4"]) == [Decimal(1), None, None, Decimal(4)]


def test_times_are_utc_and_their_unit_is_not_guessed() -> None:
    moment = datetime(2026, 8, 1, 8, 0, tzinfo=UTC)
    assert values.seconds(1785571200) == values.seconds("1785571200") == values.milliseconds(1785571200000) == moment
    for unreadable in (1785571200000, 604800, 0, -1, True, "soon", 1785571200.5):
        assert values.seconds(unreadable) is None
    assert values.milliseconds(1785571200) is None


def test_texts_are_taken_together_only_if_each_can_be_taken_as_it_is() -> None:
    assert values.texts(["a", "đ"], (5, 5)) == ["a", "đ"]
    for single in ("a\0", "\ud800", "abcdef", 7, None):
        assert values.texts(["a", single], (5, 5)) is None


def test_flags_and_numbers_are_read_from_their_usual_spellings() -> None:
    assert [values.boolean(value) for value in (True, 0, "true", "FALSE", "1", "yes", 2)] == [
        True, False, True, False, True, None, None,
    ]  # fmt: skip
    assert [values.number(value) for value in ("7", 7.0, "-3", 7.5, "x", True, "9" * 20)] == [
        7, 7, -3, None, None, None, None,
    ]  # fmt: skip


def test_a_currency_is_three_letters() -> None:
    assert values.currency("vnd") == "VND"
    assert [values.currency(value) for value in ("", "VN", "₫₫₫", "V1D", 704)] == [None] * 5
