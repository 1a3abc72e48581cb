"""Runs the stand-in marketplaces: a control server and one address per marketplace, without any database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shops.sandbox.arguments import add_arguments, describe, start_from
from shops.sandbox.server import StartError, serve_forever


class Command(BaseCommand):
    help = "Run stand-in marketplaces over HTTP for demo and tests; needs no account and no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            running = start_from(options)
        except StartError as refusal:
            raise CommandError(str(refusal)) from refusal

        def announce() -> None:
            self.stdout.write(describe(running))
            self.stdout.flush()

        serve_forever(running, announce)
        self.stdout.write("The sandbox has stopped.")
