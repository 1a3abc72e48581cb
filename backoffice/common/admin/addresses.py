"""Addresses of admin pages that a lower app links to by name, for those who may open them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


def find_page(
    request: HttpRequest, permission: str, name: str, *arguments: Any, query: Mapping[str, Any] | None = None
) -> str:
    """Return the address of a page; empty where there is none, or where the person may not open it."""
    if not request.user.has_perm(permission):
        return ""
    try:
        return reverse(name, args=arguments) + (f"?{urlencode(query)}" if query else "")
    except NoReverseMatch:
        return ""
