"""Renews tokens before they end."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.plurals import say_count
from shops.queries import get_shop
from shops.services import Renewal, list_renewable_shops, renew_tokens
from shops.tokens import store_kept_tokens


class Command(PlainCommand):
    help = (
        "Renew the tokens that end soon, of all shops or of one. What a marketplace does not renew is shown with its "
        "end. Exit code 1 if a token could not be renewed or a shop needs its seller."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", default="", help="our id, or marketplace:external_id")
        parser.add_argument("--within", type=int, default=24, metavar="HOURS", help="renew what ends within HOURS (24)")
        parser.add_argument(
            "--force", action="store_true", help="renew whatever its end, also of shops that need re-authorisation"
        )

    def run(self, options: dict[str, Any]) -> None:
        store_kept_tokens()
        force = options["force"]
        shops = [get_shop(options["shop"])] if options["shop"] else list_renewable_shops(force=force)
        table = make_table("Shop", "Token", "Ends (UTC)", "Remark")
        troubles = 0
        for renewal in renew_tokens(shops, within=timedelta(hours=options["within"]), force=force):
            table.add_row(*_cells(renewal))
            troubles += renewal.is_trouble
        if not shops:
            self.stdout.write("There is no shop whose token could be renewed.")
            return
        make_console(self.stdout).print(table)
        if troubles:
            raise CommandError(
                f"Somebody is needed for {troubles} of {say_count(len(shops), 'shop')}; the remarks say why."
            )


def _cells(renewal: Renewal) -> tuple[str, str, str, str]:
    ends = f"{renewal.ends_at:%Y-%m-%d %H:%M}" if renewal.ends_at else "–"
    return str(renewal.shop), renewal.outcome, ends, renewal.text
