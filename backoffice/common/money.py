"""Amounts with their currency's own number of digits. Imports no Django."""

from decimal import ROUND_HALF_UP, Decimal

# The minor units of ISO 4217 where they are not two.
MINOR_DIGITS = dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0)
MINOR_DIGITS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
WITHOUT_COINS = frozenset({"IDR"})  # has a minor unit of two digits, with which nobody pays


def minor_digits(currency: str) -> int:
    """Return how many decimals the smallest unit of a currency has."""
    return MINOR_DIGITS.get(currency, 2)


def currency_digits(currency: str) -> int:
    """Return how many decimals a currency is paid and shown with."""
    return 0 if currency in WITHOUT_COINS else minor_digits(currency)


def write_amount(amount: Decimal, currency: str) -> str:
    """Write an amount for programs: exact, with at least the currency's digits and more where there are more."""
    short = amount.quantize(Decimal(1).scaleb(-currency_digits(currency)))
    return str(short) if short == amount else f"{amount.normalize():f}"


def format_money(amount: Decimal | None, currency: str) -> str:
    """Write an amount for people: "1,234,000 VND", "12.50 USD", or "–" where none is known."""
    if amount is None:
        return "–"
    digits = currency_digits(currency)
    rounded = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{rounded:,.{digits}f} {currency}".rstrip()


def format_range(lowest: Decimal, highest: Decimal, currency: str) -> str:
    """Write two amounts for people: "120,000 – 150,000 VND", or one where they are the same."""
    most = format_money(highest, currency)
    return most if lowest == highest else f"{format_money(lowest, currency).removesuffix(f' {currency}')} – {most}"
