"""What a command says when something is missing or away: a sentence and an exit code, never a traceback."""

from argparse import ArgumentTypeError
from io import StringIO

import pytest
from django.core.management.base import CommandError, OutputWrapper
from django.db import DataError, InternalError, OperationalError, ProgrammingError
from kombu.exceptions import OperationalError as BrokerError
from psycopg.errors import ReadOnlySqlTransaction, UndefinedFunction, UndefinedTable
from rich.console import Console
from rich.table import Table

from backoffice.common.commands import PlainCommand, make_console, make_table, read_day
from backoffice.common.errors import NotPossible


def run_raising(error, cause=None):
    class Raising(PlainCommand):
        def run(self, options):
            raise error from cause

    Raising().handle()


@pytest.mark.parametrize(("error", "cause", "said", "code"), [
    (NotPossible("The shop is paused."), None, "The shop is paused.", 1),
    (OperationalError("connection refused\ndetails"), None, "connection refused. Run this again", 1),
    (InternalError("read-only"), ReadOnlySqlTransaction("read-only"), "takes no writes: read-only. Run this again", 1),
    (ProgrammingError("relation"), UndefinedTable("relation"), "manage.py migrate", 1),
    (BrokerError("no route"), None, "does not answer", 1),
    (KeyboardInterrupt(), None, "Stopped at once", 130),
])  # fmt: skip
def test_it_explains(error, cause, said, code):
    with pytest.raises(CommandError, match=said) as raised:
        run_raising(error, cause)
    assert raised.value.returncode == code


@pytest.mark.parametrize(("error", "cause"), [
    (DataError(), None), (InternalError(), None), (ProgrammingError(), UndefinedFunction()),
])  # fmt: skip
def test_it_does_not_hide_mistakes_of_ours(error, cause):
    with pytest.raises(type(error)):
        run_raising(error, cause)


def test_a_narrow_terminal_breaks_cells_and_cuts_none():
    table = make_table("Day", "File", title="Files")
    table.add_row("2026-11-21", "20261122T071533-shop1")
    written = StringIO()
    Console(file=written, width=24).print(table)
    rows = [line.split("│")[1:3] for line in written.getvalue().splitlines() if line.startswith("│")]
    assert ["".join(cell.strip() for cell in column) for column in zip(*rows, strict=True)] == [
        "2026-11-21", "20261122T071533-shop1",
    ]  # fmt: skip


def test_names_and_errors_are_shown_as_they_are():
    written = StringIO()
    table = Table("Shop [1]", title="[b]")
    table.add_row("My shop [VN] [/]: :x: in [red]")
    make_console(OutputWrapper(written)).print(table)
    assert "My shop [VN] [/]: :x: in [red]" in written.getvalue()


@pytest.mark.parametrize("text", ["", "31.01.2024", "2024-02-30", "0000-01-01"])
def test_what_is_no_day_is_refused_with_an_example(text):
    with pytest.raises(ArgumentTypeError, match="is no day like 2024-01-31"):
        read_day(text)
