"""Base of the commands that write pages from the code: whole, or down to a line below which people write."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.env import BASE_DIR

BY_HAND = "<!-- From here on by hand: `python manage.py {command}` writes what is above. -->\n"


class PageCommand(BaseCommand):
    """Return the pages from `render`; with --check they are only compared, and a stale one ends with exit code 1."""

    requires_system_checks = ()
    folder: ClassVar[Path] = BASE_DIR

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --check."""
        parser.add_argument("--check", action="store_true", help="exit 1 if a page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every page, or compare it."""
        for name, text in self.render().items():
            path = self.folder / name
            if not options["check"]:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"wrote {path.name}")
            elif _read(path) != text:
                raise CommandError(f"{path.name} is out of date. Run: python manage.py {self.name}")

    @property
    def name(self) -> str:
        """What the command is called by: the name of its module."""
        return self.__module__.rpartition(".")[2]

    def render(self) -> dict[str, str]:
        """Return {path below the root: whole text}."""
        raise NotImplementedError

    def keep_by_hand(self, page: str, generated: str) -> str:
        """Return the page with a new generated part above what people wrote."""
        mark = BY_HAND.format(command=self.name)
        present = _read(self.folder / page)
        if present and mark not in present:  # nobody could tell what to keep
            raise CommandError(f"{page} lacks the line above what is written by hand. Put it back: {mark.strip()}")
        _, _, by_hand = present.partition(mark)
        return f"{generated}\n{mark}{by_hand}"


def draw_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table as pages hold it."""
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
