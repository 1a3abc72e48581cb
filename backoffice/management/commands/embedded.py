"""Starts, stops and shows the embedded PostgreSQL and Valkey by hand: they outlive the processes that use them."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from backoffice import embedded

NOT_RUNNING = 3  # the exit code that service scripts use for a stopped service


class Command(BaseCommand):
    help = "Start, stop or show the embedded PostgreSQL and Valkey (development only)."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("start", "stop", "status"))

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        wanted = embedded.wanted()
        if action == "start":
            self.start(wanted)
        elif action == "stop":
            self.stop(wanted.var_dir)
        else:
            self.show(wanted)

    def start(self, wanted: embedded.Wanted) -> None:
        """Start what the settings leave to us."""
        if not (wanted.database or wanted.redis):
            self.stdout.write(
                "Nothing to start: embedded servers are for DEBUG=true without DATABASE_URL or REDIS_URL."
            )
            return
        if not embedded.ensure():
            self.stdout.write("Already running.")

    def stop(self, var_dir: Path) -> None:
        """Stop both, also one that the settings no longer ask for."""
        stopped = embedded.stop(var_dir)
        self.stdout.write(f"Stopped embedded {' and '.join(stopped)}." if stopped else "Not running.")

    def show(self, wanted: embedded.Wanted) -> None:
        """Write one paragraph a server; the exit code says whether all that are ours to run answer."""
        for server in embedded.status(wanted.var_dir):
            processes = ", ".join(map(str, server.process_ids)) or "none"
            used = server.name in wanted.names
            self.stdout.write(f"{server.name}: {server.note}{'' if used else ' (not used: the settings name another)'}")
            self.stdout.write(f"  process {processes}, socket {server.address}")
            self.stdout.write(f"  data {server.data}, log {server.log}")
        if not all(server.answers for server in embedded.status(wanted.var_dir) if server.name in wanted.names):
            sys.exit(NOT_RUNNING)
