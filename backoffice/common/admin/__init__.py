"""What admin pages are made of; the one place that wraps the untyped admin library."""

from backoffice.common.admin.bases import ReadOnlyInline, ReadOnlyModelAdmin, ScopedModelAdmin
from backoffice.common.admin.columns import (
    badge,
    count_column,
    display,
    in_a_word,
    one_line,
    show_json,
    show_progress,
    show_shop,
    show_span,
    show_tone,
)
from backoffice.common.admin.live import LivePanelMixin
from backoffice.common.admin.paging import CappedPaginator
from backoffice.common.admin.strictness import StrictListMixin

__all__ = [
    "CappedPaginator",
    "LivePanelMixin",
    "ReadOnlyInline",
    "ReadOnlyModelAdmin",
    "ScopedModelAdmin",
    "StrictListMixin",
    "badge",
    "count_column",
    "display",
    "in_a_word",
    "one_line",
    "show_json",
    "show_progress",
    "show_shop",
    "show_span",
    "show_tone",
]
