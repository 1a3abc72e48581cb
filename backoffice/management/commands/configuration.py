"""Writes docs/configuration.md and .env.example from the descriptions of the settings."""

from itertools import groupby

from django.conf import settings

from backoffice.env import REGISTRY
from backoffice.management.pages import PageCommand, draw_table

HEAD = (
    "# Configuration\n\n"
    "Every setting, read from the environment or from `.env` beside `manage.py`; the environment wins. A value that\n"
    "makes no sense stops the start with a sentence. This page is generated: `python manage.py configuration`.\n"
)


def render_page() -> str:
    """Return docs/configuration.md."""
    parts = [HEAD]
    for topic, group in groupby(REGISTRY.values(), key=lambda setting: setting.topic):
        rows = [
            (f"`{one.name}`", one.kind, f"`{one.default}`" if one.default else "–", one.description) for one in group
        ]
        parts.append(f"\n## {topic}\n\n" + draw_table(("setting", "unit or kind", "default", "what it does"), rows))
    return "".join(parts)


def render_example() -> str:
    """Return .env.example."""
    parts = ["# Copy to .env and set what differs. Generated: python manage.py configuration\n"]
    for topic, group in groupby(REGISTRY.values(), key=lambda setting: setting.topic):
        parts.append(f"\n# {topic}\n")
        for setting in group:
            parts.append(f"# {setting.description}\n# {setting.name}={setting.default}\n")
    return "".join(parts)


class Command(PageCommand):
    help = "Write docs/configuration.md and .env.example; with --check only say whether they are up to date."

    def render(self) -> dict[str, str]:
        bool(settings.DEBUG)  # loads the settings module, which registers every reader
        return {"docs/configuration.md": render_page(), ".env.example": render_example()}
