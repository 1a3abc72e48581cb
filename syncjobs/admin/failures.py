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
from syncjobs.models import EnrichmentStatus, EnrichmentTask, FailedRecordState, Run
from syncjobs.queries.enrichment import EnrichmentErrors, list_enrichment_errors
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
TASK_ACTIONS = ("syncjobs.retry_enrichment", "syncjobs.cancel_enrichment")
NO_REASON = "No reason was kept."


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
    kinds = (
        ("syncjobs.view_failedrecord", _tell_records),
        ("syncjobs.view_run", _tell_chunks),
        ("syncjobs.view_enrichmenttask", _tell_tasks),
    )
    tables = [tell(user) for permission, tell in kinds if user.has_perm(permission)]
    if not tables:
        raise PermissionDenied
    shown = {**context, "title": "Failures", "tables": tables, "batch_max_rows": f"{BATCH_MAX_ROWS:,}"}
    return TemplateResponse(request, "syncjobs/failures.html", shown)


def act_on_group_view(request: HttpRequest) -> HttpResponse:
    """Do something to all of one group, in the background where they are many."""
    user: Any = request.user
    key = request.POST.get("key", "")
    if key not in (*RECORD_ACTIONS, *RUN_ACTIONS, *TASK_ACTIONS):
        raise Http404("There is nothing like this to do to a group.")
    action = get_action(key)
    options = action.model._meta
    if not (user.has_perm(action.permission) and user.has_perm(f"{options.app_label}.view_{options.model_name}")):
        raise PermissionDenied
    rows = _select(user, action, request.POST.get("resource", ""), request.POST.get("cause", ""))
    answer = act_on_many(action, request, rows)
    return answer or HttpResponseRedirect(reverse("admin:syncjobs_failedrecord_failures"))


def _select(user: Any, action: RowAction, resource: str, cause: str) -> QuerySet[Any]:
    """Return the rows of a group, as many of them as one batch may have."""
    if action.key in RUN_ACTIONS:
        return select_runs_of_cause(list_failed_chunks(user), cause, resource) if cause else Run.objects.none()
    group: QuerySet[Any]
    if action.key in TASK_ACTIONS:
        group = EnrichmentTask.objects.visible_to(user).filter(status=EnrichmentStatus.FAILED, cause=cause)
    else:
        group = list_open_records(user).filter(resource=resource, cause=cause)
    return action.model._default_manager.filter(pk__in=group.order_by("pk").values("pk")[:BATCH_MAX_ROWS])


def _tell_records(user: Any) -> Table:
    note = "Kept with their payload. A retry maps the payload again; what is stored well later is fixed by itself."
    lines = [_line_of_records(group) for group in group_records(list_open_records(user))]
    return Table("Records that are not stored", "record", note, lines, _permitted(user, RECORD_ACTIONS))


def _tell_chunks(user: Any) -> Table:
    note = f"Chunks of runs that failed in the last {CHUNKS_OF_THE_LAST.days} days. A retry reads them again."
    lines = [_line_of_chunks(group) for group in group_chunks(list_failed_chunks(user))]
    return Table("Windows that were not read", "chunk", note, lines, _permitted(user, RUN_ACTIONS))


def _tell_tasks(user: Any) -> Table:
    note = "These orders are not asked about by themselves any more. A retry asks about them before all others."
    lines = [_line_of_tasks(group) for group in list_enrichment_errors(user)]
    return Table("Package numbers that were not found", "order", note, lines, _permitted(user, TASK_ACTIONS))


def _permitted(user: Any, keys: tuple[str, ...]) -> list[RowAction]:
    return [action for action in map(get_action, keys) if user.has_perm(action.permission)]


def _line_of_records(group: FailureGroup) -> dict[str, Any]:
    query = urlencode({"state": FailedRecordState.OPEN.value, "resource": group.resource, "cause": group.cause})
    return _line_of(group, f"{reverse('admin:syncjobs_failedrecord_changelist')}?{query}")


def _line_of_chunks(group: FailureGroup) -> dict[str, Any]:
    newest = reverse("admin:syncjobs_run_change", args=[group.run_ids[-1]])
    several = f"{reverse('admin:syncjobs_run_changelist')}?state=failed"
    return _line_of(group, newest if len(group.run_ids) == 1 else several)


def _line_of_tasks(group: EnrichmentErrors) -> dict[str, Any]:
    query = urlencode({"status": EnrichmentStatus.FAILED.value, "cause": group.cause})
    return {
        "group": group,
        "address": f"{reverse('admin:syncjobs_enrichmenttask_changelist')}?{query}",
        "cause": group.cause or NO_REASON,
        "resource": "package numbers",
        "first_seen": "–",
        "last_seen": show_distance(group.newest_at) if group.newest_at else "–",
    }


def _line_of(group: FailureGroup, address: str) -> dict[str, Any]:
    return {
        "group": group,
        "address": address,
        "cause": group.cause or NO_REASON,
        "resource": group.resource,
        "first_seen": show_distance(group.first_seen_at),
        "last_seen": show_distance(group.last_seen_at),
    }
