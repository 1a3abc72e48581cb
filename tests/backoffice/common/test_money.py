"""Amounts are shown with the digits that the currency has."""

from decimal import Decimal

import pytest

from backoffice.common.money import currency_digits, format_money, format_range, minor_digits


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("1234000"), "VND", "1,234,000 VND"),
        (Decimal("1234000.4999"), "VND", "1,234,000 VND"),
        (Decimal("0.5"), "VND", "1 VND"),
        (Decimal("99.995"), "USD", "100.00 USD"),
        (Decimal("10.005"), "KWD", "10.005 KWD"),
        (Decimal("12345"), "CLP", "12,345 CLP"),
        (Decimal("12.5"), "USD", "12.50 USD"),
        (Decimal("-12.345"), "EUR", "-12.35 EUR"),
        (Decimal("12345678901234.5678"), "THB", "12,345,678,901,234.57 THB"),
        (Decimal("0"), "IDR", "0 IDR"),
        (Decimal("3"), "", "3.00"),
        (None, "VND", "–"),
    ],
)
def test_amounts_are_written_for_people(amount, currency, shown):
    assert format_money(amount, currency) == shown


def test_a_currency_nobody_listed_has_two_digits():
    assert (currency_digits("VND"), currency_digits("XYZ")) == (0, 2)


def test_rupiahs_have_a_smaller_unit_with_which_nobody_pays():
    assert (minor_digits("IDR"), currency_digits("IDR")) == (2, 0)


@pytest.mark.parametrize(
    ("lowest", "highest", "currency", "shown"),
    [
        ("120000", "150000", "VND", "120,000 – 150,000 VND"),
        ("1.5", "1.5", "USD", "1.50 USD"),
        ("1", "2", "", "1.00 – 2.00"),
    ],
)
def test_a_range_names_its_currency_once(lowest, highest, currency, shown):
    assert format_range(Decimal(lowest), Decimal(highest), currency) == shown
