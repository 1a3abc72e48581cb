"""Connects a real shop from the environment or by asking."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from getpass import getpass
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand
from shops.choices import Marketplace
from shops.marketplaces import registry
from shops.marketplaces.errors import MarketplaceError
from shops.marketplaces.records import Token
from shops.services import AppSpec, connect_app_and_shop


@dataclass(frozen=True, slots=True)
class Part:
    """One value that is asked for: the end of its variable's name, and whether it may be empty or shown."""

    name: str
    is_needed: bool = True
    is_secret: bool = False

    @property
    def label(self) -> str:
        """What the prompt says."""
        return self.name.replace("_", " ").capitalize() + ("" if self.is_needed else " (may be empty)")


_APP = (Part("APP_KEY"), Part("APP_SECRET", is_secret=True), Part("ACCESS_TOKEN", is_secret=True))
_REFRESH = Part("REFRESH_TOKEN", is_secret=True)
PARTS: Mapping[str, tuple[Part, ...]] = {
    "tiktok": (*_APP, _REFRESH, Part("SHOP_CIPHER", is_needed=False, is_secret=True)),
    "temu": _APP,  # its tokens are not renewed, and each is of one shop
    "shopee": (*_APP, _REFRESH, Part("SHOP_ID")),  # key and secret are called partner id and partner key there
    "lazada": (*_APP, _REFRESH, Part("SHOP_ID"), Part("REGION", is_needed=False)),
}


def describe_parts() -> str:
    """Name the variables of each marketplace, those that may be left out in brackets."""
    lines = []
    for marketplace, parts in PARTS.items():
        prefix = marketplace.upper()
        names = (f"{prefix}_{part.name}" for part in parts)
        lines.append(
            ", ".join(name if part.is_needed else f"[{name}]" for name, part in zip(names, parts, strict=True))
        )
    return "; ".join(lines)


class Command(PlainCommand):
    help = (
        "Connect a shop: takes key, secret and tokens, asks the marketplace which shop they open, and stores them "
        f"encrypted. With --from-env they come from the environment: {describe_parts()}. Shopee's partner id and "
        "partner key are its app key and secret."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--marketplace", choices=Marketplace.values, default=Marketplace.TIKTOK)
        parser.add_argument("--from-env", action="store_true", help="read the values from the environment, ask nothing")
        parser.add_argument("--shop", default="", help="the shop's id at the marketplace, where a token opens several")
        parser.add_argument("--api-url", default="", help="another API address, e.g. of a sandbox or of another area")
        parser.add_argument("--auth-url", default="", help="another token address")

    def run(self, options: dict[str, Any]) -> None:
        marketplace = options["marketplace"]
        given = {"SHOP_ID": options["shop"]} if options["shop"] else {}
        values = self._from_env(marketplace, given) if options["from_env"] else self._by_asking(marketplace, given)
        known = registry.find(marketplace)
        spec = AppSpec(
            marketplace=marketplace,
            app_key=values["APP_KEY"],
            app_secret=values["APP_SECRET"],
            api_url=options["api_url"] or known.api_url,
            auth_url=options["auth_url"] or options["api_url"] or known.auth_url,
        )
        token = Token(values["ACCESS_TOKEN"], values.get("REFRESH_TOKEN", ""))
        try:
            shop = connect_app_and_shop(
                spec,
                token,
                external_id=values.get("SHOP_ID", ""),
                region=values.get("REGION", "").upper(),
                cipher=values.get("SHOP_CIPHER", ""),
            )
        except MarketplaceError as error:
            raise CommandError(f"{error} {error.advice}") from error
        self.stdout.write(f"Connected: {shop}, our id {shop.pk}. Next: python manage.py sync_orders --shop {shop.pk}")

    def _from_env(self, marketplace: str, given: dict[str, str]) -> dict[str, str]:
        prefix, parts = marketplace.upper(), PARTS[marketplace]
        found = {part.name: os.environ.get(f"{prefix}_{part.name}", "").strip() for part in parts} | given
        missing = [f"{prefix}_{part.name}" for part in parts if part.is_needed and not found[part.name]]
        if missing:
            raise CommandError(f"Not set in the environment: {', '.join(missing)}. Set them and run this again.")
        return found

    def _by_asking(self, marketplace: str, given: dict[str, str]) -> dict[str, str]:
        self.stdout.write("Values from the marketplace's developer page; secrets are not shown while you type.")
        found = dict(given)
        for part in PARTS[marketplace]:
            if part.name in given:
                continue
            found[part.name] = (getpass if part.is_secret else input)(f"{part.label}: ").strip()
            if part.is_needed and not found[part.name]:
                raise CommandError(f"{part.label} is needed.")
        return found
