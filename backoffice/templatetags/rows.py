"""Writes the rows of a list.

The library asks for every column's header again in every row, and renders templates for each; a page took half as long
again by that (benchmarks/lists.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import _coerce_field_name  # type: ignore[attr-defined]
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.templatetags.unfold_list import CHECKBOX_CLASSES, LINK_CLASSES, ROW_CLASSES, result_headers
from unfold.utils import display_for_field, display_for_value
from unfold.views import ChangeList

register = template.Library()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the page: what every cell of it begins and ends with."""

    name: Any
    is_link: bool
    start: SafeString
    end: str


@register.inclusion_tag("backoffice/rows.html", takes_context=True)
def list_rows(context: Context, changelist: ChangeList) -> dict[str, Any]:
    """Render the table of a list: headers, and a body for each row."""
    headers = list(result_headers(changelist))
    columns = [_column(changelist, *numbered, headers) for numbered in enumerate(changelist.list_display)]
    return {
        "cl": changelist,
        "result_headers": headers,
        "num_sorted_fields": sum(1 for header in headers if header["sortable"] and header["sorted"]),
        "rows": [mark_safe("".join(_cells(changelist, row, columns))) for row in changelist.result_list],  # noqa: S308
        "has_add_permission": changelist.model_admin.has_add_permission(context["request"]),
    }


def _column(changelist: ChangeList, index: int, name: Any, headers: list[dict[str, Any]]) -> Column:
    is_checkbox = name == "action_checkbox"
    is_link = name in (changelist.list_display_links or ())
    tag = "th" if is_link else "td"
    classes = CHECKBOX_CLASSES if is_checkbox else [f"field-{_coerce_field_name(name, index)}", *ROW_CLASSES]
    label = "Select record" if is_checkbox else headers[index]["text"]
    start = format_html('<{} class="{}" data-label="{}">', tag, " ".join(classes), label)
    return Column(name, is_link, start, f"</{tag}>")


def _cells(changelist: ChangeList, row: Model, columns: list[Column]) -> Iterator[str]:
    for column in columns:
        text = conditional_escape(_read(changelist.model_admin, row, column.name))
        yield f"{column.start}{_link(changelist, row, text) if column.is_link else text}{column.end}"


def _read(model_admin: Any, row: Model, name: Any) -> Any:
    empty = model_admin.get_empty_value_display()
    try:
        field, attribute, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return empty
    if field is None:
        shown = getattr(attribute, "empty_value_display", empty)
        return display_for_value(value, shown, getattr(attribute, "boolean", False))
    if field.is_relation:
        return empty if value is None else getattr(row, field.name)
    shown = display_for_field(value, field, empty)
    return format_html('<span class="one-line">{}</span>', shown) if isinstance(value, date) else shown


def _link(changelist: ChangeList, row: Model, text: str) -> SafeString:
    kept = {"preserved_filters": changelist.preserved_filters, "opts": changelist.opts}
    address = add_preserved_filters(kept, changelist.url_for_result(row))
    opener = format_html(' data-popup-opener="{}"', row.pk) if changelist.is_popup else ""
    return format_html('<a href="{}" class="{}"{}>{}</a>', address, " ".join(LINK_CLASSES), opener, text)
