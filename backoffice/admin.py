"""Registers the admin pages of libraries again, in our look."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django_celery_beat.admin import ClockedScheduleAdmin, PeriodicTaskAdmin, PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin import display

# Nothing here runs by the sun, so solar schedules are left out for good.
for model in (User, Group, ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


@admin.register(User)
class StaffAdmin(UserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """Staff, their groups and permissions."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups of staff."""


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
class ScheduledTaskAdmin(PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc]
    """What runs when."""

    form = ScheduledTaskForm
    list_display = ("name", "enabled", "show_schedule", "queue", "last_run_at", "description")
    list_filter = ("enabled", "queue")
    date_hierarchy = None
    fieldsets = (
        (None, {"fields": ("name", "regtask", "task", "enabled", "description")}),
        ("Schedule: one of the three", {"fields": (
            "crontab", "crontab_translation", "interval", "clocked", "start_time", "one_off", "last_run_at",
        )}),
        ("Arguments", {"classes": ("collapse",), "fields": ("args", "kwargs")}),
        ("Delivery", {"classes": ("collapse",), "fields": (
            "queue", "priority", "expires", "expire_seconds", "exchange", "routing_key", "headers",
        )}),
    )  # fmt: skip

    @display(description="Schedule")
    def show_schedule(self, task: PeriodicTask) -> str:
        return task.crontab.human_readable if task.crontab else str(task.scheduler)


@admin.register(CrontabSchedule)
class CrontabAdmin(ModelAdmin):  # type: ignore[misc]
    """Times by the clock that tasks refer to."""

    list_display = ("human_readable", "minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")
    fields = ("human_readable", ("minute", "hour"), ("day_of_month", "month_of_year"), ("day_of_week", "timezone"))
    readonly_fields = ("human_readable",)


@admin.register(IntervalSchedule)
class IntervalAdmin(ModelAdmin):  # type: ignore[misc]
    """Distances in time that tasks refer to."""


@admin.register(ClockedSchedule)
class OnceAdmin(ClockedScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """Single points in time."""
