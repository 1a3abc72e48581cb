"""Checks which marketplace, shop and endpoint a control request means, and says what is known if it errs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class ControlError(ValueError):
    """A control request that cannot be carried out; the text is the answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a fault or quota applies to; None means any."""

    marketplace: str
    shop: str | None
    endpoint: str | None

    def matches(self, marketplace: str, shop: str | None, endpoint: str) -> bool:
        """Whether a call belongs to this target."""
        return marketplace == self.marketplace and self.shop in (None, shop) and self.endpoint in (None, endpoint)


@dataclass(frozen=True, slots=True)
class Known:
    """The shops and endpoints of one marketplace."""

    shops: tuple[str, ...]
    endpoints: tuple[str, ...]


class Targets:
    """All that can be meant."""

    def __init__(self, known: Mapping[str, Known]) -> None:
        self._known = dict(known)

    @property
    def marketplaces(self) -> tuple[str, ...]:
        """The marketplaces of this world."""
        return tuple(self._known)

    def read(self, wanted: Mapping[str, Any]) -> Target:
        """Return the target named by the fields marketplace, shop and endpoint."""
        marketplace = one_of("marketplace", wanted.get("marketplace"), self._known)
        known = self._known[marketplace]
        shop, endpoint = wanted.get("shop"), wanted.get("endpoint")
        return Target(
            marketplace,
            None if shop is None else one_of("shop", shop, known.shops),
            None if endpoint is None else one_of("endpoint", endpoint, known.endpoints),
        )


def one_of(field: str, value: object, known: Iterable[str]) -> str:
    """Return the value, if it is one of the known words."""
    words = list(known)
    if isinstance(value, str) and value in words:
        return value
    raise ControlError(f"Unknown {field} {value!r}; known are {', '.join(words)}.")


def only_fields(wanted: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse a field that nothing would read: a misspelt option would otherwise silently do nothing."""
    for field in wanted:
        one_of("field", field, known)


def number(
    wanted: Mapping[str, Any], field: str, default: float | None, least: float, most: float, *, whole: bool = False
) -> float:
    """Return a number within its bounds."""
    value = wanted.get(field, default)
    is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if value is None or not is_number or not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise ControlError(f"{field} must be {kind} from {least:g} to {most:g}.")
    return float(value)
