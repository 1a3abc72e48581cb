"""What people fill in about shops: the little that is ours to edit, and what connects a shop."""

import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin.versions import VersionedForm
from backoffice.common.models import Viewer
from shops.choices import Marketplace
from shops.marketplaces import registry
from shops.marketplaces.contract import ShopKeys
from shops.marketplaces.records import Token
from shops.models import MarketplaceApp
from shops.queries import list_visible_apps
from shops.services import AppSpec


class ShopForm(VersionedForm):
    """Name, currency and time zone, and whether it is asked for package numbers."""

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


@dataclass(frozen=True, slots=True)
class Words:
    """What a marketplace calls things, and which of them its tokens need."""

    app_key: str = "App key"
    app_secret: str = "App secret"  # noqa: S105 - a label
    has_service_id: bool = False
    has_refresh_token: bool = True
    needs_shop: bool = False
    needs_region: bool = False


WORDS = {
    Marketplace.TIKTOK: Words(has_service_id=True),
    Marketplace.TEMU: Words(has_refresh_token=False),
    # Their APIs do not tell which shop a pasted token is of.
    Marketplace.SHOPEE: Words("Partner id", "Partner key", needs_shop=True),
    Marketplace.LAZADA: Words(needs_shop=True, needs_region=True),
}


class ConnectForm(forms.Form):
    """A marketplace's app, known or new; and where a token is pasted, that."""

    app = forms.ModelChoiceField(
        queryset=MarketplaceApp.objects.none(),
        required=False,
        empty_label="A new app",
        widget=UnfoldAdminSelectWidget(),
    )
    app_key = _text("App key", 100, "From the marketplace's developer page.")
    app_secret = _secret("App secret")
    service_id = _text("Service id", 64, "The number of the app on TikTok's consent page, from the Partner Center.")
    api_url = _text("API address", 200)
    auth_url = _text("Token address", 200)
    consent_url = _text("Consent address", 200, "Where the seller lets the app in.")
    access_token = _secret("Access token")
    refresh_token = _secret("Refresh token", "Without one the shop stops when the access token ends.")
    external_id = _text("Shop id", 64, "The marketplace's number of the shop.")
    region = _text("Country", 2, "Two letters, like VN.")

    def __init__(self, *arguments: Any, marketplace: str, viewer: Viewer, pastes: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.marketplace, self.pastes = marketplace, pastes
        self.words, self.known = WORDS[Marketplace(marketplace)], registry.find(marketplace)
        apps: Any = self.fields["app"]
        # A secret that no key opens must not keep anybody from this page.
        apps.queryset = list_visible_apps(viewer).filter(marketplace=marketplace).defer("app_secret")
        self.fields["app_key"].label, self.fields["app_secret"].label = self.words.app_key, self.words.app_secret
        for name in ("api_url", "auth_url", "consent_url"):
            self.fields[name].widget.attrs["placeholder"] = getattr(self.known, name)

    @property
    def app_fields(self) -> list[Any]:
        """What a new app needs."""
        return [self[name] for name in ("app_key", "app_secret", *self._named(service_id=self.words.has_service_id))]

    @property
    def address_fields(self) -> list[Any]:
        """Addresses, where an app's are not the usual ones."""
        return [self[name] for name in ("api_url", "auth_url", "consent_url")]

    @property
    def token_fields(self) -> list[Any]:
        """What is pasted."""
        words = self.words
        more = self._named(
            refresh_token=words.has_refresh_token, external_id=words.needs_shop, region=words.needs_region
        )
        return [self[name] for name in ("access_token", *more)]

    def clean(self) -> dict[str, Any] | None:
        """A new app needs key and secret; what is pasted must be there."""
        cleaned = super().clean() or {}
        needed = []
        if cleaned.get("app") is None and "app" not in self.errors:
            needed += [("app_key", "A new app needs it."), ("app_secret", "A new app needs it.")]
        if self.pastes:
            needed.append(("access_token", "Paste the token here."))
            if self.words.needs_shop:
                needed.append(("external_id", "This marketplace does not tell which shop a token is of."))
        for name, sentence in needed:
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        return cleaned

    @property
    def token(self) -> Token:
        """The token that was pasted, as the connector takes it."""
        return Token(self.cleaned_data["access_token"], self.cleaned_data["refresh_token"])

    @property
    def keys(self) -> ShopKeys:
        """Which shop a pasted token is of."""
        return ShopKeys(self.cleaned_data["external_id"], self.cleaned_data["region"].upper())

    @property
    def spec(self) -> AppSpec:
        """The new app; addresses that were left empty are the marketplace's own."""
        given = self.cleaned_data
        return AppSpec(
            marketplace=self.marketplace,
            app_key=given["app_key"],
            app_secret=given["app_secret"],
            api_url=given["api_url"] or self.known.api_url,
            auth_url=given["auth_url"] or given["api_url"] or self.known.auth_url,
            consent_url=given["consent_url"],
            service_id=given["service_id"],
        )

    @staticmethod
    def _named(**wanted: bool) -> list[str]:
        return [name for name, is_wanted in wanted.items() if is_wanted]
