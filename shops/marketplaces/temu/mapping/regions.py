"""Temu's numbers of regions, which order numbers begin with, as country codes."""

from collections.abc import Mapping

from shops.marketplaces import values

_CODES: Mapping[str, str] = {
    "12": "AU",
    "13": "AT",
    "20": "BE",
    "29": "BR",
    "37": "CA",
    "53": "CZ",
    "69": "FR",
    "76": "DE",
    "90": "HU",
    "96": "IE",
    "98": "IT",
    "100": "JP",
    "128": "MX",
    "141": "NL",
    "144": "NZ",
    "162": "PL",
    "163": "PT",
    "174": "SA",
    "185": "KR",
    "186": "ES",
    "191": "SE",
    "192": "CH",
    "209": "AE",
    "210": "GB",
    "211": "US",
}


def region_code(region_id: object) -> str:
    """Find the country of a region's number; "" where it is not known."""
    return _CODES.get(values.identifier(region_id) or "", "")
