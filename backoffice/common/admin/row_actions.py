"""Puts the registered actions on admin pages: as buttons on a row's page, and as bulk actions on its list."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import linebreaksbr
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from backoffice.common.counting import count_up_to, show_count
from backoffice.common.errors import BackofficeError
from backoffice.common.lists import batches
from backoffice.common.lists.actions import RowAction, list_actions
from backoffice.common.lists.tasks import work_on_batch
from backoffice.common.wake_ups import wake_after_commit

TEXT_FIELD = "text"  # of what an action asks for once, for all rows
TEXT_LENGTH = 2_000  # characters
NAMES_AT_MOST = 20  # of the rows that it is about, on the page that asks
REQUEST_SECONDS = 15  # below what a web server gives a request; a slow rest goes to the background


class RowActionsMixin:
    """Goes before the library's base of an admin page."""

    def get_urls(self) -> list[URLPattern]:
        """Take the press of a button beside the row's page."""
        admin: Any = self
        served = admin.admin_site.admin_view(require_POST(self.row_action_view))
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [path("<path:object_id>/do/<str:key>/", served, name=self._do_name()), *urls]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer on the list what the person may do to many rows."""
        offered: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if IS_POPUP_VAR in request.GET:
            return offered
        permitted = [action for action in self._list_permitted(request) if action.is_bulk]
        # The library fills the names of rows into labels, so a percent sign must be doubled.
        ours = {one.key: (partial(_act_on_selected, one), one.key, one.label.replace("%", "%%")) for one in permitted}
        return offered | ours

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Tell the page which actions must be confirmed, and how many rows they take."""
        more = {
            # What asks for a text asks on a page of its own, which is question enough.
            "dangerous_actions": [
                one.key for one in self._list_permitted(request) if one.is_dangerous and not one.asks_for
            ],
            "batch_max_rows": batches.BATCH_MAX_ROWS,
        }
        answer: HttpResponse = super().changelist_view(  # type: ignore[misc]
            request, more | (extra_context or {})
        )
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """Hand the row's page its buttons."""
        if obj is not None:
            context["row_buttons"] = [
                {"action": action, "address": self._do_address(request, obj, action)}
                for action in self._list_permitted(request)
                if action.is_offered(obj)
            ]
        answer: HttpResponse = super().render_change_form(  # type: ignore[misc]
            request, context, *arguments, obj=obj, **options
        )
        return answer

    def row_action_view(self, request: HttpRequest, object_id: str, key: str) -> HttpResponse:
        """Do it to one row, and say what became of it."""
        admin: Any = self
        action = next((one for one in list_actions(admin.model) if one.key == key), None)
        row = admin.get_object(request, unquote(object_id))
        if action is None or row is None:
            raise Http404(f"There is no {admin.opts.verbose_name} {object_id} here, or nothing like this to do to it.")
        if not (admin.has_view_or_change_permission(request, row) and request.user.has_perm(action.permission)):
            raise PermissionDenied
        outcome = batches.run_action(action, row.pk, request.user.pk, _read_text(request))  # type: ignore[arg-type]
        tell = messages.success if outcome.is_done else messages.error
        tell(request, linebreaksbr(f"{action.label}: {outcome.text}", autoescape=True))
        return HttpResponseRedirect(self._where_to(request, row.pk))

    def _where_to(self, request: HttpRequest, row_id: Any) -> str:
        """Return to where the button was, or to the list where the row is gone."""
        admin: Any = self
        back = request.POST.get("next", "")
        if back and url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            return back
        there = admin.get_object(request, str(row_id)) is not None
        name, arguments = ("change", [quote(row_id)]) if there else ("changelist", [])
        address = reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_{name}", args=arguments)
        return self._with_filters(request, address)

    def _list_permitted(self, request: HttpRequest) -> list[RowAction]:
        admin: Any = self
        return [action for action in list_actions(admin.model) if request.user.has_perm(action.permission)]

    def _do_address(self, request: HttpRequest, row: Any, action: RowAction) -> str:
        return self._with_filters(request, reverse(f"admin:{self._do_name()}", args=[quote(row.pk), action.key]))

    def _with_filters(self, request: HttpRequest, address: str) -> str:
        """Keep how the list was narrowed, so that the way back leads there."""
        admin: Any = self
        kept = {"preserved_filters": admin.get_preserved_filters(request), "opts": admin.opts}
        return str(add_preserved_filters(kept, address))

    def _do_name(self) -> str:
        admin: Any = self
        return f"{admin.opts.app_label}_{admin.opts.model_name}_do"


def act_on_many(action: RowAction, request: HttpRequest, rows: QuerySet[Any], text: str = "") -> HttpResponse | None:
    """Start a batch: few rows are done in the request, many in the background; its page has a result for each."""
    try:
        batch = batches.start_batch(action=action, rows=rows, person=request.user, text=text)
    except BackofficeError as refusal:
        messages.error(request, str(refusal))
        return None
    few = batch.total_count <= settings.BULK_ACTION_LIMIT
    if not few or batches.run_batch(batch.pk, seconds=REQUEST_SECONDS):
        # If the broker is away, the sweep wakes a worker within a minute.
        wake_after_commit(lambda: work_on_batch.delay(batch.pk))
    return HttpResponseRedirect(reverse("admin:lists_batch_change", args=[batch.pk]))


def _act_on_selected(
    action: RowAction, model_admin: Any, request: HttpRequest, rows: QuerySet[Any]
) -> HttpResponse | None:
    if not action.asks_for:
        return act_on_many(action, request, rows)
    text = _read_text(request)
    if 0 < len(text) <= TEXT_LENGTH:
        return act_on_many(action, request, rows, text)
    return _ask_for_text(action, model_admin, request, rows, text)


def _read_text(request: HttpRequest) -> str:
    """Read what was given; a line's end is one character, as the browser counts it, and not the two that it sends."""
    return request.POST.get(TEXT_FIELD, "").replace("\x00", "").replace("\r\n", "\n").strip()


def _ask_for_text(
    action: RowAction, model_admin: Any, request: HttpRequest, rows: QuerySet[Any], text: str
) -> HttpResponse:
    """Ask once for what all rows get, and send it with the same selection; say what was wrong with a given one."""
    is_all = request.POST.get("select_across") == "1"
    chosen = request.POST.getlist("_selected_action")
    shown = list(rows[:NAMES_AT_MOST])
    count = count_up_to(batches.BATCH_MAX_ROWS, rows)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": action.label,
        "opts": model_admin.opts,
        "row_action": action,
        "text_field": TEXT_FIELD,
        "text_length": TEXT_LENGTH,
        "sent": [("action", action.key), ("select_across", "1" if is_all else "0"), ("index", "0")]
        + [("_selected_action", one) for one in chosen],
        "rows": shown,
        "shown_count": show_count(count),
        "more_count": max(0, count - len(shown)),
        "text": text,
        "is_empty": TEXT_FIELD in request.POST and not text,
        "back": request.get_full_path(),
        "media": model_admin.media,
    }
    return TemplateResponse(request, "lists/ask_text.html", context)
