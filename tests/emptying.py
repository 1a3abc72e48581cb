"""Empties the database after tests that commit: only the tables that have rows, and none that a migration filled.

Django's own way truncates every table and then makes all content types and permissions anew, which takes 40 times as
long. Without constraints and triggers, as the order of tables would matter, and the log of cases lets nothing go: that
takes a superuser of the database, which the servers that the tests start give.
"""

from typing import Any

from django.db import connection
from django.test import TransactionTestCase

FILLED_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}


empty_as_django_does = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def empty_tables(test: Any) -> None:
    """Stand in for TransactionTestCase._fixture_teardown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() != ("on",):
            empty_as_django_does(test)
            return
    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    wanted = [connection.ops.quote_name(name) for name in sorted(names - FILLED_BY_MIGRATIONS)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in wanted))
        filled = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "; ".join(
                [
                    "SET session_replication_role = replica",
                    *(f"DELETE FROM {name}" for name in filled),
                    "SET session_replication_role = DEFAULT",
                ]
            )
        )
