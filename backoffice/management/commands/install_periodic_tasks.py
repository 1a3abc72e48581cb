"""Writes the table of periodic tasks into the schedule; what an operator changed stays as it is."""

from typing import Any

from django.core.management.base import BaseCommand

from backoffice.periodic_tasks import install


class Command(BaseCommand):
    help = "Add the periodic tasks that are missing. Safe to run again: changes made in the admin are kept."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, outcome in install().items():
            word, _, reason = outcome.partition(": ")
            self.stdout.write(f"{word:>6}  {name}{f'  (switched off: {reason})' if reason else ''}")
