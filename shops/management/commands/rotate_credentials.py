"""Encrypts every stored secret again with the newest key."""

from typing import Any

from backoffice.common.commands import PlainCommand
from shops.services import rotate_credentials


class Command(PlainCommand):
    help = "Write all stored secrets again with the first key of CREDENTIAL_KEYS; then the old keys can be dropped."

    def run(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{rotate_credentials()} rows now use the newest key.")
