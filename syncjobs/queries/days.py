"""Which day of its shop something belongs to: days begin at the shop's own midnight."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shops.models import Shop


def find_zone(name: str) -> tzinfo:
    """Return a shop's time zone; UTC where the marketplace named one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day_of(moment: datetime, shop: Shop) -> date:
    """Return the shop's day in which a moment lies."""
    return moment.astimezone(find_zone(shop.timezone)).date()
