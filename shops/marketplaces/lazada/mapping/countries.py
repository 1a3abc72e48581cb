"""The countries of Lazada: what follows from a shop's country and stands in no payload."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal

# Reverse orders tell amounts in hundredths of the currency, also where it has no smaller coin; Vietnam's are plain.
_HUNDREDTHS = 2


@dataclass(frozen=True, slots=True)
class Country:
    """A shop's currency, its clock (none of the six shifts it in summer) and how its reverse orders tell amounts.

    `minor_digits` is how many digits of a reverse order's amount stand after the point.
    """

    code: str
    name: str  # as addresses write it
    currency: str
    zone: timezone
    minor_digits: int = _HUNDREDTHS

    def major(self, minor: int) -> Decimal:
        """Return an amount of a reverse order in major units."""
        return Decimal(minor).scaleb(-self.minor_digits)


def _east(hours: int) -> timezone:
    return timezone(timedelta(hours=hours))


COUNTRIES: Mapping[str, Country] = {
    country.code: country
    for country in (
        Country("SG", "Singapore", "SGD", _east(8)),
        Country("MY", "Malaysia", "MYR", _east(8)),
        Country("TH", "Thailand", "THB", _east(7)),
        Country("VN", "Vietnam", "VND", _east(7), minor_digits=0),
        Country("PH", "Philippines", "PHP", _east(8)),
        Country("ID", "Indonesia", "IDR", _east(7)),  # Jakarta's clock
    )
}
CODES_BY_NAME: Mapping[str, str] = {country.name.lower(): country.code for country in COUNTRIES.values()}
NO_COUNTRY = "The shop's country is not known or not one of Lazada's"


def find_country(region: str) -> Country | None:
    """Find a country by the region of a shop."""
    return COUNTRIES.get(region.upper())
