"""The one batch writer: rows into a table, only where they are newer, only the columns the caller owns.

How a batch travels (measured in benchmarks/README.md, decided in docs/decisions/0003-batch-writer.md):
1. one look at the keys tells what is here already; equal digests are unchanged and cost no more;
2. rows that are not here are copied straight into the table, with ids drawn beforehand;
3. rows that are here, or were put here by somebody else since the look, go through one INSERT ... ON CONFLICT DO UPDATE
   whose WHERE says which reading is newer. That statement is the judge; the look before only saves work.
Rows are always written in key order, so that two writers of the same rows wait for each other instead of deadlocking.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
from django.db import IntegrityError, connection, models, transaction
from psycopg import errors, sql

Row = tuple[Any, ...]
Key = tuple[Any, ...]

# How a merge reads what travels as text inside its JSON: digests as hex, documents written out. All else is read by its
# own type; a document read as jsonb would be kept as one JSON string.
_READ_TEXT = {"bytea": "decode({}, 'hex')", "jsonb": "{}::jsonb"}


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
    def table(self) -> sql.Identifier:
        """The table's quoted name."""
        return sql.Identifier(self.model._meta.db_table)

    @cached_property
    def types(self) -> dict[str, str]:
        """The column types, e.g. {"shop_id": "bigint"}."""
        by_column = {f.column: f for f in self.model._meta.concrete_fields}
        return {name: by_column[name].db_type(connection) or "text" for name in ("id", *self.columns)}

    @cached_property
    def sequence(self) -> str:
        """The sequence behind the id column."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [self.model._meta.db_table])
            return str(cursor.fetchone()[0])


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
    if not digests:
        return result
    here = _look(target, list(digests))
    absent, changed = [], []
    for key in sorted(digests):
        if key not in here:
            absent.append(key)
            continue
        result.ids[key], digest = here[key]
        if target.digest and digest == digests[key]:
            result.unchanged.add(key)
        else:
            changed.append(key)
    changed += _insert(target, absent, make_row, result)
    if changed:
        _merge(target, [make_row(key) for key in sorted(changed)], result)
    return result


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Copy rows that cannot be here yet, e.g. the lines of an order that this transaction inserted."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    # Django wraps the errors of its own cursor methods only.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _look(target: Target, keys: Sequence[Key]) -> dict[Key, tuple[int, bytes]]:
    """Read id and digest of the keys that are here."""
    names = sql.SQL(", ").join(map(sql.Identifier, target.key))
    arrays = sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(target.types[name])) for name in target.key)
    statement = sql.SQL(
        "SELECT {names}, id, {digest} FROM {table} WHERE ({names}) IN (SELECT * FROM unnest({arrays}))"
    ).format(
        names=names,
        digest=sql.Identifier(target.digest) if target.digest else sql.SQL("''::bytea"),
        table=target.table,
        arrays=arrays,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(column) for column in zip(*keys, strict=True)])
        return {tuple(row[:-2]): (row[-2], bytes(row[-1])) for row in cursor.fetchall()}


def _insert(target: Target, keys: Sequence[Key], make_row: Callable[[Key], Row], result: Upserted) -> Sequence[Key]:
    """Copy rows into the table with ids of their own; return all keys if somebody inserted one of them meanwhile."""
    if not keys:
        return ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [target.sequence, len(keys)])
        ids = [row[0] for row in cursor.fetchall()]
    try:
        with transaction.atomic():
            rows = ((row_id, *make_row(key)) for row_id, key in zip(ids, keys, strict=True))
            copy_rows(target.model, ("id", *target.columns), rows)
    except IntegrityError as error:
        if isinstance(error.__cause__, errors.UniqueViolation):
            return keys
        raise
    result.ids.update(zip(keys, ids, strict=True))
    result.inserted.update(keys)
    return ()


def _merge(target: Target, rows: Sequence[Row], result: Upserted) -> None:
    """Insert or update by one statement; what it does not return was left alone because it is not newer."""
    with connection.cursor() as cursor:
        cursor.execute(_merge_statement(target), [_as_json(rows)])
        written = cursor.fetchall()
    for row_id, is_new, *key in written:
        result.ids[tuple(key)] = row_id
        (result.inserted if is_new else result.updated).add(tuple(key))
    left_alone = {row[: len(target.key)] for row in rows} - result.inserted - result.updated
    (result.older if target.digest else result.unchanged).update(left_alone)
    missing = [key for key in left_alone if key not in result.ids]
    if missing:  # inserted by somebody else after the look, and not older than ours
        result.ids.update({key: row_id for key, (row_id, _) in _look(target, missing).items()})


def _merge_statement(target: Target) -> sql.Composed:
    names = [sql.Identifier(name) for name in target.columns]
    kinds = [(sql.Identifier(f"c{i}"), target.types[name]) for i, name in enumerate(target.columns)]
    typed = [sql.SQL("{} {}").format(name, sql.SQL("text" if kind in _READ_TEXT else kind)) for name, kind in kinds]
    values = [sql.SQL(_READ_TEXT.get(kind, "{}")).format(name) for name, kind in kinds]
    owned = [name for name in target.columns if name not in target.key]
    changes = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(target.guarded.get(name, f'excluded."{name}"')))
        for name in owned
    ]
    key = sql.SQL(", ").join(map(sql.Identifier, target.key))
    returned = sql.SQL(", ").join(sql.SQL("old.{}").format(sql.Identifier(name)) for name in target.key)
    return sql.SQL(
        "INSERT INTO {table} AS old ({names}) SELECT {values} FROM json_to_recordset(%s::json) AS new({typed})"
        " ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE {update_if} RETURNING old.id, old.xmax = 0, {returned}"
    ).format(
        table=target.table,
        names=sql.SQL(", ").join(names),
        values=sql.SQL(", ").join(values),
        typed=sql.SQL(", ").join(typed),
        key=key,
        changes=sql.SQL(", ").join(changes),
        update_if=sql.SQL(target.update_if),
        returned=returned,
    )


def _as_json(rows: Sequence[Row]) -> str:
    """Write rows as [{"c0": ..., "c1": ...}, ...]; amounts as text, which NUMERIC reads exactly."""
    names = [f"c{i}" for i in range(len(rows[0]))]
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    return orjson.dumps(objects, default=_json_value).decode()


def _json_value(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
