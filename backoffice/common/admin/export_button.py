"""Puts "Export" above every list that has an exporter: a form first, and then the page with the person's files."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from backoffice.common.counting import COUNT_LIMIT, count_up_to, show_count
from backoffice.common.errors import BackofficeError
from backoffice.common.lists import exports, saved_views
from backoffice.common.lists.exporters import Exporter, find_exporter
from backoffice.common.lists.models import ExportFormat, SavedView
from backoffice.common.lists.saved_views import VIEW_PARAMETER
from backoffice.common.lists.tasks import work_on_export
from backoffice.common.wake_ups import wake_after_commit


class ExportForm(forms.Form):
    """Which kind of file, and which columns in which order."""

    format = forms.ChoiceField(choices=ExportFormat.choices)
    columns = forms.MultipleChoiceField(error_messages={"required": "Choose at least one column."})
    query = forms.CharField(required=False)

    def __init__(self, data: QueryDict | None, exporter: Exporter) -> None:
        super().__init__(data)
        choices: Any = self.fields["columns"]
        choices.choices = [(name, column.label) for name, column in exporter.columns.items()]


class ExportButtonMixin:
    """Goes before SavedViewsMixin."""

    def get_urls(self) -> list[URLPattern]:
        """Serve the form beside the list."""
        admin: Any = self
        served = path("export/", admin.admin_site.admin_view(self.export_view), name=self._export_name())
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [served, *urls]

    def get_list_bar(self, request: HttpRequest) -> dict[str, Any]:
        """Add the button, where the list has an exporter and the person may use it."""
        admin: Any = self
        bar: dict[str, Any] = super().get_list_bar(request)  # type: ignore[misc]
        exporter = find_exporter(admin.model)
        if exporter is not None and request.user.has_perm(exporter.permission):
            address = reverse(f"admin:{self._export_name()}")
            bar["export_address"] = f"{address}?{request.GET.urlencode()}"
        return bar

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or start the export."""
        admin: Any = self
        exporter = find_exporter(admin.model)
        if exporter is None:
            raise Http404("This list cannot be exported.")
        if not (admin.has_view_or_change_permission(request) and request.user.has_perm(exporter.permission)):
            raise PermissionDenied
        form = ExportForm(request.POST if request.method == "POST" else None, exporter)
        if form.is_bound and form.is_valid() and self._start(request, exporter, form):
            return HttpResponseRedirect(reverse("admin:lists_export_changelist"))
        return self._show_form(request, exporter, form)

    def _start(self, request: HttpRequest, exporter: Exporter, form: ExportForm) -> bool:
        try:
            export = exports.start_export(
                kind=exporter.kind,
                person=request.user,
                query=saved_views.read_filters(form.cleaned_data["query"]).urlencode(),
                columns=list(dict.fromkeys(form.cleaned_data["columns"])),
                file_format=form.cleaned_data["format"],
            )
        except BackofficeError as refusal:
            form.add_error(None, str(refusal))
            return False
        # If the broker is away, the sweep wakes a worker within a minute.
        wake_after_commit(lambda: work_on_export.delay(export.pk))
        messages.success(request, "The export is being written. You may leave this page; the file waits for you here.")
        return True

    def _show_form(self, request: HttpRequest, exporter: Exporter, form: ExportForm) -> HttpResponse:
        admin: Any = self
        source = QueryDict(request.POST.get("query", "")) if form.is_bound else request.GET
        filters = saved_views.read_filters(source.urlencode())
        view = saved_views.find_view(request.user, admin.opts.label_lower, request.GET.get(VIEW_PARAMETER, ""))
        chosen = form.data.getlist("columns") if isinstance(form.data, QueryDict) else _columns_of(view, exporter)
        try:
            in_words = exporter.describe(request.user, filters)  # type: ignore[arg-type]
            rows = show_count(count_up_to(COUNT_LIMIT, exporter.select(request.user, filters)))  # type: ignore[arg-type]
            problem = ""
        except BackofficeError as refusal:
            in_words, rows, problem = [], "", str(refusal)
        context = {
            **admin.admin_site.each_context(request),
            "title": f"Export {admin.opts.verbose_name_plural}",
            "form": form,
            "problem": problem,
            "rows": rows,
            "filters": in_words,
            "query": filters.urlencode(),
            "view": view,
            "formats": ExportFormat.choices,
            "format": form.data.get("format", ExportFormat.XLSX),
            "columns": _choices(exporter, chosen),
            "back": f"{self._list_address()}?{source.urlencode()}",  # type: ignore[attr-defined]
        }
        request.current_app = admin.admin_site.name
        return TemplateResponse(request, "lists/export_form.html", context)

    def _export_name(self) -> str:
        admin: Any = self
        return f"{admin.opts.app_label}_{admin.opts.model_name}_export"


def _columns_of(view: SavedView | None, exporter: Exporter) -> list[str]:
    """Return the columns of a saved view as far as the exporter has them, else all."""
    names = [name.removeprefix("show_") for name in view.columns] if view else []
    return [name for name in names if name in exporter.columns] or list(exporter.columns)


def _choices(exporter: Exporter, chosen: list[str]) -> list[dict[str, Any]]:
    known = [name for name in dict.fromkeys(chosen) if name in exporter.columns]
    others = [name for name in exporter.columns if name not in known]
    return [{"name": name, "label": exporter.columns[name].label, "shown": name in known} for name in (*known, *others)]
