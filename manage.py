#!/usr/bin/env python
"""Entry point of every command: makes sure that the servers answer, then hands over to Django."""

import os
import sys

from backoffice import embedded

# These need no server, or must work when none can be started.
WITHOUT_SERVERS = {
    "collectstatic",
    "compilemessages",
    "configuration",
    "embedded",
    "help",
    "makemessages",
    "run_sandbox",
    "version",
}


def needs_servers(arguments: list[str]) -> bool:
    """Whether this call will use the database or Redis."""
    if not arguments or arguments[0] in WITHOUT_SERVERS:
        return False
    return not {"--help", "-h", "--version"}.intersection(arguments)


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    if needs_servers(sys.argv[1:]):
        embedded.ensure()

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
