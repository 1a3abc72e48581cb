"""API tokens: made here, with a key that is shown once; a person sees their own, superusers see all."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.common import clock
from backoffice.common.admin import ScopedModelAdmin, display
from backoffice.common.errors import NotPossible
from backoffice.common.lists.actions import RowAction, register_action
from shops.models import ApiToken, Shop
from shops.services import create_api_token, revoke_api_token

STATE_COLOURS = {"good": "success", "bad": "danger"}
DAYS = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "For ever"))


class ApiTokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person decides about a new token."""

    good_for = forms.ChoiceField(
        choices=DAYS, required=False, initial="365", widget=UnfoldAdminSelectWidget,
        help_text="Afterwards its calls are refused, and another must be made.",
    )  # fmt: skip

    def clean_good_for(self) -> datetime | None:
        """Return when the token ends."""
        days: str = self.cleaned_data["good_for"]
        return clock.now() + timedelta(days=int(days)) if days else None


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedModelAdmin):
    """Tokens with whom they act for and when they were used last."""

    form = ApiTokenForm
    list_display = ("name", "prefix", "user", "show_shops", "show_rights", "last_used_at", "show_end", "show_state")
    list_select_related = ("user",)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("name__istartswith", "prefix__startswith")
    search_help_text = "Beginning of the name or of the key"
    autocomplete_fields = ("user", "shops")
    readonly_fields = ("prefix", "show_shops", "show_rights", "created_at", "last_used_at", "show_end", "show_state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """Read tokens with those of their shops that the person may see."""
        tokens: QuerySet[ApiToken] = super().get_queryset(request)
        shops = Shop.objects.visible_to(request.user).order_by("name")
        return tokens.prefetch_related(Prefetch("shops", shops, to_attr="seen_shops"))

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[Any, ...]:
        """Ask for as little as is needed; people make tokens for themselves only."""
        if obj is not None:
            return (
                ("prefix", "show_state"), ("user", "show_shops"), ("show_rights", "last_used_at"),
                ("created_at", "show_end"),
            )  # fmt: skip
        return ("name", *(("user",) if request.user.is_superuser else ()), "shops", "may_write", "good_for")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        """Suggest oneself."""
        return {"user": str(request.user.pk), **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer shops that the person may see."""
        if db_field.name == "shops":
            options["queryset"] = Shop.objects.visible_to(request.user)
        return super().formfield_for_manytomany(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Make the token; its key goes into the answer and nowhere else."""
        facts = form.cleaned_data
        person: Any = facts.get("user") or request.user
        token, key = create_api_token(
            person,
            name=facts["name"],
            shops=facts["shops"],
            may_write=facts["may_write"],
            expires_at=facts["good_for"],
        )
        obj.pk, obj.prefix, obj.user, obj.expires_at = token.pk, token.prefix, token.user, token.expires_at
        vars(obj)["made_key"] = key  # no column: it lives as long as this request

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave the shops as the service has set them."""

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the key, once: it is not kept in a message either, which would write it into a cookie."""
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": f"API token {obj.name}", "token": obj,
            "key": vars(obj)["made_key"], "list_address": reverse("admin:shops_apitoken_changelist"),
            "documentation_address": reverse("api-docs"),
        }  # fmt: skip
        answer = TemplateResponse(request, "shops/api_token_made.html", context)
        add_never_cache_headers(answer)
        return answer

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *others: Any, **options: Any) -> Any:
        """Offer one button: whatever is pressed, what comes next is the page with the key."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *others, **options)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token stays what it was made for; another is made instead."""
        return False

    @display(description="Shops")
    def show_shops(self, token: Any) -> str:
        if not token.is_limited:
            return "All of the person's"
        return ", ".join(shop.name for shop in token.seen_shops) or "None that you may see"

    @display(description="State", label=STATE_COLOURS)
    def show_state(self, token: ApiToken) -> tuple[str, str]:
        return ("bad", token.fault) if token.fault else ("good", "Good")

    @display(description="Rights")
    def show_rights(self, token: ApiToken) -> str:
        return "Reads and starts syncs" if token.may_write else "Only reads"

    @display(description="Ends")
    def show_end(self, token: ApiToken) -> str:
        return date_format(localtime(token.expires_at), "DATETIME_FORMAT") if token.expires_at else "Never"


def revoke(token: ApiToken, person: AbstractUser) -> str:
    """End a token for good."""
    if not revoke_api_token(token):
        raise NotPossible("It was revoked before.")
    return "Revoked. Calls with its key are refused from now on."


def register() -> None:
    """Add the button."""
    register_action(
        RowAction(
            "shops.revoke_token", ApiToken, "Revoke", "key_off", "shops.add_apitoken", revoke,
            is_offered=lambda token: token.revoked_at is None, is_dangerous=True,
        )
    )  # fmt: skip
