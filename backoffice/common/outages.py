"""Tells a database that cannot be written now (away, full, read-only, busy) from a write that is wrong."""

from django.db import Error, InterfaceError, InternalError, OperationalError, connection
from psycopg.errors import ReadOnlySqlTransaction


def is_outage(error: BaseException) -> bool:
    """Whether the same write could succeed later, as nothing is wrong with it.

    A standby that has not been promoted yet, and a server that was made read-only, refuse in words of their own.
    """
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, ReadOnlySqlTransaction)
    return isinstance(error, OperationalError | InterfaceError)


def drop_broken_connection() -> None:
    """Close a connection that does not answer any more, so that the next query opens a new one."""
    try:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
    except Error:  # not even to be closed: the next query opens a new one all the same
        connection.connection = None
