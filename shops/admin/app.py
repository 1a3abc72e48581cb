"""Marketplace apps with their limits and what is used of them. Secrets are never shown, not even masked."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from backoffice.common.admin import ScopedModelAdmin, display
from backoffice.common.admin.versions import VersionedAdminMixin
from shops.marketplaces.rate_limit import Lane
from shops.models import MarketplaceApp
from shops.queries import QuotaUse, list_visible_apps, read_quota_use

WORDS_OF_LANES = {
    Lane.INTERACTIVE: "people",
    Lane.HIGH: "high priority",
    Lane.INCREMENTAL: "the schedule",
    Lane.BACKFILL: "backfills",
}


def grade_use(calls: float, allowed: int) -> str:
    """Say in a colour how near calls are to what is allowed: a warning comes before it runs out."""
    share = calls / allowed
    return "danger" if share >= 1 else "warning" if share >= 0.8 else ""


@admin.register(MarketplaceApp)
class MarketplaceAppAdmin(VersionedAdminMixin, ScopedModelAdmin):
    """Apps with their limits. Key, secret and addresses are given where a shop is connected, and checked there."""

    list_display: tuple[str, ...] = (
        "name",
        "marketplace",
        "app_key",
        "shop_calls_per_minute",
        "calls_per_hour",
        "calls_per_day",
    )
    fieldsets: tuple[Any, ...] = (
        (None, {"fields": (
            "name", ("marketplace", "app_key"), "api_url", "auth_url", "consent_url", "service_id",
        )}),
        ("Limits", {"fields": (
            ("shop_calls_per_minute", "calls_per_hour", "calls_per_day"),
            ("page_spacing_seconds", "sync_spacing_seconds"), "show_use",
        )}),
    )  # fmt: skip
    readonly_fields: tuple[str, ...] = (
        "marketplace", "app_key", "api_url", "auth_url", "consent_url", "service_id", "show_use",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[MarketplaceApp]:
        """Apps belong to no single shop: whoever sees one of its shops sees the app."""
        return list_visible_apps(request.user)

    @display(description="Used now")
    def show_use(self, app: MarketplaceApp) -> SafeString | str:
        uses = read_quota_use(app)
        lines = [_show_line(use) for use in uses]
        return render_to_string("shops/quota_use.html", {"lines": lines}) if lines else "The app has no limit."

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Apps are added by connecting a shop."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only superusers: the question whether to delete names all shops of the app, also those of others."""
        return bool(request.user.is_superuser)


def _show_line(use: QuotaUse) -> dict[str, Any]:
    """Return one limit for the page: what is used of it, and what each lane may still call at once."""
    if use.used is None:
        return {"name": use.name}
    return {
        "name": use.name,
        "used": f"{use.used:,} of {use.calls:,}",
        "percent": use.used * 100 // use.calls,
        "tone": grade_use(use.used, use.calls),
        "left": [(words, f"{use.left(lane):,}") for lane, words in WORDS_OF_LANES.items()],
    }
