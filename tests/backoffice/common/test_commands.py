"""What a command says when something is missing or away: a sentence and an exit code, never a traceback."""

import pytest
from django.core.management.base import CommandError
from django.db import DataError, OperationalError, ProgrammingError
from kombu.exceptions import OperationalError as BrokerError
from psycopg.errors import UndefinedFunction, UndefinedTable

from backoffice.common.commands import PlainCommand
from backoffice.common.errors import NotPossible


def run_raising(error, cause=None):
    class Raising(PlainCommand):
        def run(self, options):
            raise error from cause

    Raising().handle()


@pytest.mark.parametrize(("error", "cause", "said", "code"), [
    (NotPossible("The shop is paused."), None, "The shop is paused.", 1),
    (OperationalError("connection refused\ndetails"), None, "connection refused. Run this again", 1),
    (ProgrammingError("relation"), UndefinedTable("relation"), "manage.py migrate", 1),
    (BrokerError("no route"), None, "does not answer", 1),
    (KeyboardInterrupt(), None, "Stopped at once", 130),
])  # fmt: skip
def test_it_explains(error, cause, said, code):
    with pytest.raises(CommandError, match=said) as raised:
        run_raising(error, cause)
    assert raised.value.returncode == code


@pytest.mark.parametrize(("error", "cause"), [(DataError(), None), (ProgrammingError(), UndefinedFunction())])
def test_it_does_not_hide_mistakes_of_ours(error, cause):
    with pytest.raises(type(error)):
        run_raising(error, cause)
