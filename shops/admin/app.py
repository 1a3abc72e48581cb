"""Marketplace apps with their limits. Secrets are never shown, not even masked."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.common.admin import ScopedModelAdmin
from backoffice.common.admin.versions import VersionedAdminMixin
from shops.models import MarketplaceApp
from shops.queries import list_visible_apps


@admin.register(MarketplaceApp)
class MarketplaceAppAdmin(VersionedAdminMixin, ScopedModelAdmin):
    """Apps with their limits. Key and secret are given with connect_shop, where the address is checked."""

    list_display = ("name", "marketplace", "app_key", "shop_calls_per_minute", "calls_per_hour", "calls_per_day")
    fieldsets = (
        (None, {"fields": ("name", ("marketplace", "app_key"), "api_url", "auth_url")}),
        ("Limits", {"fields": (
            ("shop_calls_per_minute", "calls_per_hour"), ("calls_per_day", "page_spacing_seconds"),
        )}),
    )  # fmt: skip
    readonly_fields = ("marketplace", "app_key", "api_url", "auth_url")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MarketplaceApp]:
        """Apps belong to no single shop: whoever sees one of its shops sees the app."""
        return list_visible_apps(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Apps are added by connecting a shop."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only superusers: the question whether to delete names all shops of the app, also those of others."""
        return bool(request.user.is_superuser)
