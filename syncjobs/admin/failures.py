"""The page of what failed, by cause: a fault that hit a thousand records is one line with buttons for all of them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice.common.admin.row_actions import act_on_many
from backoffice.common.admin.times import show_distance
from backoffice.common.lists.actions import RowAction, get_action
from backoffice.common.lists.batches import BATCH_MAX_ROWS
from syncjobs.models import FailedRecordState, Run
from syncjobs.queries.failures import (
    CHUNKS_OF_THE_LAST,
    FailureGroup,
    group_chunks,
    group_records,
    list_failed_chunks,
    list_open_records,
    select_runs_of_cause,
)

RECORD_ACTIONS = ("syncjobs.retry_record", "syncjobs.discard_record")
RUN_ACTIONS = ("syncjobs.retry_run",)


@dataclass(frozen=True)
class Table:
    """One kind of failure as a table of groups."""

    title: str
    noun: str
    note: str
    lines: list[dict[str, Any]]
    actions: list[RowAction]


def failures_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the groups that the person may see."""
    user: Any = request.user
    tables = []
    if user.has_perm("syncjobs.view_failedrecord"):
        groups = group_records(list_open_records(user))
        note = "Kept with their payload. A retry maps the payload again; what is stored well later is fixed by itself."
        tables.append(
            Table("Records that are not stored", "record", note, [_line_of_records(group) for group in groups],
                  _permitted(user, RECORD_ACTIONS))
        )  # fmt: skip
    if user.has_perm("syncjobs.view_run"):
        groups = group_chunks(list_failed_chunks(user))
        note = f"Chunks of runs that failed in the last {CHUNKS_OF_THE_LAST.days} days. A retry reads them again."
        tables.append(
            Table("Windows that were not read", "chunk", note, [_line_of_chunks(group) for group in groups],
                  _permitted(user, RUN_ACTIONS))
        )  # fmt: skip
    if not tables:
        raise PermissionDenied
    shown = {**context, "title": "Failures", "tables": tables, "batch_max_rows": f"{BATCH_MAX_ROWS:,}"}
    return TemplateResponse(request, "syncjobs/failures.html", shown)


def act_on_group_view(request: HttpRequest) -> HttpResponse:
    """Do something to all of one group, in the background where they are many."""
    user: Any = request.user
    key = request.POST.get("key", "")
    if key not in (*RECORD_ACTIONS, *RUN_ACTIONS):
        raise Http404("There is nothing like this to do to a group.")
    action = get_action(key)
    options = action.model._meta
    if not (user.has_perm(action.permission) and user.has_perm(f"{options.app_label}.view_{options.model_name}")):
        raise PermissionDenied
    resource, cause = request.POST.get("resource", ""), request.POST.get("cause", "")
    rows: QuerySet[Any]
    if key in RUN_ACTIONS:
        rows = select_runs_of_cause(list_failed_chunks(user), cause, resource) if cause else Run.objects.none()
    else:
        group = list_open_records(user).filter(resource=resource, cause=cause).order_by("pk")
        rows = action.model._default_manager.filter(pk__in=group.values("pk")[:BATCH_MAX_ROWS])
    answer = act_on_many(action, request, rows)
    return answer or HttpResponseRedirect(reverse("admin:syncjobs_failedrecord_failures"))


def _permitted(user: Any, keys: tuple[str, ...]) -> list[RowAction]:
    return [action for action in map(get_action, keys) if user.has_perm(action.permission)]


def _line_of_records(group: FailureGroup) -> dict[str, Any]:
    query = urlencode({"state": FailedRecordState.OPEN.value, "resource": group.resource, "cause": group.cause})
    return _line_of(group, f"{reverse('admin:syncjobs_failedrecord_changelist')}?{query}")


def _line_of_chunks(group: FailureGroup) -> dict[str, Any]:
    newest = reverse("admin:syncjobs_run_change", args=[group.run_ids[-1]])
    several = f"{reverse('admin:syncjobs_run_changelist')}?state=failed"
    return _line_of(group, newest if len(group.run_ids) == 1 else several)


def _line_of(group: FailureGroup, address: str) -> dict[str, Any]:
    return {
        "group": group,
        "address": address,
        "cause": group.cause or "No reason was kept.",
        "first_seen": show_distance(group.first_seen_at),
        "last_seen": show_distance(group.last_seen_at),
    }
