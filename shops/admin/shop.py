"""Shops with their state, their last sync and who may see them. Secrets are never shown, not even masked."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.decorators import action

from backoffice.common.admin import ReadOnlyInline, ScopedModelAdmin, display
from backoffice.common.admin.versions import VersionedAdminMixin
from shops.admin.connect import choose_view, connect_view
from shops.admin.suggestions import suggest_shops
from shops.forms import ShopForm
from shops.models import Shop, ShopCredential, ShopGrant

STATE_COLOURS = {
    "active": "success", "paused": "info", "needs_reauthorisation": "danger", "disconnected": "warning",
    "ok": "success", "running": "info", "failed": "danger", "never": "warning",
}  # fmt: skip


class CredentialInline(ReadOnlyInline):
    """When the tokens end; the tokens themselves stay in the dark."""

    model = ShopCredential
    verbose_name = verbose_name_plural = "credential"
    fields = ("access_token_expires_at", "refresh_token_expires_at", "authorised_until", "show_scopes", "changed_at")
    readonly_fields = fields

    @display(description="Scopes")
    def show_scopes(self, credential: ShopCredential) -> str:
        return ", ".join(credential.scopes) or "-"


class GrantInline(ReadOnlyInline):
    """Who may see the shop."""

    model = ShopGrant
    verbose_name = "person"
    verbose_name_plural = "who may see this shop"
    fields = ("user", "granted_at")
    readonly_fields = ("granted_at",)
    autocomplete_fields = ("user",)
    can_delete = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShopGrant]:
        """Read the people with their grants."""
        grants: QuerySet[ShopGrant] = super().get_queryset(request)
        return grants.select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Grants are given by whoever may, and may save the page that they stand on."""
        return request.user.has_perms(("shops.add_shopgrant", "shops.change_shop"))


@admin.register(Shop)
class ShopAdmin(VersionedAdminMixin, ScopedModelAdmin):
    """Shops with their state and their last sync."""

    form = ShopForm
    actions_list = ("connect",)

    list_display: tuple[str, ...] = (
        "name",
        "marketplace",
        "region",
        "external_id",
        "show_state",
        "show_sync_status",
        "last_sync_at",
    )
    list_filter: tuple[Any, ...] = ("marketplace", "state", "sync_status")
    list_select_related = ("app",)
    ordering = ("name", "id")
    search_fields = ("name__istartswith", "external_id__startswith")
    search_help_text = "Beginning of the name or of the shop's id"
    fieldsets = (
        (None, {"fields": (
            "name", ("currency", "timezone"), "is_enriched", ("marketplace", "region"), ("external_id", "app"),
            ("last_sync_at", "last_full_sync_at"),
        )}),
    )  # fmt: skip
    readonly_fields = (
        "marketplace", "region", "external_id", "app", "last_sync_at", "last_full_sync_at",
    )  # fmt: skip
    inlines = (CredentialInline, GrantInline)

    @display(description="State", label=STATE_COLOURS, ordering="state")
    def show_state(self, shop: Shop) -> tuple[str, str]:
        return shop.state, shop.get_state_display()

    @display(description="Sync result", label=STATE_COLOURS, ordering="sync_status")
    def show_sync_status(self, shop: Shop) -> tuple[str, str]:
        return shop.sync_status, shop.get_sync_status_display()

    def get_urls(self) -> list[URLPattern]:
        """Suggest shops to every field that takes one, and go on with connecting after the marketplace's page."""
        suggestions = self.admin_site.admin_view(suggest_shops)
        choose = self.admin_site.admin_view(self.choose)
        served = [
            path("suggestions/", suggestions, name="shops_shop_suggestions"),
            path("connect/<uuid:number>/", choose, name="shops_shop_choose"),
        ]
        return [*served, *super().get_urls()]

    def choose(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """Show the shops that an authorisation reaches."""
        context = {**self.admin_site.each_context(request), "title": "Choose the shops to sync"}
        return choose_view(request, number, context)

    @action(  # type: ignore[untyped-decorator]
        description="Connect a shop", url_path="connect", icon="add_link", permissions=["connect"]
    )
    def connect(self, request: HttpRequest) -> HttpResponse:
        return connect_view(request, {**self.admin_site.each_context(request), "title": "Connect a shop"})

    def has_connect_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whoever may add shops may connect them."""
        return request.user.has_perm("shops.add_shop")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Shops are added by connecting them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A shop's history stays."""
        return False
