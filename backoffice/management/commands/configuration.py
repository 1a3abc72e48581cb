"""Writes docs/configuration.md and .env.example from the descriptions of the settings."""

from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.env import BASE_DIR, REGISTRY

HEAD = (
    "# Configuration\n\n"
    "Every setting, read from the environment or from `.env` beside `manage.py`; the environment wins. A value that\n"
    "makes no sense stops the start with a sentence. This page is generated: `python manage.py configuration`.\n"
)


def render_page() -> str:
    """Return docs/configuration.md."""
    parts = [HEAD]
    for topic, group in groupby(REGISTRY.values(), key=lambda setting: setting.topic):
        parts.append(
            f"\n## {topic}\n\n| setting | unit or kind | default | what it does |\n| --- | --- | --- | --- |\n"
        )
        for setting in group:
            default = f"`{setting.default}`" if setting.default else "–"
            parts.append(f"| `{setting.name}` | {setting.kind} | {default} | {setting.description} |\n")
    return "".join(parts)


def render_example() -> str:
    """Return .env.example."""
    parts = ["# Copy to .env and set what differs. Generated: python manage.py configuration\n"]
    for topic, group in groupby(REGISTRY.values(), key=lambda setting: setting.topic):
        parts.append(f"\n# {topic}\n")
        for setting in group:
            parts.append(f"# {setting.description}\n# {setting.name}={setting.default}\n")
    return "".join(parts)


class Command(BaseCommand):
    help = "Write docs/configuration.md and .env.example; with --check only say whether they are up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 if a file is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        bool(settings.DEBUG)  # loads the settings module, which registers every reader
        for path, text in (
            (BASE_DIR / "docs/configuration.md", render_page()),
            (BASE_DIR / ".env.example", render_example()),
        ):
            if options["check"] and (not path.exists() or path.read_text(encoding="utf-8") != text):
                raise CommandError(f"{path.name} is out of date. Run: python manage.py configuration")
            if not options["check"]:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"wrote {path.name}")
