"""The one batch writer: rows into a table, only where they are newer, only the columns the caller owns.

How a batch travels (measured in benchmarks/candidates.py, decided in docs/decisions/0003-the-batch-writer.md):
1. one look at the keys tells what is here already; rows with an equal digest are unchanged and cost no more;
2. rows that are not here are copied straight into the table, inside a savepoint;
3. rows that are here, and those of step 2 if somebody else inserted one of them meanwhile, are copied into a temporary
   table and moved over by one INSERT ... SELECT ... ON CONFLICT DO UPDATE, whose WHERE says which reading is newer.
The unique key and that statement are the judges, whatever other writers do meanwhile; the look only saves work.
Rows are written in key order, first those that were absent, then the others: two writers of the same rows mostly wait
for each other. Where they deadlock all the same, the one that the database ends must write its batch again.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from psycopg import sql
from psycopg.errors import UniqueViolation

Row = tuple[Any, ...]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Target:
    """A table as one writer sees it.

    `columns` are the columns the writer owns, key columns first; a row is a tuple in this order, JSON as text.
    `digest` is a column that is equal exactly if nothing changed. `update_if` is SQL over `old` (the stored row) and
    `excluded` (the incoming one): when it is false the stored row stays. `guarded` gives a column another SQL value
    than `excluded.<column>` on update.
    """

    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    update_if: str
    digest: str = ""
    guarded: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def look_statement(self) -> sql.Composed:
        """Compose the query for id and digest of the keys that are here; one array parameter for each key column."""
        types = {column.column: column.db_type(connection) or "text" for column in self.model._meta.concrete_fields}
        return sql.SQL(
            "SELECT {key}, id, {digest} FROM {table} WHERE ({key}) IN (SELECT * FROM unnest({arrays}))"
        ).format(
            key=_names(self.key),
            digest=sql.Identifier(self.digest) if self.digest else sql.SQL("''::bytea"),
            table=table_of(self.model),
            arrays=sql.SQL(", ").join(sql.SQL(f"%s::{types[name].split('(')[0]}[]") for name in self.key),
        )

    @cached_property
    def stage(self) -> sql.Identifier:
        """Name the temporary table that a batch passes through; other columns after a release make another table."""
        version = zlib.crc32(",".join(self.columns).encode())
        return sql.Identifier(f"stage_{self.model._meta.db_table}_{version:08x}")

    @cached_property
    def stage_statement(self) -> sql.Composed:
        """Compose the making of that table: there once per connection, empty at each commit."""
        return sql.SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS"
            " AS SELECT {columns} FROM {table} WITH NO DATA"
        ).format(stage=self.stage, columns=_names(self.columns), table=table_of(self.model))

    @cached_property
    def merge_statement(self) -> sql.Composed:
        """Compose the move from the temporary table; returns id, whether inserted, and the key of each written row."""
        changes = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(self.guarded.get(name, f'excluded."{name}"')))
            for name in self.columns
            if name not in self.key
        )
        return sql.SQL(
            "INSERT INTO {table} AS old ({columns}) SELECT {columns} FROM {stage} ORDER BY {key}"
            " ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE {update_if} RETURNING old.id, old.xmax = 0, {returned}"
        ).format(
            table=table_of(self.model),
            columns=_names(self.columns),
            stage=self.stage,
            key=_names(self.key),
            changes=changes,
            update_if=sql.SQL(self.update_if),
            returned=sql.SQL(", ").join(sql.SQL("old.{}").format(sql.Identifier(name)) for name in self.key),
        )


@dataclass
class Upserted:
    """What became of a batch, by key. `unchanged` is equal to what is stored; `older` lost against what is stored."""

    ids: dict[Key, int] = field(default_factory=dict)
    inserted: set[Key] = field(default_factory=set)
    updated: set[Key] = field(default_factory=set)
    unchanged: set[Key] = field(default_factory=set)
    older: set[Key] = field(default_factory=set)


def upsert(target: Target, digests: Mapping[Key, bytes], make_row: Callable[[Key], Row]) -> Upserted:
    """Write one batch inside the caller's transaction.

    `digests` names the rows by key, with the value of the target's digest column (b"" where it has none). `make_row`
    is asked only for rows that must be written, and while the server is busy with the one before.
    """
    result = Upserted()
    here = _look(target, list(digests))
    result.ids.update({key: row_id for key, (row_id, _) in here.items()})
    if target.digest:
        result.unchanged.update(key for key, (_, digest) in here.items() if digest == digests[key])
    to_merge = here.keys() - result.unchanged
    absent = sorted(digests.keys() - here.keys())
    if not _insert(target, absent, make_row, result):
        to_merge |= set(absent)
    _merge(target, sorted(to_merge), make_row, result)
    left_alone = to_merge - result.inserted - result.updated
    (result.older if target.digest else result.unchanged).update(left_alone)
    unknown = [key for key in left_alone if key not in result.ids]  # inserted by somebody else since the look
    result.ids.update({key: row_id for key, (row_id, _) in _look(target, unknown).items()})
    return result


def copy_rows(table: sql.Identifier, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Copy rows that cannot be here yet, e.g. the lines of an order that this transaction inserted."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, _names(columns))
    # Django wraps the errors of its own cursor methods only.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def table_of(model: type[models.Model]) -> sql.Identifier:
    """Return a model's table as an SQL name."""
    return sql.Identifier(model._meta.db_table)


def _look(target: Target, keys: Sequence[Key]) -> dict[Key, tuple[int, bytes]]:
    """Read id and digest of the keys that are here."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(target.look_statement, [list(column) for column in zip(*keys, strict=True)])
        return {tuple(row[:-2]): (row[-2], bytes(row[-1])) for row in cursor.fetchall()}


def _insert(target: Target, keys: Sequence[Key], make_row: Callable[[Key], Row], result: Upserted) -> bool:
    """Copy rows into the table with ids drawn for them; False, and nothing copied, if one of them is there by now."""
    if not keys:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [target.model._meta.db_table, len(keys)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = ((row_id, *make_row(key)) for row_id, key in zip(ids, keys, strict=True))
    try:
        with transaction.atomic():
            copy_rows(table_of(target.model), ("id", *target.columns), rows)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            return False
        raise
    result.ids.update(zip(keys, ids, strict=True))
    result.inserted.update(keys)
    return True


def _merge(target: Target, keys: Sequence[Key], make_row: Callable[[Key], Row], result: Upserted) -> None:
    """Insert or update by one statement; it says itself what it wrote."""
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(target.stage_statement)
        copy_rows(target.stage, target.columns, map(make_row, keys))
        cursor.execute(target.merge_statement)
        written = cursor.fetchall()
        cursor.execute(sql.SQL("DELETE FROM {}").format(target.stage))  # the transaction may bring another batch
    for row_id, is_new, *key in written:
        result.ids[tuple(key)] = row_id
        (result.inserted if is_new else result.updated).add(tuple(key))


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
