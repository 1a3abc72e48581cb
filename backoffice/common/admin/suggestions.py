"""Answers what a field suggests while somebody types: a few rows at once, in the shape that its widget reads.

The library's own answers would ask for the permission to view the whole model, which packers do not have.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse

AT_ONCE = 20
LAST_PAGE = 50
LONGEST_TERM = 100  # characters


def read_term(request: HttpRequest) -> str:
    """Return what was typed."""
    return request.GET.get("term", "").replace("\x00", "").strip()[:LONGEST_TERM]


def answer_suggestions(
    request: HttpRequest, rows: QuerySet[Any], name: Callable[[Any], tuple[str, str]]
) -> JsonResponse:
    """Answer with the page of rows that was asked for; `name(row)` gives its value and its text."""
    asked_for = request.GET.get("page", "1")
    page = min(int(asked_for), LAST_PAGE) if asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 6 else 1
    start = AT_ONCE * (max(page, 1) - 1)
    found = list(rows[start : start + AT_ONCE + 1])
    results = [dict(zip(("id", "text"), name(row), strict=True)) for row in found[:AT_ONCE]]
    return JsonResponse({"results": results, "pagination": {"more": len(found) > AT_ONCE}})
