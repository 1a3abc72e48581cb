"""What runs when: the schedule that beat reads, with the next run and a button to run something now."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from django_celery_beat.admin import ClockedScheduleAdmin, PeriodicTaskAdmin, PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from kombu.exceptions import OperationalError
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin import StrictListMixin, display
from backoffice.common.admin.times import show_distance, show_next
from backoffice.common.history import note_change
from backoffice.common.plurals import say_count
from backoffice.periodic_tasks import find_next_run, send_now

# Nothing here runs by the sun, so solar schedules are left out for good.
for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):  # type: ignore[misc]
    """The registered tasks, in the look of the other fields."""


class ScheduledTaskForm(PeriodicTaskForm):  # type: ignore[misc]
    """The library's form, with fields in our look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, widget in (("regtask", TaskSelect()), ("task", UnfoldAdminTextInputWidget())):
            if name in self.fields:
                self.fields[name].widget = widget


@admin.register(PeriodicTask)
class ScheduledTaskAdmin(StrictListMixin, PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc]
    """What runs when, when it ran last and when it will next; times in the operator's zone."""

    form = ScheduledTaskForm
    list_display = (
        "name",
        "enabled",
        "show_schedule",
        "show_last_run",
        "show_next_run",
        "queue",
        "show_button",
        "description",
    )
    list_filter = ("enabled", "queue")
    list_fullwidth = True
    list_filter_submit = True
    date_hierarchy = None
    readonly_fields = (*PeriodicTaskAdmin.readonly_fields, "show_next_run")
    fieldsets = (
        (None, {"fields": ("name", "regtask", "task", "enabled", "description")}),
        ("Schedule: one of the three", {"fields": (
            "crontab", "crontab_translation", "interval", "clocked", "start_time", "one_off", "last_run_at",
            "show_next_run",
        )}),
        ("Arguments", {"classes": ("collapse",), "fields": ("args", "kwargs")}),
        ("Delivery", {"classes": ("collapse",), "fields": (
            "queue", "priority", "expires", "expire_seconds", "exchange", "routing_key", "headers",
        )}),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """Take the press of the button beside the list."""
        served = self.admin_site.admin_view(require_POST(self.run_view))
        urls: list[URLPattern] = super().get_urls()
        return [path("<int:task_id>/run/", served, name="django_celery_beat_periodictask_run"), *urls]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The library would let whoever may look switch tasks on and off, and run them."""
        actions: dict[str, Any] = super().get_actions(request)
        return actions if self.has_change_permission(request) else {}

    def run_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        """Send the task to the workers now; its schedule goes on as it is."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        task = get_object_or_404(PeriodicTask, pk=task_id)
        try:
            send_now(task)
        except OperationalError as error:
            messages.error(request, f"{task.name} was not sent: the message broker does not answer ({error}).")
        else:
            note_change(request.user, task, "Run now.")
            messages.success(request, f"{task.name} was sent to the workers. Its schedule goes on as it is.")
        return HttpResponseRedirect(reverse("admin:django_celery_beat_periodictask_changelist"))

    @admin.action(description="Run selected tasks")
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Send the tasks as the button does: the library's messages pass for beat's, whose turn may have had runs."""
        try:
            for task in queryset:
                send_now(task)
                note_change(request.user, task, "Run now.")
        except OperationalError as error:
            messages.error(request, f"Not all was sent: the message broker does not answer ({error}).")
        else:
            count = queryset.count()
            messages.success(request, f"{say_count(count, 'task was', 'tasks were')} sent to the workers.")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Show the buttons to whoever may press them."""
        shown: list[str] = list(super().get_list_display(request))
        return shown if self.has_change_permission(request) else [name for name in shown if name != "show_button"]

    @display(description="Schedule")
    def show_schedule(self, task: PeriodicTask) -> str:
        return task.crontab.human_readable if task.crontab else str(task.scheduler)

    @display(description="Last run", ordering="last_run_at")
    def show_last_run(self, task: PeriodicTask) -> str:
        return show_distance(task.last_run_at) if task.last_run_at else "Never"

    @display(description="Next run")
    def show_next_run(self, task: PeriodicTask) -> str:
        next_run: datetime | None = find_next_run(task)
        return show_next(next_run) if next_run else "Switched off" if not task.enabled else "–"

    @display(description="")
    def show_button(self, task: PeriodicTask) -> SafeString:
        address = reverse("admin:django_celery_beat_periodictask_run", args=[task.pk])
        # The list is one form; the button sends it, with its token, elsewhere.
        return format_html(
            '<button class="list-button" type="submit" formmethod="post" formaction="{}">Run now</button>', address
        )


@admin.register(CrontabSchedule)
class CrontabAdmin(StrictListMixin, ModelAdmin):  # type: ignore[misc]
    """Times by the clock that tasks refer to."""

    list_display = ("human_readable", "minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")
    fields = ("human_readable", ("minute", "hour"), ("day_of_month", "month_of_year"), ("day_of_week", "timezone"))
    readonly_fields = ("human_readable",)


@admin.register(IntervalSchedule)
class IntervalAdmin(StrictListMixin, ModelAdmin):  # type: ignore[misc]
    """Distances in time that tasks refer to."""


@admin.register(ClockedSchedule)
class OnceAdmin(StrictListMixin, ClockedScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """Single points in time."""
