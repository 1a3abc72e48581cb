"""Connects every shop of a running sandbox."""

from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand
from shops.marketplaces import values
from shops.marketplaces.errors import MarketplaceError
from shops.marketplaces.records import Token
from shops.marketplaces.registry import MARKETPLACES
from shops.services import AppSpec, connect_shop, register_app


class Command(PlainCommand):
    help = "Connect every shop of a sandbox (see run_sandbox) on this machine. Needs ALLOW_SANDBOX=true."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--control", default="http://127.0.0.1:9100", help="address of the sandbox's control server"
        )
        parser.add_argument(
            "--marketplace", action="append", choices=list(MARKETPLACES), help="only this one; may be given again"
        )

    def run(self, options: dict[str, Any]) -> None:
        if not settings.ALLOW_SANDBOX:
            raise CommandError("The sandbox may not be used here. Set ALLOW_SANDBOX=true in the environment or .env.")
        world = self._fetch_world(options["control"].rstrip("/"))
        for marketplace, facts in world["marketplaces"].items():
            if marketplace not in (options["marketplace"] or MARKETPLACES):
                continue
            spec = AppSpec(
                marketplace=marketplace, app_key=facts["app_key"], app_secret=facts["app_secret"],
                api_url=_origin(facts["api_url"]), auth_url=_origin(facts["auth_url"]),
                consent_url=_origin(facts["authorise_url"]), name=f"Sandbox {marketplace}",
                has_limits=False,
            )  # fmt: skip
            app = register_app(spec)
            for shop in facts["shops"]:
                token = Token(
                    shop["access_token"],
                    shop["refresh_token"] or "",
                    access_token_expires_at=values.seconds(shop.get("access_token_expires_at")),
                    refresh_token_expires_at=values.seconds(shop.get("refresh_token_expires_at")),
                )
                cipher = shop.get("cipher", "")
                try:
                    connected = connect_shop(
                        app, token, external_id=shop["external_id"], region=shop["region"], cipher=cipher
                    )
                except MarketplaceError as error:
                    raise CommandError(f"{shop['name']}: {error} {error.advice}") from error
                self.stdout.write(f"connected {connected}, our id {connected.pk}")

    def _fetch_world(self, control: str) -> dict[str, Any]:
        try:
            answer = requests.get(f"{control}/world", timeout=30)
            answer.raise_for_status()
            world: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise CommandError(
                f"No sandbox answers at {control}: {type(error).__name__}. Start one with `python manage.py "
                "run_sandbox`, or name its control address with --control."
            ) from error
        return world


def _origin(url: str) -> str:
    """Leave the path out: connectors know the paths of their calls."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
