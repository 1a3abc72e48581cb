"""What filters of lists are made of: strict about what they are given, and kind to indexes.

A value that makes no sense is an error and never "no filter": whoever mistypes must not see everything.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django_filters import fields

DAY = timedelta(days=1)
LONGEST_MOMENT = 40  # characters
LAST_YEAR = 9998  # a day later must still be a date


def midnight(day: date) -> datetime:
    """Return when a day begins in the present zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class MomentField(forms.Field):
    """A point in time: a day ("2026-11-21", in the present zone) or a time with its zone ("2026-11-21T08:00:00Z")."""

    default_error_messages = {
        "invalid": "Neither a day like 2026-11-21 nor a time with its zone like 2026-11-21T08:00:00Z.",
    }

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        self.is_end = is_end
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        """Return an aware time; a day that ends a range is in the range, so the next one's beginning."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            moment = _read_moment(text, is_end=self.is_end) if len(text) <= LONGEST_MOMENT else None
        except (ValueError, OverflowError):
            moment = None
        if moment is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


def _read_moment(text: str, *, is_end: bool) -> datetime | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        day = parse_date(text)
        if day is None or not 1 < day.year <= LAST_YEAR:
            return None
        return midnight(day + DAY if is_end else day)
    # In an address a plus sign means a blank, so that "+07:00" often arrives as " 07:00".
    moment = parse_datetime(re.sub(r" (?=\d{2}:?\d{2}$)", "+", text))
    if moment is None or moment.tzinfo is None or not 1 < moment.year <= LAST_YEAR:
        return None
    return moment.astimezone(UTC)


class TruthField(forms.Field):
    """Yes or no, said as `true` or `false`; anything else is an error and not, as in the library, no filter at all."""

    default_error_messages = {"invalid": "Neither true nor false."}

    def to_python(self, value: Any) -> bool | None:
        """Return what was said."""
        text = str(value or "").strip().lower()
        if text not in ("", "true", "false"):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return text == "true" if text else None


class TruthFilter(django_filters.BooleanFilter):  # type: ignore[misc]
    """Compares a column with true or false."""

    field_class = TruthField


class _SkipsBlanks:
    """A form that is sent with nothing chosen says "status=", which is no status."""

    def clean(self, value: Any) -> Any:
        """Check what was chosen."""
        cleaned: Any = super()
        return cleaned.clean([item for item in value or () if item != ""])


class _AnyChoiceField(_SkipsBlanks, fields.MultipleChoiceField):  # type: ignore[misc]
    pass


class _AnyRowField(_SkipsBlanks, fields.ModelMultipleChoiceField):  # type: ignore[misc]
    pass


class _AnyOf:
    """One of several values: IN, which one index serves, instead of the library's OR and its DISTINCT."""

    field_name: str

    def filter(self, rows: QuerySet[Any], chosen: Iterable[Any]) -> QuerySet[Any]:
        """Narrow to the chosen values, if any."""
        return rows.filter(**{f"{self.field_name}__in": list(chosen)}) if chosen else rows


class AnyChoiceFilter(_AnyOf, django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """Keeps rows with any of the chosen values."""

    field_class = _AnyChoiceField


class AnyRowFilter(_AnyOf, django_filters.ModelMultipleChoiceFilter):  # type: ignore[misc]
    """Keeps rows that refer to any of the chosen rows."""

    field_class = _AnyRowField


class MomentFilter(django_filters.Filter):  # type: ignore[misc]
    """Compares a column with a point in time."""

    field_class = MomentField
