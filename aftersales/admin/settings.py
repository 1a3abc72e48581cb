"""After-sales settings of a shop, or of all shops. What is left empty falls back; the form says to what, and why."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from aftersales.models import AftersalesSettings
from aftersales.policy import Policy
from aftersales.queries.policies import explain_fallbacks
from backoffice.common.admin import ScopedModelAdmin, display
from backoffice.common.admin.times import show_distance
from backoffice.common.admin.versions import VersionedAdminMixin, VersionedForm
from backoffice.common.models import visible_shop_ids
from shops.models import Shop

NOT_SET = "Not set here"
MOST_CATEGORIES, LONGEST_CATEGORY = 50, 40
SETTINGS = tuple(Policy.__dataclass_fields__)


LABELS = {
    "approval_timeout_hours": "Hours for the review", "approval_timeout_action": "… then",
    "return_timeout_hours": "Hours for the buyer's parcel", "return_timeout_action": "… then",
    "receive_timeout_hours": "Hours for the receipt", "receive_timeout_action": "… then",
    "stale_case_hours": "Hours without a move", "calls_marketplace": "Answer marketplaces",
    "marketplace_timeout_action": "When time ran out", "reviews_marketplace_cases": "Rules may approve",
    "reviews_automatically": "Rules may approve", "manual_review_amount": "A person reviews above",
    "auto_approve_amount": "Change of mind up to", "fresh_payment_minutes": "Minutes after payment",
    "frequency_limit": "Buyer's earlier cases", "max_days": "Days since the order",
    "claims_per_line": "Cases of a line", "change_of_mind_days": "Days to change one's mind",
    "quality_days": "Days for quality", "damage_days": "Days for damage",
}  # fmt: skip


class CategoriesField(forms.JSONField):
    """A list as JSON; nothing where nothing is set, where the library would write “null”."""

    def prepare_value(self, value: Any) -> Any:
        """Write what is set."""
        return "" if value is None else super().prepare_value(value)


class AftersalesSettingsForm(VersionedForm):
    """Settings, each with what applies while it is left empty."""

    sees_all_shops = False  # of the person who fills it in: the page says
    refused_categories = CategoriesField(
        required=False, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text='Categories whose goods do not come back, e.g. ["digital", "perishable"], or [] for none.',
    )  # fmt: skip

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        is_general = self.instance.pk is not None and self.instance.shop_id is None
        fallbacks = explain_fallbacks(is_general=is_general)
        for name in SETTINGS:
            if field := self.fields.get(name):
                field.label = LABELS.get(name, field.label)
                _name_emptiness(field)
                if self.initial.get(name) in (None, ""):
                    applies = (
                        f"While it is empty, {self._word(name, fallbacks[name][0])} applies, {fallbacks[name][1]}."
                    )
                    field.help_text = f"{field.help_text} {applies}".strip()
        if "shop" in self.fields and self.sees_all_shops:
            self.fields["shop"].help_text = "Empty for all shops: each shop's own settings win over these."

    def clean_shop(self) -> Shop | None:
        """Let only those set something for all shops who see them all, and each shop have one row."""
        shop: Shop | None = self.cleaned_data["shop"]
        if shop is None and not self.sees_all_shops:
            raise forms.ValidationError("Choose a shop: you do not see all shops.")
        if shop is None and AftersalesSettings.objects.filter(shop=None).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There are settings for all shops already. Change those.")
        return shop

    def clean_refused_categories(self) -> list[str] | None:
        """Take a list of short texts; an empty list refuses none."""
        names = self.cleaned_data["refused_categories"]
        if names is None or names == "":
            return None
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise forms.ValidationError('Write a list of texts, like ["digital", "perishable"], or [] to refuse none.')
        cleaned = list(dict.fromkeys(one.strip() for one in names))
        if len(cleaned) > MOST_CATEGORIES or not all(0 < len(one) <= LONGEST_CATEGORY for one in cleaned):
            raise forms.ValidationError(
                f"At most {MOST_CATEGORIES} categories, each of 1 to {LONGEST_CATEGORY} characters."
            )
        return cleaned

    def _word(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "“Yes”" if value else "“No”"
        if isinstance(value, tuple):
            return ", ".join(value) or "no category"
        labels = dict(getattr(self.fields[name], "choices", ()))
        if str(value) in labels:
            return f"“{labels[str(value)]}”"
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _name_emptiness(field: forms.Field) -> None:
    """Call the empty choice of a field what it means."""
    if isinstance(field, forms.NullBooleanField):
        field.widget.choices = (("unknown", NOT_SET), ("true", "Yes"), ("false", "No"))
    elif isinstance(field, forms.ChoiceField):
        field.choices = [("", NOT_SET), *((key, label) for key, label in field.choices if key)]  # type: ignore[misc, union-attr]


@admin.register(AftersalesSettings)
class AftersalesSettingsAdmin(VersionedAdminMixin, ScopedModelAdmin):
    """One row for each shop that wants something of its own, and one for all shops, first."""

    form = AftersalesSettingsForm
    list_display = ("show_scope", "show_review", "show_return", "show_receive", "show_marketplace", "show_changed")
    list_display_links = ("show_scope",)
    list_select_related = ("shop",)
    search_fields = ("shop__name__istartswith",)
    search_help_text = "Beginning of the shop's name"
    ordering = (F("shop__name").asc(nulls_first=True), "id")
    sortable_by = ()
    autocomplete_fields = ("shop",)
    fieldsets: Any = (
        (None, {"fields": ("shop",)}),
        ("Countdowns", {"fields": (
            ("approval_timeout_hours", "approval_timeout_action"), ("return_timeout_hours", "return_timeout_action"),
            ("receive_timeout_hours", "receive_timeout_action"), "stale_case_hours",
        )}),
        ("Marketplaces' cases", {"fields": (
            "calls_marketplace", "marketplace_timeout_action", "reviews_marketplace_cases",
        )}),
        ("Automatic review", {"fields": (
            "reviews_automatically", ("manual_review_amount", "auto_approve_amount"),
            ("fresh_payment_minutes", "frequency_limit"),
        )}),
        ("What may be asked for", {"fields": (
            ("max_days", "claims_per_line"), ("change_of_mind_days", "quality_days"), "damage_days",
            "refused_categories",
        )}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[AftersalesSettings]:
        """Show the settings for all shops only to those who see them all."""
        rows: QuerySet[AftersalesSettings] = super().get_queryset(request)
        return rows.select_related("shop")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """Tell the form whether the person sees all shops."""
        form = super().get_form(request, obj, change=change, **options)
        form.sees_all_shops = visible_shop_ids(request.user) is None
        return form

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any], request: HttpRequest, **options: Any) -> Any:
        """Take a shop of the person's own only."""
        return super().formfield_for_foreignkey(
            db_field, request, **{**options, "queryset": Shop.objects.visible_to(request.user)}
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Settings stay with their shop."""
        return ("shop",) if obj else ()

    @display(description="Shop")
    def show_scope(self, row: AftersalesSettings) -> str:
        return str(row)

    @display(description="Review")
    def show_review(self, row: AftersalesSettings) -> SafeString:
        return _show_countdown(row.approval_timeout_hours, row.get_approval_timeout_action_display())

    @display(description="Return")
    def show_return(self, row: AftersalesSettings) -> SafeString:
        return _show_countdown(row.return_timeout_hours, row.get_return_timeout_action_display())

    @display(description="Receipt")
    def show_receive(self, row: AftersalesSettings) -> SafeString:
        return _show_countdown(row.receive_timeout_hours, row.get_receive_timeout_action_display())

    @display(description="Answers marketplaces")
    def show_marketplace(self, row: AftersalesSettings) -> SafeString | str:
        return _show_empty() if row.calls_marketplace is None else ("Yes" if row.calls_marketplace else "No")

    @display(description="Changed")
    def show_changed(self, row: AftersalesSettings) -> SafeString:
        return show_distance(row.updated_at)


def _show_empty() -> SafeString:
    return format_html('<span class="row-faint">{}</span>', NOT_SET.lower())


def _show_countdown(hours: int | None, action: str) -> SafeString:
    """Show what is set of a countdown."""
    said = [*([f"{hours:,} h"] if hours is not None else []), *([action.lower()] if action else [])]
    return format_html('<span class="one-line">{}</span>', ", then ".join(said)) if said else _show_empty()
