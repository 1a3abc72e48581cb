"""The short way in which the tests make their database leads to the tables that `manage.py migrate` makes."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.state import ProjectState

from tests.migrating import _append_option

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_generated,
               generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}


def read_facts() -> dict[str, set[tuple[object, ...]]]:
    found = {}
    with connection.cursor() as cursor:
        for name, query in FACTS.items():
            cursor.execute(query)
            found[name] = set(cursor.fetchall())
    return found


def test_the_tables_are_those_that_migrating_makes():
    assert vars(ProjectState)["_append_option"] is not _append_option
    made = read_facts()
    usual, other = connection.settings_dict["NAME"], "test_backoffice_migrated_at_length"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{other}"')
        cursor.execute(f'CREATE DATABASE "{other}"')
    connection.close()
    connection.settings_dict["NAME"] = other
    try:
        call_command("migrate", verbosity=0)
        migrated = read_facts()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{other}"')
    assert made.keys() == FACTS.keys()
    for name, rows in made.items():
        assert rows, name
        assert rows == migrated[name]
