"""What people fill in about shops: the little that is ours to edit, and what connects a shop."""

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin.versions import VersionedForm
from backoffice.common.models import Viewer
from shops.choices import Marketplace
from shops.marketplaces import registry
from shops.marketplaces.records import Token
from shops.models import MarketplaceApp
from shops.queries import list_visible_apps
from shops.services import AppSpec

DEFAULT_MARKETPLACE = Marketplace.TIKTOK.value


class ShopForm(VersionedForm):
    """Name, currency and time zone."""

    def clean_currency(self) -> str:
        """Take three letters, as ISO 4217 has them."""
        currency: str = self.cleaned_data["currency"].strip().upper()
        if currency and not re.fullmatch(r"[A-Z]{3}", currency):
            raise forms.ValidationError("Three letters, like VND or USD.")
        return currency

    def clean_timezone(self) -> str:
        """Take a zone of the IANA data base, else no time of the shop could be shown."""
        name: str = self.cleaned_data["timezone"].strip()
        if name not in available_timezones():
            raise forms.ValidationError("There is no such time zone. Names look like Asia/Ho_Chi_Minh or UTC.")
        return name


def _text(label: str, length: int, help_text: str = "", **options: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(
        label=label, max_length=length, help_text=help_text, widget=widget, required=False, **options
    )


def _secret(label: str, help_text: str = "", *, required: bool = False) -> forms.CharField:
    """A field whose value is never sent back to the browser, so that a refused form has to be filled in again."""
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=2_000, help_text=help_text, required=required, widget=widget)


class ConnectForm(forms.Form):
    """A marketplace's app, known or new, and the tokens that the seller's authorisation gave."""

    marketplace = forms.ChoiceField(
        choices=Marketplace.choices, initial=DEFAULT_MARKETPLACE, widget=UnfoldAdminSelectWidget()
    )
    app = forms.ModelChoiceField(
        queryset=MarketplaceApp.objects.none(),
        required=False,
        empty_label="A new app",
        widget=UnfoldAdminSelectWidget(),
    )
    app_key = _text("App key", 100, "From the marketplace's developer page.")
    app_secret = _secret("App secret")
    api_url = _text("API address", 200, initial=registry.find(DEFAULT_MARKETPLACE).api_url)
    auth_url = _text("Token address", 200, initial=registry.find(DEFAULT_MARKETPLACE).auth_url)
    access_token = _secret("Access token", required=True)
    refresh_token = _secret("Refresh token", "Without one the shop stops when the access token ends.")
    external_id = _text("Shop id", 64, "The marketplace's number of the shop, where the token opens several shops.")
    cipher = _secret("Shop cipher", "Or TikTok's shop cipher; both may stay empty where the token opens one shop.")

    app_fields = ("app_key", "app_secret", "api_url", "auth_url")
    shop_fields = ("access_token", "refresh_token", "external_id", "cipher")

    def __init__(self, *arguments: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*arguments, **options)
        apps: Any = self.fields["app"]
        apps.queryset = list_visible_apps(viewer)

    def clean(self) -> dict[str, Any] | None:
        """A new app needs key and secret; a known one must be of the marketplace."""
        cleaned = super().clean() or {}
        app = cleaned.get("app")
        if app is not None and app.marketplace != cleaned.get("marketplace"):
            self.add_error("app", "This app is of another marketplace.")
        if app is None and "app" not in self.errors:
            for name in ("app_key", "app_secret"):
                if not cleaned.get(name):
                    self.add_error(name, "A new app needs it.")
        return cleaned

    @property
    def token(self) -> Token:
        """The authorisation as the connector takes it."""
        return Token(self.cleaned_data["access_token"], self.cleaned_data["refresh_token"])

    @property
    def spec(self) -> AppSpec:
        """The new app; addresses that were left empty are the marketplace's own."""
        given = self.cleaned_data
        known = registry.find(given["marketplace"])
        return AppSpec(
            marketplace=given["marketplace"],
            app_key=given["app_key"],
            app_secret=given["app_secret"],
            api_url=given["api_url"] or known.api_url,
            auth_url=given["auth_url"] or known.auth_url,
        )
