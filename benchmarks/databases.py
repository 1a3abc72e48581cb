"""Databases of their own beside the benches' main one, each of which can stand in for it for a while."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections


class Database:
    """One database; inside `with` it is the one that the whole product uses, over a connection that stays open."""

    def __init__(self, name: str) -> None:
        self.name = name
        main = connections["default"]
        self._connection = type(main)(main.settings_dict | {"NAME": name}, "default")

    def __enter__(self) -> None:
        self._main = connections["default"]
        connections["default"] = self._connection
        ContentType.objects.clear_cache()  # the ids may differ

    def __exit__(self, *_: Any) -> None:
        connections["default"] = self._main
        ContentType.objects.clear_cache()

    def exists(self) -> bool:
        """Whether the server knows it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
            return cursor.fetchone() is not None

    def migrate(self) -> None:
        """Make it if there is none, and bring its tables up to date."""
        if not self.exists():
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(self.name)}")
        with self:
            call_command("migrate", verbosity=0)

    def drop(self) -> None:
        """Remove it, if it is there."""
        self._connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(self.name)}")
