"""Pages of bulk actions and exports: each person sees their own, superusers see everybody's."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from backoffice.common.admin import LivePanelMixin, ReadOnlyModelAdmin, display, one_line
from backoffice.common.errors import BackofficeError
from backoffice.common.lists import batches, exports
from backoffice.common.lists.actions import get_action
from backoffice.common.lists.exporters import get_exporter
from backoffice.common.lists.models import Batch, Export, Job
from backoffice.common.plurals import say_count

RESULTS_PER_PAGE = 50
STATE_COLOURS = {"due": "info", "running": "info", "done": "success", "failed": "danger", "cancelled": "warning"}


class JobAdmin(ReadOnlyModelAdmin):
    """What batches and exports share: whoever works here may see what they asked for."""

    ordering = ("-id",)
    list_before_template = None
    list_select_related = ("user",)
    cell_template = ""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Say whose a job is where others' are shown too."""
        columns = super().get_list_display(request)
        return columns if request.user.is_superuser else [name for name in columns if name != "user"]

    def get_urls(self) -> list[URLPattern]:
        """Serve the part of a row that renews itself."""
        served = self.admin_site.admin_view(self.cell_view)
        return [path("<int:job_id>/cell/", served, name=self._name("cell")), *super().get_urls()]

    def cell_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """Answer with one row's state alone."""
        return HttpResponse(self.render_cell(self.get_job(request, job_id)))

    def get_job(self, request: HttpRequest, job_id: int) -> Any:
        """Return a job that the person may see; anything else is not there."""
        job = self.get_object(request, str(job_id))
        if job is None:
            raise Http404(f"There is no {self.opts.verbose_name} {job_id} of yours.")
        return job

    @display(description="State")
    def show_state(self, job: Job) -> SafeString:
        return self.render_cell(job)

    def render_cell(self, job: Job) -> SafeString:
        """Show where a job stands, renewing itself while it is unfinished."""
        context = {
            "job": job,
            "colour": STATE_COLOURS.get(job.state, ""),
            "address": reverse(f"admin:{self._name('cell')}", args=[job.pk]),
            **self.get_cell_context(job),
        }
        return render_to_string(self.cell_template, context)

    def get_cell_context(self, job: Any) -> dict[str, Any]:
        """Return what the template needs beside the job."""
        return {}

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"


@admin.register(Batch)
class BatchAdmin(LivePanelMixin, JobAdmin):
    """Bulk actions: how far each is, and what became of each row."""

    list_display = ("show_action", "show_state", "created_at", "finished_at", "user")
    cell_template = "lists/batch_cell.html"
    live_template = "lists/batch_panel.html"
    live_seconds = 1

    def get_urls(self) -> list[URLPattern]:
        """Take the press of the cancel button."""
        served = self.admin_site.admin_view(require_POST(self.cancel_view))
        return [path("<int:job_id>/cancel/", served, name=self._name("cancel")), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Batch | None = None) -> Any:
        """Show nothing below the panel, which says it all; `fieldsets = ()` would mean every field."""
        return ()

    def cancel_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """End a batch."""
        batch = self.get_job(request, job_id)
        try:
            batches.cancel_batch(batch, person=request.user)
            messages.success(request, "Cancelled. What was done by then stays done.")
        except BackofficeError as refusal:
            messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse(f"admin:{self._name('change')}", args=[job_id]))

    @display(description="What")
    def show_action(self, batch: Batch) -> SafeString:
        return one_line(_label(batch))

    def is_going_on(self, row: Batch) -> bool:
        return row.is_unfinished

    def get_live_context(self, request: HttpRequest, row: Batch) -> dict[str, Any]:
        page = Paginator(batches.list_results(row), RESULTS_PER_PAGE).get_page(request.GET.get("page"))
        return {
            "label": _label(row),
            "colour": STATE_COLOURS.get(row.state, ""),
            "succeeded": row.done_count - row.failed_count,
            "left": row.total_count - row.done_count,
            "results": [{"item": item, "address": _row_address(row, item.row_id)} for item in page],
            "page": page,
            "list_address": reverse(f"admin:{self._name('change')}", args=[row.pk]),
            "cancel_address": reverse(f"admin:{self._name('cancel')}", args=[row.pk]),
        }


