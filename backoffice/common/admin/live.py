"""Gives a row's page a panel that renews itself while the row is being worked on: runs, batches, exports."""

from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

PANEL_TEMPLATE = "backoffice/live_panel.html"


class LivePanelMixin:
    """Goes before the base of an admin page.

    `live_template` is rendered at the top of the row's page with the row as `row` and what `get_live_context` adds;
    while `is_going_on(row)`, the browser asks for it again every `live_seconds`.
    """

    live_template = ""
    live_seconds = 2
    change_form_outer_before_template = PANEL_TEMPLATE

    def is_going_on(self, row: Any) -> bool:
        """Whether the row is still being worked on."""
        raise NotImplementedError

    def get_live_seconds(self, row: Any) -> int:
        """Return how often the panel is renewed; less often where it costs much."""
        return self.live_seconds

    def get_live_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the template needs beside the row."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        """Serve the panel alone beside the page."""
        admin: Any = self
        served = path("<path:object_id>/live/", admin.admin_site.admin_view(self.live_view), name=self._live_name())
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [served, *urls]

    def live_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with the panel alone."""
        admin: Any = self
        row = admin.get_object(request, unquote(object_id))
        if row is None:
            raise Http404(f"There is no {admin.opts.verbose_name} {object_id} here.")
        if not admin.has_view_permission(request, row):
            raise PermissionDenied
        return TemplateResponse(request, PANEL_TEMPLATE, self._panel(request, row))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """Hand the panel to the page."""
        if obj is not None:
            context.update(self._panel(request, obj))
        answer: HttpResponse = super().render_change_form(  # type: ignore[misc]
            request, context, *arguments, obj=obj, **options
        )
        return answer

    def _panel(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        panel = {
            "address": reverse(f"admin:{self._live_name()}", args=[quote(row.pk)]) + _query_of(request),
            "seconds": self.get_live_seconds(row),
            "is_going_on": self.is_going_on(row),
            "template": self.live_template,
        }
        return {"live_panel": panel, "row": row, **self.get_live_context(request, row)}

    def _live_name(self) -> str:
        admin: Any = self
        return f"{admin.opts.app_label}_{admin.opts.model_name}_live"


def _query_of(request: HttpRequest) -> str:
    """Return what stands behind the address: which page of the panel's rows is shown."""
    return f"?{request.GET.urlencode()}" if request.GET else ""
