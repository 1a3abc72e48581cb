"""Room on the page of a row for what apps above it know of it: they register a panel in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Panel:
    """A part of a page. `read(request, row)` gives what the template needs; None where the person may not see it.

    `place` names where on the page it belongs, where the page has such a place; else it stands below the page's own.
    """

    template: str
    read: Callable[[HttpRequest, Any], dict[str, Any] | None]
    place: str = ""


_panels: dict[type[Model], list[Panel]] = {}


def register_panel(model: type[Model], panel: Panel) -> None:
    """Add a panel to the pages of a model's rows, after those that are there."""
    _panels.setdefault(model, []).append(panel)


def render_panels(request: HttpRequest, row: Model, place: str = "") -> list[SafeString]:
    """Write the panels of a place that the person may see."""
    read = [(panel, panel.read(request, row)) for panel in _panels.get(type(row), ()) if panel.place == place]
    return [render_to_string(panel.template, context, request) for panel, context in read if context is not None]
