"""Connects a real shop from the environment or by asking."""

import os
from getpass import getpass
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand
from shops.choices import Marketplace
from shops.marketplaces import registry
from shops.marketplaces.errors import MarketplaceError
from shops.marketplaces.records import Token
from shops.services import AppSpec, connect_app_and_shop

SECRET_PARTS = ("APP_SECRET", "ACCESS_TOKEN", "REFRESH_TOKEN", "SHOP_CIPHER")
PARTS = ("APP_KEY", *SECRET_PARTS)
OPTIONAL = ("SHOP_CIPHER",)


class Command(PlainCommand):
    help = (
        "Connect a shop: takes key, secret and tokens, asks the marketplace which shop they open, and stores them "
        "encrypted. With --from-env they come from TIKTOK_APP_KEY, TIKTOK_APP_SECRET, "
        "TIKTOK_ACCESS_TOKEN, TIKTOK_REFRESH_TOKEN, TIKTOK_SHOP_CIPHER (the cipher is needed only where the "
        "token opens more than one shop)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--marketplace", choices=Marketplace.values, default=Marketplace.TIKTOK)
        parser.add_argument("--from-env", action="store_true", help="read the values from the environment, ask nothing")
        parser.add_argument("--shop", default="", help="the shop's id at the marketplace, where a token opens several")
        parser.add_argument("--api-url", default="", help="another API address, e.g. of a sandbox")
        parser.add_argument("--auth-url", default="", help="another token address")

    def run(self, options: dict[str, Any]) -> None:
        marketplace = options["marketplace"]
        values = self._from_env(marketplace) if options["from_env"] else self._by_asking()
        known = registry.find(marketplace)
        spec = AppSpec(
            marketplace=marketplace,
            app_key=values["APP_KEY"],
            app_secret=values["APP_SECRET"],
            api_url=options["api_url"] or known.api_url,
            auth_url=options["auth_url"] or options["api_url"] or known.auth_url,
        )
        token = Token(values["ACCESS_TOKEN"], values["REFRESH_TOKEN"])
        try:
            shop = connect_app_and_shop(spec, token, external_id=options["shop"], cipher=values["SHOP_CIPHER"])
        except MarketplaceError as error:
            raise CommandError(f"{error} {error.advice}") from error
        self.stdout.write(f"Connected: {shop}, our id {shop.pk}. Next: python manage.py sync_orders --shop {shop.pk}")

    def _from_env(self, marketplace: str) -> dict[str, str]:
        prefix = marketplace.upper()
        values = {part: os.environ.get(f"{prefix}_{part}", "").strip() for part in PARTS}
        missing = [f"{prefix}_{part}" for part in PARTS if not values[part] and part not in OPTIONAL]
        if missing:
            raise CommandError(f"Not set in the environment: {', '.join(missing)}. Set them and run this again.")
        return values

    def _by_asking(self) -> dict[str, str]:
        self.stdout.write("Values from the marketplace's developer page; secrets are not shown while you type.")
        values = {}
        for part in PARTS:
            label = part.replace("_", " ").capitalize() + (" (may be empty)" if part in OPTIONAL else "")
            values[part] = (getpass if part in SECRET_PARTS else input)(f"{label}: ").strip()
            if not values[part] and part not in OPTIONAL:
                raise CommandError(f"{label} is needed.")
        return values
