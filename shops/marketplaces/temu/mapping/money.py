"""Reads Temu's blocks of money: `{"currency": "USD", "amount": 5298}`, whole amounts in minor units."""

from collections.abc import Callable
from decimal import Decimal

from backoffice.common.money import minor_digits
from shops.marketplaces import values
from shops.marketplaces.reading import Fields


class Money:
    """The amounts of one record, all in its one currency; `currency` is empty until the first was read."""

    def __init__(self, *, is_minor: bool = True) -> None:
        self.currency = ""
        self._is_minor = is_minor

    def amount(self, source: Fields, key: str) -> Decimal | None:
        """Read a block; None where there is none, or where it is in another currency than the blocks before."""
        if source.source.get(key) in (None, ""):
            return None
        block = source.part(key)
        currency = block.currency("currency", required=True)
        read = block.read("amount", self._reader(currency), "a whole amount in minor units", required=True)
        if not currency:
            return None
        self.currency = self.currency or currency
        if currency != self.currency:
            source.complain(f"{block.place}currency", currency, f"{self.currency}, as the amounts before")
            return None
        return read

    def others(self, source: Fields, placed: frozenset[str], known: frozenset[str]) -> dict[str, str]:
        """Read all other blocks of an object by Temu's names, as exact text: known ones, and what looks like one."""
        told = [name for name, value in source.source.items() if name in known or type(value) is dict]
        read = {name: self.amount(source, name) for name in told if name not in placed}
        return {name: str(amount) for name, amount in read.items() if amount is not None}

    def _reader(self, currency: str) -> Callable[[object], Decimal | None]:
        if not self._is_minor:
            return values.amount
        digits = minor_digits(currency)  # Temu says “the smallest unit” and lists no currencies [?]: as in ISO 4217
        return lambda value: _major(value, digits)


def _major(value: object, digits: int) -> Decimal | None:
    minor = values.number(value)
    return None if minor is None else values.amount(str(Decimal(minor).scaleb(-digits)))
