"""The form that makes cases from an order: what is asked for, why, and of which lines how much."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from aftersales.admin.case_forms import ImagesField
from aftersales.choices import REASONS_TO_CHOOSE, TYPES_TO_CHOOSE
from aftersales.models import DESCRIPTION_LENGTH
from aftersales.services.asking import as_staff
from aftersales.services.creating import CaseRequest, Created, LineRequest, NoneCreated, create_cases, preview_order
from aftersales.services.creating.preview import LinePreview
from aftersales.states import CaseType
from backoffice.common.admin.panels import Panel, register_panel
from backoffice.common.errors import BackofficeError
from backoffice.common.ids import read_id
from backoffice.common.money import currency_digits, format_money
from orders.models import Order

ADD = "aftersales.add_case"
LINES_AT_MOST = 100  # on one form; forms with more fields than a thousand are refused


class CreateForm(forms.Form):
    """Type, reason, description and photos, and for each line that can be claimed whether, how many and how much."""

    type = forms.ChoiceField(choices=[("", "Choose"), *TYPES_TO_CHOOSE], widget=UnfoldAdminSelectWidget)
    reason = forms.ChoiceField(choices=[("", "Choose"), *REASONS_TO_CHOOSE], widget=UnfoldAdminSelectWidget)
    description = forms.CharField(
        required=False, max_length=DESCRIPTION_LENGTH, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    images = ImagesField()

    def __init__(self, previews: list[LinePreview], data: Any = None) -> None:
        super().__init__(data)
        self.previews = previews
        for number, line in enumerate(previews):
            if not is_open(line):
                continue
            self.fields[f"take_{number}"] = forms.BooleanField(
                required=False, initial=len(previews) == 1, widget=UnfoldBooleanWidget
            )
            self.fields[f"quantity_{number}"] = forms.IntegerField(
                required=False, min_value=1, max_value=max(line.left_quantity, 1), initial=max(line.left_quantity, 1),
                widget=UnfoldAdminIntegerFieldWidget(attrs={"inputmode": "numeric"}),
            )  # fmt: skip
            self.fields[f"amount_{number}"] = forms.DecimalField(
                required=False, min_value=0, max_digits=18, decimal_places=currency_digits(line.currency),
                widget=UnfoldAdminDecimalFieldWidget(attrs={"inputmode": "decimal", "placeholder": "all"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for at least one line."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.list_lines():
            raise forms.ValidationError("Choose at least one line.")
        return cleaned

    def list_lines(self) -> tuple[LineRequest, ...]:
        """Return the chosen lines."""
        given = self.cleaned_data
        return tuple(
            LineRequest(line.order_line_external_id, given[f"quantity_{n}"] or 1, given[f"amount_{n}"])
            for n, line in enumerate(self.previews)
            if given.get(f"take_{n}")
        )

    def asked(self) -> list[forms.BoundField]:
        """Return the fields that are of no single line."""
        return [self[name] for name in self.declared_fields]

    def rows(self) -> list[dict[str, Any]]:
        """Return what the table shows of each line."""
        return [
            {
                "line": line,
                "refundable": format_money(line.refundable_amount, line.currency),
                "why_not": [] if is_open(line) else list(dict.fromkeys(line.types.values())),
                "fields": {part: self[f"{part}_{n}"] for part in ("take", "quantity", "amount")}
                if is_open(line)
                else None,
            }
            for n, line in enumerate(self.previews)
        ]


def is_open(line: LinePreview) -> bool:
    """Whether a case of some type can be made of a line now."""
    return any(not why for why in line.types.values())


def create_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the form for the order that the address names, and make the cases."""
    if not (request.user.has_perm(ADD) and model_admin.has_view_permission(request)):
        raise PermissionDenied
    order = _find_order(request)
    form = CreateForm(preview_order(order)[:LINES_AT_MOST], request.POST if request.method == "POST" else None)
    if form.is_valid():
        created = _create(request, order, form)
        if created is not None:
            return HttpResponseRedirect(_tell(request, order, created))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Make a case of order {order.external_id}",
        "opts": model_admin.opts,
        "original": order,  # the way back, above the page
        "form": form,
        "order_address": reverse("admin:orders_order_change", args=[order.pk]),
        "media": model_admin.media + form.media,
    }
    return TemplateResponse(request, "aftersales/case_create.html", context)


def _find_order(request: HttpRequest) -> Order:
    pk = read_id(request.GET.get("order", ""))
    order = Order.objects.visible_to(request.user).select_related("shop").filter(pk=pk).first() if pk else None
    if order is None or not request.user.has_perm("orders.view_order"):
        raise Http404("There is no such order here.")
    return order


def _create(request: HttpRequest, order: Order, form: CreateForm) -> Created | None:
    given = form.cleaned_data
    asked = CaseRequest(
        order=order, type=CaseType(given["type"]), reason=given["reason"], lines=form.list_lines(),
        description=given["description"], images=given["images"],
    )  # fmt: skip
    try:
        return create_cases(asked, as_staff(request.user))
    except NoneCreated as refusal:
        names = {line.order_line_external_id: line.product_name for line in form.previews}
        for one in refusal.refused:
            form.add_error(None, f"{names.get(one.order_line_external_id, '')}: {one.message}")
    except BackofficeError as refusal:
        form.add_error(None, str(refusal))
    return None


def _tell(request: HttpRequest, order: Order, created: Created) -> str:
    """Say what came of it, line by line; return where to look at it."""
    numbers = ", ".join(case.number for case in created.cases)
    messages.success(request, f"Made: {numbers}.")
    for one in created.refused:
        messages.warning(request, f"Not made for line {one.order_line_external_id}: {one.message}")
    if len(created.cases) == 1:
        return reverse("admin:aftersales_case_change", args=[created.cases[0].pk])
    return f"{reverse('admin:aftersales_case_changelist')}?order_external_id={order.external_id}"


def read_link(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Return where a case of an order is made, for those who may."""
    if not request.user.has_perms((ADD, "aftersales.view_case")):
        return None
    return {"address": f"{reverse('admin:aftersales_case_create')}?order={order.pk}"}


def register() -> None:
    """Offer it on the pages of orders."""
    register_panel(Order, Panel("aftersales/case_create_link.html", read_link))
