"""How much a claim may ask for: exact decimals, and parts that sum to the whole."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.amounts import has_own_digits, line_total, order_total, refundable, share_of


@pytest.mark.parametrize(
    ("amount", "currency", "fits"),
    [
        ("10.25", "USD", True), ("10.2500", "USD", True), ("10.251", "USD", False), ("10", "VND", True),
        ("10.5", "VND", False), ("-3.10", "USD", True), ("NaN", "USD", False), ("sNaN", "USD", False),
        ("Infinity", "USD", False), ("1E+14", "VND", False), ("99999999999999", "VND", True), ("1E+400", "USD", False),
        ("1E-400", "USD", False), ("0", "", True),
    ],
)  # fmt: skip
def test_an_amount_has_the_digits_of_its_currency(amount, currency, fits):
    assert has_own_digits(Decimal(amount), currency) is fits


def test_a_line_is_worth_its_price_times_its_pieces():
    assert line_total(Decimal("3.335"), 3, "USD") == Decimal("10.01")
    assert line_total(Decimal("3.335"), 2, "VND") == Decimal(7)


def test_a_share_is_rounded_down_and_the_last_one_takes_the_remainder():
    assert share_of(Decimal(100), 1, 3, "USD") == Decimal("33.33")
    assert share_of(Decimal(100), 3, 3, "USD") == Decimal(100)
    assert refundable(Decimal(100), 3, 2, Decimal("66.66"), 1, "USD") == Decimal("33.34")
    assert share_of(Decimal(100), 1, 3, "VND") == Decimal(33)
    assert share_of(Decimal(10), 1, 3, "BHD") == Decimal("3.333")


def test_no_claim_gets_more_than_earlier_ones_have_left():
    assert refundable(Decimal(100), 4, 1, Decimal(95), 3, "USD") == Decimal(5)
    assert refundable(Decimal(100), 4, 1, Decimal(130), 3, "USD") == Decimal(0)


@pytest.mark.parametrize(("total", "paid"), [(None, "100.05"), ("50", "100.05"), ("120", "120")])
def test_an_order_was_paid_with_what_its_lines_cost_or_with_more(total, paid):
    lines = [(Decimal("33.3333"), 3, "USD"), (Decimal("0.05"), 1, "USD"), (None, 2, "USD")]
    assert order_total(total and Decimal(total), lines) == Decimal(paid)


@settings(deadline=None, database=None)
@given(
    st.integers(0, 10**9),
    st.integers(1, 40),
    st.lists(st.integers(1, 40), max_size=8),
    st.sampled_from(("VND", "USD")),
)
def test_any_parts_sum_exactly_to_the_whole(minor, ordered, cuts, currency):
    total = Decimal(minor) if currency == "VND" else Decimal(minor).scaleb(-2)
    bounds = sorted({0, ordered, *(cut for cut in cuts if cut < ordered)})
    claimed = Decimal(0)
    for earlier, later in pairwise(bounds):
        share = refundable(total, ordered, earlier, claimed, later - earlier, currency)
        assert share >= 0
        assert has_own_digits(share, currency)
        claimed += share
    assert claimed == total
