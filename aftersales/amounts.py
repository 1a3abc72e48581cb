"""How much of a line's money a claim may ask for. Exact decimals in a currency; pure."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from backoffice.common.money import currency_digits

LARGEST = Decimal(10) ** 14  # what a column of money holds


def has_own_digits(amount: Decimal, currency: str) -> bool:
    """Whether an amount is a finite number with no more decimals than its currency has."""
    return amount.is_finite() and abs(amount) < LARGEST and amount == _cut(amount, currency, ROUND_DOWN)


def share_of(total: Decimal, quantity: int, of_quantity: int, currency: str) -> Decimal:
    """Return what so many of all pieces are worth: rounded down, but all of them are worth the whole."""
    if quantity >= of_quantity:
        return total
    return _cut(total * quantity / of_quantity, currency, ROUND_DOWN)


def line_total(unit_price: Decimal, quantity: int, currency: str) -> Decimal:
    """Return what was paid for a line, in the currency's digits."""
    return _cut(unit_price * quantity, currency, ROUND_HALF_UP)


def refundable(
    total: Decimal, ordered: int, claimed_quantity: int, claimed_amount: Decimal, quantity: int, currency: str
) -> Decimal:
    """Return the most that a claim of `quantity` more pieces may ask for.

    Shares are differences of what so many pieces are worth together, so that the last one takes the remainder and the
    parts sum exactly to the whole; never more than what earlier claims have left.
    """
    worth = share_of(total, claimed_quantity + quantity, ordered, currency)
    share = worth - share_of(total, claimed_quantity, ordered, currency)
    return max(min(share, total - claimed_amount), Decimal(0))


def order_total(total: Decimal | None, lines: Iterable[tuple[Decimal | None, int, str]]) -> Decimal:
    """Return what was paid for an order: for its lines, as price, pieces and currency; or in all where that is more.

    A marketplace refunds what was paid for shipping, too.
    """
    of_lines = (line_total(price, quantity, currency) for price, quantity, currency in lines if price is not None)
    return max(sum(of_lines, Decimal(0)), total or Decimal(0))


def _cut(amount: Decimal, currency: str, rounding: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-currency_digits(currency)), rounding=rounding)
