"""The form for note, tags and assignee of an order: on the order's page, and on its own where two people collided."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin.filters import SuggestedText
from backoffice.common.errors import NotPossible
from orders import services
from orders.models import Order, OrderHandling
from orders.models.handling import TAG_LENGTH, TAGS_AT_MOST
from orders.queries.handling import find_handling, list_assignable, list_used_tags

LARGEST_VERSION = 2**31 - 2
NO_VERSION = "The page does not say what it was read from. Nothing was saved. Open the order again."


class AssigneeInput(SuggestedText):
    """Suggests who may be assigned to one order."""

    def __init__(self, order: Order) -> None:
        super().__init__("admin:orders_order_assignees", order.pk)


class HandlingForm(forms.Form):
    """Note, tags and assignee, and the version that they were read in."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        max_value=LARGEST_VERSION,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), NO_VERSION),
    )
    note = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}))
    tags = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=f"Separated by commas; at most {TAGS_AT_MOST} of {TAG_LENGTH} characters.",
    )
    assignee = forms.CharField(required=False, max_length=150)

    def __init__(self, order: Order, handling: OrderHandling | None, data: Any = None) -> None:
        super().__init__(data, initial=_read(handling), auto_id="handling_%s")
        self.order, self.handling = order, handling
        self.fields["assignee"].widget = AssigneeInput(order)

    def clean_note(self) -> str:
        """Refuse what is too long."""
        note: str = _checked(services.clean_note, self.cleaned_data["note"])
        return note

    def clean_tags(self) -> list[str]:
        """Take apart and refuse what is too long or too many."""
        tags: list[str] = _checked(services.clean_tags, self.cleaned_data["tags"].split(","))
        return tags

    def clean_assignee(self) -> User | None:
        """Find who is meant: somebody who may be assigned, or who is already."""
        username = self.cleaned_data["assignee"]
        present = self.handling.assignee if self.handling else None
        if not username or (present is not None and present.username == username):
            return present if username else None
        person = list_assignable(self.order.shop_id).filter(username=username).first()
        if person is None:
            raise forms.ValidationError("Nobody of this name may be assigned: only active staff who may see the shop.")
        return person

    def renew(self, present: OrderHandling) -> None:
        """Stand on what is there now, with what the person typed: sent once more, it replaces it knowingly."""
        self.data = {**{name: self.data.get(name, "") for name in self.fields}, "version": str(present.version)}
        self.handling = present


def _read(handling: OrderHandling | None) -> dict[str, Any]:
    if handling is None:
        return {"version": 0}
    assignee = handling.assignee.username if handling.assignee else ""
    return {
        "version": handling.version, "note": handling.note, "tags": ", ".join(handling.tags), "assignee": assignee
    }  # fmt: skip


def _checked(clean: Any, value: Any) -> Any:
    try:
        return clean(value)
    except NotPossible as refusal:
        raise forms.ValidationError(str(refusal)) from refusal


def may_change(request: HttpRequest) -> bool:
    """Whether the person may change what staff keep about orders."""
    return request.user.has_perm("orders.view_order") and request.user.has_perm("orders.change_orderhandling")


def show_form(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return what the panel on the order's page needs."""
    handling = find_handling(order)
    if not may_change(request):
        return {"handling": handling}
    return {
        "handling": handling, "handling_form": HandlingForm(order, handling), "used_tags": list_used_tags(request.user)
    }  # fmt: skip


def handling_view(model_admin: Any, request: HttpRequest, order_id: int) -> HttpResponse:
    """Save what was typed; where somebody was faster, show both and let the person decide."""
    if not may_change(request):
        raise PermissionDenied
    order = get_object_or_404(model_admin.get_queryset(request).select_related("shop"), pk=order_id)
    handling = find_handling(order)
    form = HandlingForm(order, handling, request.POST if request.method == "POST" else None)
    stale = None
    if form.is_valid():
        try:
            services.change_handling(order, person=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except services.Stale as refusal:
            stale = refusal
            form.renew(refusal.present)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Note, tags and assignee are saved.")
            return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Order {order.external_id}: note, tags and assignee",
        "opts": model_admin.opts,
        "original": order,
        "order": order,
        "stale": stale,
        "handling_form": form,
        "used_tags": list_used_tags(request.user),
        "media": model_admin.media + form.media,
    }
    return TemplateResponse(request, "orders/handling_page.html", context)
