"""Tests a shop's connection and says in plain words what is wrong."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from backoffice.common.commands import PlainCommand
from shops.queries import get_shop
from shops.services import check_shop


class Command(PlainCommand):
    help = "Test a shop's connection: address, credential, clock, signature, token, scope. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("shop", help="our id, or marketplace:external_id")

    def run(self, options: dict[str, Any]) -> None:
        shop = get_shop(options["shop"])
        self.stdout.write(str(shop))
        steps = check_shop(shop)
        for step in steps:
            self.stdout.write(f"  {'ok  ' if step.ok else 'FAIL'}  {step.name}: {step.text}")
        if not all(step.ok for step in steps):
            raise CommandError(f"{shop} cannot be synced as it is.")