@admin.register(Export)
class ExportAdmin(JobAdmin):
    """Downloads: the files that a person asked for, until they expire."""

    list_display = ("show_kind", "show_filters", "show_state", "show_format", "created_at", "expires_at", "user")
    fields = (
        ("show_kind", "show_format"), "show_filters", "show_state", "show_columns", ("created_at", "finished_at"),
        "expires_at", "user",
    )  # fmt: skip
    cell_template = "lists/export_cell.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def delete_model(self, request: HttpRequest, obj: Export) -> None:
        exports.delete_export(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Export]) -> None:
        for export in queryset:
            exports.delete_export(export)

    def get_urls(self) -> list[URLPattern]:
        """Serve the files."""
        served = self.admin_site.admin_view(self.download_view)
        return [path("<int:job_id>/download/", served, name=self._name("download")), *super().get_urls()]

    def download_view(self, request: HttpRequest, job_id: int) -> HttpResponse | FileResponse:
        """Hand out the file, if whoever asks may still see all that is in it."""
        export = self.get_job(request, job_id)
        refusal = exports.refusal_to_fetch(export, request.user)
        if refusal:
            return self._refuse(request, refusal, 403)
        try:
            file = exports.open_file(export)
        except FileNotFoundError:
            return self._refuse(request, _why_gone(export), 404)
        return FileResponse(file, as_attachment=True, filename=_file_name(export))

    @display(description="List")
    def show_kind(self, export: Export) -> SafeString:
        return one_line(_kind(export))

    @display(description="Filters")
    def show_filters(self, export: Export) -> SafeString:
        return render_to_string("lists/filters.html", {"filters": export.filters_in_words})

    @display(description="Format")
    def show_format(self, export: Export) -> SafeString:
        return one_line(export.get_format_display())

    @display(description="Columns")
    def show_columns(self, export: Export) -> str:
        try:
            columns = get_exporter(export.kind).columns
        except KeyError:
            return ", ".join(export.columns)
        return ", ".join(columns[name].label for name in export.columns or columns if name in columns)

    def get_cell_context(self, job: Export) -> dict[str, Any]:
        return {
            "download": reverse(f"admin:{self._name('download')}", args=[job.pk]) if exports.find_file(job) else "",
            "size": filesizeformat(job.size_bytes),
        }

    def _refuse(self, request: HttpRequest, reason: str, status: int) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": "This file cannot be fetched", "reason": reason}
        return TemplateResponse(request, "lists/refused.html", context, status=status)


def _label(batch: Batch) -> str:
    try:
        action = get_action(batch.action)
    except KeyError:
        return batch.action
    words = action.model._meta
    return f"{action.label}: {say_count(batch.total_count, str(words.verbose_name), str(words.verbose_name_plural))}"


def _row_address(batch: Batch, row_id: int) -> str:
    try:
        options = get_action(batch.action).model._meta
        return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[quote(row_id)])
    except (KeyError, NoReverseMatch):
        return ""


def _kind(export: Export) -> str:
    try:
        return get_exporter(export.kind).label
    except KeyError:
        return export.kind


def _file_name(export: Export) -> str:
    return f"{_kind(export).lower().replace(' ', '-')}-{localtime(export.created_at):%Y-%m-%d-%H%M}.{export.format}"


def _why_gone(export: Export) -> str:
    if export.is_unfinished:
        return "The file is not finished yet."
    if export.state == "done" and export.file_name:
        return (
            "The file is not on this server any more. The folder EXPORT_DIR must be shared by web servers and workers."
        )
    return "The file is gone: its time is over, or it was never finished. Make a new export."
