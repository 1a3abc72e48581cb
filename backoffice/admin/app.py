"""Marketplace apps with what only the roof knows: the calls that the schedule needs a day, against the quota."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.admin import display, show_tone
from shops.admin.app import MarketplaceAppAdmin, grade_use
from shops.models import MarketplaceApp
from syncjobs.services import QuotaFit, read_quota_fits

admin.site.unregister(MarketplaceApp)


@admin.register(MarketplaceApp)
class AppOverviewAdmin(MarketplaceAppAdmin):
    """The pages of apps, with the calls that their schedules need."""

    list_display = (*MarketplaceAppAdmin.list_display, "show_need")
    fieldsets = (*MarketplaceAppAdmin.fieldsets, ("Schedule", {"fields": ("show_need_in_words",)}))
    readonly_fields = (*MarketplaceAppAdmin.readonly_fields, "show_need_in_words")

    def complete_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Read how the schedule fits the quotas of the apps on the page, all at once."""
        fits = read_quota_fits()
        for app in rows:
            app.quota_fit = fits.get(app.pk)

    @display(description="Schedule needs a day")
    def show_need(self, app: Any) -> SafeString | str:
        fit: QuotaFit | None = app.quota_fit
        if fit is None:
            return "–"
        needed = f"{fit.calls_needed:,.0f}"
        if not fit.calls_allowed:
            return show_tone("", f"{needed} calls, no limit")
        return show_tone(grade_use(fit.calls_needed, fit.calls_allowed), f"{needed} of {fit.calls_allowed:,} calls")

    @display(description="Calls a day")
    def show_need_in_words(self, app: MarketplaceApp) -> SafeString | str:
        fit = read_quota_fits().get(app.pk)
        if fit is None:
            return "The schedule reads no shop of this app."
        if not fit.calls_allowed:
            return f"The schedule needs {fit.calls_needed:,.0f} calls a day or more; the app has no limit."
        tone = grade_use(fit.calls_needed, fit.calls_allowed)
        return format_html(
            "{} {}",
            show_tone(tone, f"{fit.calls_needed:,.0f} of {fit.calls_allowed:,}"),
            _say_what_follows(fit, tone),
        )


def _say_what_follows(fit: QuotaFit, tone: str) -> str:
    meaning = "that the schedule may use of the quota are needed at least: one for each shop and window."
    if fit.is_stretched:
        return (
            f"{meaning} They do not suffice: it takes {fit.stretch.stream:.1f} times as long as planned from one "
            f"incremental sync to the next, {fit.stretch.others:.1f} times for all else. Ask the marketplace for a "
            "larger quota, or switch periodic tasks off."
        )
    if tone:
        return f"{meaning} Little is left for shops with many orders: they may have to wait."
    return meaning
