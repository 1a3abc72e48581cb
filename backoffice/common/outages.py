"""Tells a database that cannot be written now (away, full, read-only, busy) from a write that is wrong."""

from collections.abc import Callable

from django.db import DatabaseError, Error, InterfaceError, InternalError, OperationalError, connection
from psycopg.errors import ReadOnlySqlTransaction

from backoffice.common import clock

WAITS_SECONDS = (1, 2, 4, 8, 16, 0)  # after each time that it did not answer


def is_outage(error: BaseException) -> bool:
    """Whether the same write could succeed later, as nothing is wrong with it.

    A standby that has not been promoted yet, and a server that was made read-only, refuse in words of their own.
    """
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, ReadOnlySqlTransaction)
    return isinstance(error, OperationalError | InterfaceError)


def write_when_back(write: Callable[[], None]) -> bool:
    """Write, and wait for a database that is away, half a minute in all; return whether it was written."""
    for wait_seconds in WAITS_SECONDS:
        try:
            write()
            return True
        except (DatabaseError, InterfaceError) as error:
            if not is_outage(error):
                raise
            connection.close()
            clock.sleep(wait_seconds)
    return False


def drop_broken_connection() -> None:
    """Close a connection that does not answer any more, so that the next query opens a new one."""
    try:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
    except Error:  # not even to be closed: the next query opens a new one all the same
        connection.connection = None
