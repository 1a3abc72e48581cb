"""Takes an action on a case: its own permission, its form, and a sentence for everything that is refused."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from aftersales import remote
from aftersales.admin.case_forms import ActForm, wants_reason_code
from aftersales.models import Case
from aftersales.queries.cases import WholeCase, find_last_entry, load_case
from aftersales.queries.offering import list_offered
from aftersales.services.asking import Inputs, NotAllowed, Unacceptable, as_staff
from aftersales.states import BY_PEOPLE, MOVES, Action, CaseOrigin, name_permission
from backoffice.common.errors import BackofficeError
from backoffice.common.locks import wait_advisory_lock

CHANGED = (
    "Case {number} has changed since you opened its page, so nothing was done. This is how it is now: look whether it "
    "is still what you want."
)
NOT_NOW = "“{title}” is not possible now. This is how the case stands."
SENT = "“{title}” was sent to the marketplace. The case shows what the marketplace says."


def may_act(person: Any, action: Action) -> bool:
    """Whether a person may take an action at all; on which cases, their shops say."""
    return bool(person.has_perm(f"aftersales.{name_permission(action)}"))


def act_view(model_admin: Any, request: HttpRequest, case_id: int, action: str) -> HttpResponse:
    """Show the form of an action, and take it."""
    case = get_object_or_404(model_admin.get_queryset(request).select_related("shop"), pk=case_id)
    if action not in BY_PEOPLE:
        raise Http404(f"There is no action “{action[:40]}”.")
    chosen = Action(action)
    if not (model_admin.has_view_permission(request, case) and may_act(request.user, chosen)):
        raise PermissionDenied
    whole = load_case(case)
    if request.method != "POST" and chosen not in [one.move.action for one in list_offered(whole, request.user)]:
        messages.warning(request, NOT_NOW.format(title=MOVES[chosen].title))
        return HttpResponseRedirect(reverse("admin:aftersales_case_change", args=[case.pk]))
    form = ActForm(whole, chosen, request.POST if request.method == "POST" else None)
    if form.is_valid() and _take(request, whole, form):
        return HttpResponseRedirect(reverse("admin:aftersales_case_change", args=[case.pk]))
    return _show_form(model_admin, request, whole, form)


def act(case: Case, action: Action, inputs: Inputs, person: Any, request_id: str = "") -> Case:
    """Take an action as a member of staff; an answer to a marketplace is passed on."""
    return remote.act(case.pk, action, as_staff(person), inputs, person=person, request_id=request_id)


def _take(request: HttpRequest, whole: WholeCase, form: ActForm) -> bool:
    """Take the action, and say what became of it; False where the form must be looked at again.

    The lock keeps a double click from being two actions: the second one finds that the log has grown.
    """
    case, title = whole.case, MOVES[form.action].title
    with wait_advisory_lock("case", case.pk):
        if find_last_entry(case.pk) != form.cleaned_data["seen"]:
            messages.warning(request, CHANGED.format(number=case.number))
            return True
        try:
            moved = act(case, form.action, form.read_inputs(), request.user)
        except Unacceptable as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return False
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return True
        except BackofficeError as refusal:
            messages.error(request, f"{title}: {refusal}")
            return True
    messages.success(request, _say_outcome(case, moved, form.action))
    return True


def _say_outcome(before: Case, after: Case, action: Action) -> str:
    title = MOVES[action].title
    if before.origin == CaseOrigin.MARKETPLACE and action != Action.REMARK:
        return SENT.format(title=title)
    if before.state == after.state:
        return f"{title}: done."
    return f"{title}: done. The case is now “{after.get_state_display()}”."


def _show_form(model_admin: Any, request: HttpRequest, whole: WholeCase, form: ActForm) -> HttpResponse:
    case, title = whole.case, MOVES[form.action].title
    if wants_reason_code(case, form.action):
        try:
            form.offer_reasons(remote.list_reject_reasons(case.pk))
        except BackofficeError as refusal:
            messages.warning(request, str(refusal))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{title}: case {case.number}",
        "opts": model_admin.opts,
        "original": case,
        "row": case,
        "act": {"form": form, "title": title, "address": request.path},
        "case_address": reverse("admin:aftersales_case_change", args=[case.pk]),
        "media": model_admin.media + form.media,
    }
    return TemplateResponse(request, "aftersales/case_act_page.html", context)
