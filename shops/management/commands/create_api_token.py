"""Makes an API token and prints its key, once."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from backoffice.common import clock
from backoffice.common.commands import PlainCommand
from shops.queries import get_shop
from shops.services import create_api_token

MOST_DAYS = 3650


class Command(PlainCommand):
    help = (
        "Make an API token that acts for a person. Its key is printed once, alone on the last line, and kept nowhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="login name of the person it acts for")
        parser.add_argument("--name", required=True, help="which service uses it, and where")
        parser.add_argument(
            "--shop",
            action="append",
            default=[],
            help="limit it to this shop (our id, or marketplace:external_id); repeat",
        )
        parser.add_argument("--write", action="store_true", help="it may write as its person may, not only read")
        parser.add_argument("--days", type=int, help="how long it is good; for ever unless given")

    def run(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no person with the login name {options['user']!r}.")
        days = options["days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days {days} makes no sense; give 1 to {MOST_DAYS}.")
        if not 1 <= len(options["name"]) <= 100:
            raise CommandError("--name has 1 to 100 characters.")
        token, key = create_api_token(
            user,
            name=options["name"],
            shops=[get_shop(reference) for reference in options["shop"]],
            may_write=options["write"],
            expires_at=clock.now() + timedelta(days=days) if days else None,
        )
        self.stderr.write(f"Token {token.prefix} for {user}. Store the key now: it cannot be shown again.")
        self.stdout.write(key)
