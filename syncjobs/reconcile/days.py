"""Which days of a shop are compared, as windows; a shop's day is that of its own zone. Pure."""

from datetime import date, datetime, timedelta, tzinfo

from shops.marketplaces.records import Window
from syncjobs.engine.days import midnight_of

DAY = timedelta(days=1)


def list_recent_days(zone: tzinfo, now: datetime, count: int) -> list[Window]:
    """List the last whole days before today, the newest first."""
    today = now.astimezone(zone).date()
    return [window_of_day(zone, today - number * DAY) for number in range(1, count + 1)]


def list_days(zone: tzinfo, first: date, last: date, latest: datetime) -> list[Window]:
    """List the days from first to last, the newest first; none ends after `latest`, and none that begins later."""
    latest = latest.replace(microsecond=0)
    days = [window_of_day(zone, last - number * DAY) for number in range((last - first).days + 1)]
    return [Window(day.start, min(day.end, latest)) for day in days if day.start < latest]


def window_of_day(zone: tzinfo, day: date) -> Window:
    """Return a day from midnight to midnight: 23 or 25 hours where the clocks are changed."""
    return Window(midnight_of(day, zone), midnight_of(day + DAY, zone))
