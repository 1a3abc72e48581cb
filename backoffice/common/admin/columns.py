"""How values are shown on admin pages: named columns, badges, counts, spans of time, JSON."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

import orjson
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display as unfold_display

MethodT = TypeVar("MethodT", bound=Callable[..., Any])


def display(
    *, description: str, ordering: str = "", label: dict[str, str] | None = None
) -> Callable[[MethodT], MethodT]:
    """Name a computed column; with `label`, show its (key, text) as a badge in the key's colour."""

    def decorate(method: MethodT) -> MethodT:
        kept_as = f"_shown_{method.__name__}"

        @wraps(method)
        def show(first: Any, *others: Any) -> Any:  # (page, row), or (row) where it is no method
            kept = vars(others[-1] if others else first)  # the library asks up to five times for what it shows once
            if kept_as not in kept:
                value = method(first, *others)
                kept[kept_as] = value if label is None else badge(label.get(value[0], ""), value[1])
            return kept[kept_as]

        return cast("MethodT", unfold_display(show, description=description, ordering=ordering or None))

    return decorate


@lru_cache(maxsize=500)  # a list shows the same few words on every row, each from a template
def badge(colour: str, text: str) -> SafeString:
    """Show a word as a badge; the colour is one of the library's: success, info, warning, danger, or none."""
    return render_to_string("unfold/helpers/label.html", {"type": colour, "text": text})


def count_column(name: str, description: str) -> Callable[[Any], SafeString]:
    """Make a column for the number in a field, with thousands apart."""

    def show(row: Any) -> SafeString:
        return format_html('<span class="number">{}</span>', f"{getattr(row, name):,}")

    show.__name__ = f"show_{name}"
    return display(description=description, ordering=name)(show)


@display(description="Shop")
def show_shop(row: Any) -> SafeString:
    """Name the shop of a row; the list needs `list_select_related = ("shop",)`."""
    return one_line(row.shop.name or row.shop.external_id)


def one_line(text: str) -> SafeString:
    """Keep a short text of a list from being broken, where the screen is wide enough."""
    return format_html('<span class="one-line">{}</span>', text)


def show_tone(colour: str, text: object) -> SafeString:
    """Show a short text in a colour: "success", "warning", "danger", or none."""
    return format_html('<span class="tone-{} number">{}</span>', colour, text)


def show_progress(done: int, total: int, state: str = "") -> SafeString:
    """Show a bar with the share in percent; `state` ("done", "failed") colours it."""
    percent = min(100, done * 100 // total) if total else 0
    return format_html(
        '<span class="progress-line"><span class="progress progress-{}" role="progressbar" aria-valuenow="{}"'
        ' aria-valuemin="0" aria-valuemax="100"><span style="width: {}%"></span></span>'
        ' <span class="number">{}%</span></span>',
        state, percent, percent, percent,
    )  # fmt: skip


def show_span(start: datetime, end: datetime) -> SafeString:
    """Show from when to when, to the second, in the present zone: it decides which orders a window holds."""
    start, end = timezone.localtime(start), timezone.localtime(end)
    last = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M:%S}"
    return one_line(f"{start:%Y-%m-%d %H:%M:%S} – {last} {end:%Z}")


def show_json(value: Any) -> SafeString:
    """Show JSON indented, escaped, in a box that scrolls."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # numbers beyond 64 bits, or deep nesting
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    return format_html('<pre class="json-box">{}</pre>', text)


def in_a_word(label: str) -> str:
    """Shorten "Failed: a person must look" for a badge; the colour says the rest."""
    return label.partition(":")[0]
