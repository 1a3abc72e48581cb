"""Base of our commands: what we can explain ends with one sentence and exit code 1, never with a traceback."""

from argparse import ArgumentTypeError
from datetime import date
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import Error, ProgrammingError
from kombu.exceptions import OperationalError as BrokerError
from psycopg.errors import UndefinedColumn, UndefinedTable
from rich.console import Console
from rich.table import Column, Table

from backoffice.common.errors import BackofficeError
from backoffice.common.outages import is_outage


class PlainCommand(BaseCommand):
    """Put the work into `run`; a BackofficeError in it becomes a sentence on standard error."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and explain."""
        try:
            self.run(options)
        except BackofficeError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped at once. What was in hand is done again by the next run.", returncode=130
            ) from None
        except BrokerError as error:
            raise CommandError(
                "The broker (Redis) does not answer. What was asked for stands in the database; workers find it by "
                "themselves when the broker is back."
            ) from error
        except ProgrammingError as error:
            if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
                raise
            raise CommandError("The database lacks tables or columns. Run: python manage.py migrate") from error
        except Error as error:
            if not is_outage(error):
                raise
            said = str(error).partition("\n")[0]
            raise CommandError(
                f"The database does not answer, went away or takes no writes: {said}. Run this again when it is back."
            ) from error

    def run(self, options: dict[str, Any]) -> None:
        """Do the work."""
        raise NotImplementedError


def make_console(out: OutputWrapper) -> Console:
    """Return a console for tables; where nobody looks, lines are wide enough not to be cut in a log or a pipe.

    Names and errors may hold what the library takes for colours or pictures, like [x] and :x:. They stay as they are.
    """
    return Console(file=cast("IO[str]", out), width=None if out.isatty() else 150, markup=False, emoji=False)


def make_table(*headers: str, title: str | None = None) -> Table:
    """Return a table that breaks its cells where a terminal is narrow; the library would cut days and file names."""
    return Table(*(Column(header, overflow="fold") for header in headers), title=title)


def read_day(text: str) -> date:
    """Read a day that was given as an option."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day like 2024-01-31") from None
