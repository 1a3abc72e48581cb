"""Writes many rows of one model by one statement.

Django's bulk_update makes a CASE of every value, which takes ten to twenty times as long, and its bulk_create an
expression of each, three times.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql

from backoffice.common.upsert import copy_rows, table_of


def update_rows(rows: Sequence[models.Model], names: Sequence[str]) -> int:
    """Write these fields of rows of one model that are stored, where one differs; return how many were written."""
    if not rows:
        return 0
    options = type(rows[0])._meta
    fields: list[Any] = [options.get_field(name) for name in names]
    columns = [sql.Identifier(field.column) for field in fields]
    values: list[list[Any]] = [[row.pk for row in rows]]
    values += [[_prepare(field, row) for row in rows] for field in fields]
    statement = sql.SQL(
        "UPDATE {table} AS old SET {changes} FROM unnest({arrays}) AS new (id, {columns})"
        " WHERE old.id = new.id AND ({old}) IS DISTINCT FROM ({new})"
    ).format(
        table=sql.Identifier(options.db_table),
        changes=sql.SQL(", ").join(sql.SQL("{0} = new.{0}").format(column) for column in columns),
        arrays=sql.SQL(", ").join(sql.SQL(f"%s::{name}[]") for name in ["bigint", *map(_type_of, fields)]),
        columns=sql.SQL(", ").join(columns),
        old=sql.SQL(", ").join(sql.SQL("old.{}").format(column) for column in columns),
        new=sql.SQL(", ").join(sql.SQL("new.{}").format(column) for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model and give them their ids.

    Times that Django sets as it saves (auto_now) must be set before. What the database computes is read when asked for.
    """
    if not rows:
        return
    options = type(rows[0])._meta
    fields = [field for field in options.concrete_fields if not field.generated and not field.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [options.db_table, len(rows)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    prepared = ((pk, *(_prepare(field, row) for field in fields)) for pk, row in zip(ids, rows, strict=True))
    copy_rows(table_of(type(rows[0])), ("id", *(str(field.column) for field in fields)), prepared)
    for pk, row in zip(ids, rows, strict=True):
        row.pk, row._state.adding, row._state.db = pk, False, connection.alias


def _prepare(field: Any, row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _type_of(field: Any) -> str:
    """Name a column's type without its length, e.g. numeric instead of numeric(18, 4)."""
    return str(field.db_type(connection)).split("(")[0]
