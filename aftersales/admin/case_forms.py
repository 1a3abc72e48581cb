"""The form of each action: what it needs, what it may have, and the page of the case that it was opened on."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from aftersales.models import DESCRIPTION_LENGTH, IMAGES_AT_MOST, Carrier, Case
from aftersales.queries.cases import WholeCase
from aftersales.services.asking import Inputs, Unacceptable
from aftersales.services.children import TRACKING_NUMBER
from aftersales.services.evidence import ADDRESS_LENGTH, check_images
from aftersales.services.guards import EXTRAS, TEXT_LENGTH, find_most
from aftersales.states import MOVES, Action, CaseOrigin
from backoffice.common.money import currency_digits, format_money
from shops.marketplaces.records import RejectReason
from shops.marketplaces.registry import MARKETPLACES

A = Action
SEEN_LIMIT = 2**63 - 1
STALE = "The page does not say how the case was when you opened it. Nothing was done. Open the case again."


class ImagesField(forms.CharField):
    """Addresses of photos, one a line; only such as a browser may follow."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(
            label="Photos", required=required, max_length=IMAGES_AT_MOST * (ADDRESS_LENGTH + 2),
            help_text=f"Their addresses, one a line; at most {IMAGES_AT_MOST}.",
        )  # fmt: skip

    def clean(self, value: Any) -> tuple[str, ...]:
        """Take the addresses apart and look at each."""
        found = tuple(line.strip() for line in super().clean(value).splitlines() if line.strip())
        try:
            check_images(found)
        except Unacceptable as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return found


class ActForm(forms.Form):
    """What a person gives with an action. `seen` is the newest row of the log that their page showed."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, max_value=SEEN_LIMIT,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), STALE),
    )  # fmt: skip

    def __init__(self, whole: WholeCase, action: Action, data: Any = None) -> None:
        super().__init__(data, initial={"seen": whole.last_entry}, auto_id=f"{action}_%s")
        needs = MOVES[action].needs
        self.action = action
        for name in _list_fields(whole.case, action):
            self.fields[name] = MAKERS[name](whole, name in needs)

    def offer_reasons(self, reasons: Iterable[RejectReason]) -> None:
        """Let one of the marketplace's own reasons be chosen; nothing else is known to be taken."""
        choices = [("", "Choose"), *((one.code, one.text or one.code) for one in reasons)]
        if len(choices) > 1:
            self.fields["reason_code"].widget = UnfoldAdminSelectWidget(choices=choices)

    def read_inputs(self) -> Inputs:
        """Return what was given, as the services take it."""
        return Inputs(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})


def wants_reason_code(case: Case, action: Action) -> bool:
    """Whether the case's marketplace takes a rejection with one of its own reasons only."""
    if action != Action.REJECT or case.origin != CaseOrigin.MARKETPLACE:
        return False
    return MARKETPLACES[case.shop.marketplace].connector.answers.needs_reason_code


def _list_fields(case: Case, action: Action) -> list[str]:
    """List the fields of an action; every action takes a text for the log, which comes last."""
    needs = [name for name in MOVES[action].needs if name != "reason"]
    code = ["reason_code"] if wants_reason_code(case, action) else []
    extras = [name for name in EXTRAS.get(action, ()) if name in MAKERS]
    return [*needs, *code, *extras, "reason"]


def _make_reason(whole: WholeCase, is_needed: bool) -> forms.Field:
    return forms.CharField(
        label="Reason" if is_needed else "Remark",
        required=is_needed,
        max_length=TEXT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="" if is_needed else "For the log; may be left out.",
    )


def _make_amount(whole: WholeCase, is_needed: bool) -> forms.Field:
    case = whole.case
    digits, most = currency_digits(case.currency), find_most(case, whole.lines)
    return forms.DecimalField(
        label=f"Amount in {case.currency}",
        required=is_needed,
        min_value=Decimal(0),
        max_value=most,
        max_digits=18,
        decimal_places=digits,
        initial=_shown_digits(case.amount, digits),
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": str(Decimal(1).scaleb(-digits)), "inputmode": "decimal"}),
        help_text=f"At most {format_money(most, case.currency)}. That was asked for these pieces.",
    )


def _make_quantity(whole: WholeCase, is_needed: bool) -> forms.Field:
    most = sum(line.quantity for line in whole.lines) - 1
    return forms.IntegerField(
        label="Pieces accepted",
        required=is_needed,
        min_value=1,
        max_value=most,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"inputmode": "numeric"}),
        help_text=f"Fewer than all {most + 1}, which “{MOVES[A.CONFIRM_RECEIPT].title}” accepts. The amount falls too.",
    )


def _make_carrier(whole: WholeCase, is_needed: bool) -> forms.Field:
    known = list(Carrier.objects.filter(is_active=True).values_list("code", "name"))
    return forms.ChoiceField(
        label="Carrier",
        required=is_needed,
        choices=[("", "Choose" if known else "There is no active carrier yet"), *known],
        widget=UnfoldAdminSelectWidget,
    )


def _make_text(label: str, length: int, help_text: str = "") -> Callable[[WholeCase, bool], forms.Field]:
    def make(whole: WholeCase, is_needed: bool) -> forms.Field:
        return forms.CharField(
            label=label, required=is_needed, max_length=length, widget=UnfoldAdminTextInputWidget(
                attrs={"autocomplete": "off"}
            ), help_text=help_text,
        )  # fmt: skip

    return make


def _make_tracking(whole: WholeCase, is_needed: bool) -> forms.Field:
    return forms.RegexField(
        rf"^{TRACKING_NUMBER}\Z",
        label="Tracking number",
        required=is_needed,
        max_length=50,
        strip=True,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "1 to 50 letters (A to Z) and digits, nothing else."},
    )


def _make_inspected(whole: WholeCase, is_needed: bool) -> forms.Field:
    return forms.BooleanField(label="The goods were checked", required=False, widget=UnfoldBooleanWidget)


def _make_description(whole: WholeCase, is_needed: bool) -> forms.Field:
    return forms.CharField(
        label="Description",
        required=is_needed,
        max_length=DESCRIPTION_LENGTH,
        initial=whole.case.description,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


MAKERS: Mapping[str, Callable[[WholeCase, bool], forms.Field]] = {
    "reason": _make_reason,
    "amount": _make_amount,
    "quantity": _make_quantity,
    "carrier": _make_carrier,
    "tracking_number": _make_tracking,
    "is_inspected": _make_inspected,
    "method": _make_text("Way of payment", 60),
    "transaction": _make_text("Transaction number", 100, "Of the payment, where it has one."),
    "description": _make_description,
    "reason_code": _make_text("The marketplace's reason", 100),
    "images": lambda whole, is_needed: ImagesField(required=is_needed),
}


def _shown_digits(amount: Decimal | None, digits: int) -> Decimal | None:
    return None if amount is None else round(amount, digits)
