"""Addresses to which buyers send goods back, by shop; one of a shop's is its default."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.utils.safestring import SafeString

from aftersales.models import ReturnAddress
from aftersales.services.addresses import save_address
from backoffice.common.admin import ScopedModelAdmin, badge, display, show_shop
from backoffice.common.admin.versions import VersionedAdminMixin, VersionedForm
from shops.models import Shop


class ReturnAddressForm(VersionedForm):
    """An address. Making it the default takes that from the shop's other one when it is saved."""

    def clean(self) -> dict[str, Any] | None:
        """Let no buyer be told an address that is switched off."""
        cleaned = super().clean() or {}
        if cleaned.get("is_default") and not cleaned.get("is_active"):
            self.add_error("is_active", "The default address must be active. Make another one the default first.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Whether there is another default is no mistake here: saving takes it from that one.
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return {*exclusions, "is_default"}


@admin.register(ReturnAddress)
class ReturnAddressAdmin(VersionedAdminMixin, ScopedModelAdmin):
    """Return addresses, by shop. Goods are on their way to them, so that none is deleted."""

    form = ReturnAddressForm
    list_display = ("contact_name", show_shop, "address", "region", "phone", "show_state")
    list_filter = ("is_active", "is_default")
    list_select_related = ("shop",)
    search_fields = ("contact_name__istartswith", "address__istartswith")
    search_help_text = "Beginning of the name or of the address"
    ordering = ("shop__name", "-is_default", "contact_name", "id")
    sortable_by = ()
    autocomplete_fields = ("shop",)
    fieldsets: Any = (
        (None, {"fields": ("shop", ("contact_name", "phone"), "address", "region", "opening_hours", "instructions")}),
        ("Use", {"fields": (("is_active", "is_default"),)}),
    )

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any], request: HttpRequest, **options: Any) -> Any:
        """Take a shop of the person's own only."""
        return super().formfield_for_foreignkey(
            db_field, request, **{**options, "queryset": Shop.objects.visible_to(request.user)}
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """An address stays with its shop."""
        return ("shop",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Goods that were sent to it name it."""
        return False

    def save_model(self, request: HttpRequest, row: Any, form: Any, change: bool) -> None:
        """Write what the person changed; other columns of the row may be newer than this page."""
        columns = [field.name for field in row._meta.concrete_fields if field.name in form.changed_data]
        if columns:
            save_address(row, [*columns, "updated_at"] if change else None)

    @display(description="Use")
    def show_state(self, address: ReturnAddress) -> SafeString:
        if address.is_default:
            return badge("success", "Default")
        return badge("info", "Active") if address.is_active else badge("", "Switched off")
