"""Times as people feel them: "5 min ago", "overdue by 3 h". times.js keeps them going while the page is open."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common import clock

DAY = timedelta(days=1)
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))  # seconds
HOURS_UP_TO = 2 * 86_400  # seconds; below it hours say more than days
DUE_NOW = "due now"


def describe_span(span: timedelta) -> str:
    """Write a length of time as one rounded-down number: "35 s", "35 min", "5 h", "3 d"."""
    seconds = int(abs(span.total_seconds()))
    for size, unit in UNITS:
        if seconds >= (HOURS_UP_TO if unit == "d" else size):
            return f"{seconds // size} {unit}"
    return "0 s"


def describe_distance(moment: datetime, now: datetime) -> str:
    """Say how far a moment is: "5 min ago", or "in 5 min"."""
    span = describe_span(moment - now)
    return f"in {span}" if moment > now else f"{span} ago"


def describe_deadline(due_at: datetime, now: datetime) -> tuple[str, str]:
    """Return how urgent a deadline is (overdue, due, ahead), and how far it is in words."""
    span = describe_span(due_at - now)
    if due_at < now:
        return "overdue", f"overdue by {span}"
    return ("due", f"due in {span}") if due_at - now < DAY else ("ahead", f"in {span}")


def describe_countdown(due_at: datetime, now: datetime) -> tuple[str, str]:
    """Return how urgent a deadline is, and the time that is left in two units: "3 h 12 min left"."""
    urgency, _ = describe_deadline(due_at, now)
    seconds = int(abs((due_at - now).total_seconds()))
    parts: list[str] = []
    for size, unit in UNITS:
        if seconds >= size or parts:
            parts.append(f"{seconds // size} {unit}")
        seconds %= size
    span = " ".join(parts[:2]) or "0 s"
    return urgency, f"overdue by {span}" if urgency == "overdue" else f"{span} left"


def show_distance(moment: datetime) -> SafeString:
    """Show how far a moment is; pointing at it shows the time itself."""
    return format_html(
        '<time class="one-line" data-ticks="distance" datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        show_moment(moment),
        describe_distance(moment, clock.now()),
    )


def show_next(moment: datetime) -> SafeString:
    """Show how far ahead a moment is, or that it has come."""
    now = clock.now()
    return format_html(
        '<time class="one-line" data-ticks="next" datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        show_moment(moment),
        describe_distance(moment, now) if moment > now else DUE_NOW,
    )


def show_deadline(due_at: datetime) -> SafeString:
    """Show a deadline as a badge in the colour of its urgency."""
    urgency, text = describe_deadline(due_at, clock.now())
    return format_html(
        '<time class="deadline" data-ticks="deadline" data-urgency="{}" datetime="{}" title="{}">{}</time>',
        urgency,
        due_at.isoformat(),
        show_moment(due_at),
        text,
    )


def show_countdown(due_at: datetime) -> SafeString:
    """Show the time that is left as a badge in the colour of its urgency; it goes on by the second."""
    urgency, text = describe_countdown(due_at, clock.now())
    return format_html(
        '<time class="deadline" data-ticks="countdown" data-urgency="{}" datetime="{}" title="{}">{}</time>',
        urgency,
        due_at.isoformat(),
        show_moment(due_at),
        text,
    )


def show_moment(moment: datetime) -> str:
    """Write a time in the present zone."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
