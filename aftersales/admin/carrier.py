"""Carriers of goods that come back and of replacements. One that is not used any more is switched off, not deleted."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.models import Carrier
from backoffice.common.admin import ScopedModelAdmin, badge, display
from backoffice.common.admin.versions import VersionedAdminMixin, VersionedForm

PLACE = "{number}"


def check_tracking_link(link: str) -> str:
    """Say what is wrong with an address at which parcels are shown; empty where nothing is."""
    address = urlsplit(link.replace(PLACE, "1"))
    if address.scheme != "https" or not address.hostname:
        return "Only addresses that begin with https:// lead to a carrier's page."
    if link.count(PLACE) != 1 or PLACE in link.split("/", 3)[2]:
        return f"Write {PLACE} once where the tracking number belongs, behind the host's name."
    if any(sign in link.replace(PLACE, "") for sign in "{}<>\"' \\"):
        return f"Beside {PLACE} there may be no braces, quotes or blanks."
    return ""


class CarrierForm(VersionedForm):
    """A carrier as other systems name it, and where its parcels are shown."""

    def clean_tracking_link(self) -> str:
        """Take addresses that are safe to open for whoever clicks on a tracking number."""
        link: str = self.cleaned_data["tracking_link"].strip()
        if link and (wrong := check_tracking_link(link)):
            raise forms.ValidationError(wrong)
        return link


@admin.register(Carrier)
class CarrierAdmin(VersionedAdminMixin, ScopedModelAdmin):
    """Carriers, in the order in which they are offered."""

    form = CarrierForm
    list_display = ("name", "code", "show_active", "show_link", "position")
    list_filter = ("is_active",)
    search_fields = ("name__istartswith", "code__startswith")
    search_help_text = "Beginning of the name or of the code"
    ordering = ("position", "name")
    fields = ("name", "code", "tracking_link", ("is_active", "position"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Carrier]:
        """Carriers belong to no shop: whoever may see this page sees all."""
        return Carrier.objects.all()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Other systems know a carrier by its code, so that it stays."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Parcels name their carrier for good."""
        return False

    @display(description="Offered", ordering="is_active")
    def show_active(self, carrier: Carrier) -> SafeString:
        return badge("success", "Yes") if carrier.is_active else badge("", "Switched off")

    @display(description="Tracking link")
    def show_link(self, carrier: Carrier) -> SafeString | str:
        return format_html('<div class="row-cut">{}</div>', carrier.tracking_link) if carrier.tracking_link else "–"
