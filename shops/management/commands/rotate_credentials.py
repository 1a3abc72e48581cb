"""Encrypts every stored secret again with the newest key."""

from typing import Any

from backoffice.common.commands import PlainCommand
from backoffice.common.plurals import say_count
from shops.services import rotate_credentials


class Command(PlainCommand):
    help = "Write all stored secrets again with the first key of CREDENTIAL_KEYS; then the old keys can be dropped."

    def run(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{say_count(rotate_credentials(), 'row uses', 'rows use')} the newest key now.")
