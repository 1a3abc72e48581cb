"""Records into rows, in batches, safe to repeat: the one way in which anything that was synced is stored.

Which reading wins: the later `source_updated_at`; at the same time a valid one over an invalid one, then the one
further along (`rank`); at a full tie the one that was read last, which need not be the one that is stored last. Columns
of other writers are not in a shape's lists and so cannot be touched. A table is told apart by its `Shape`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Protocol

from django.db import connection, models

from backoffice.common.payloads import digest, dump_payload
from backoffice.common.upsert import Row, Target, Upserted, copy_rows, table_of, upsert

SYNCED_COLUMNS = (
    "payload_hash", "is_valid", "validation_errors", "synced_at", "details_fetched_at", "last_run_id",
)  # fmt: skip


class Record(Protocol):
    """What is asked of a record to be stored."""

    @property
    def external_id(self) -> str:
        """The marketplace's number of it."""
        ...

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, one sentence each."""
        ...

    @property
    def is_valid(self) -> bool:
        """Whether everything that must be readable was read."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a batch comes from: the run that is stamped on the rows, the door, and the moment of storing (UTC).

    `read_at` is when the marketplace said so, where that was long before.
    """

    source: str
    stored_at: datetime
    run_id: int | None = None
    read_at: datetime | None = None


@dataclass
class Ingested:
    """What became of a batch. `refused` the caller kept apart; `not_stored` are invalid and lost to a stored row."""

    refused: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    invalid: int = 0
    not_stored: list[Any] = field(default_factory=list)

    def __add__(self, other: "Ingested") -> "Ingested":
        """Sum up two halves of a batch."""
        return Ingested(**{name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Children:
    """Rows that belong to a row, e.g. an order's lines; the target's key is the parent's column and `external_id`.

    `list_items` gives a record's children, or None where its payload does not speak of them: they are left alone then.
    """

    target: Target
    list_items: Callable[[Any], Sequence[Any] | None]
    make_row: Callable[[int, Any], Row]


@dataclass(frozen=True)
class Shape:
    """How one kind of record becomes rows. `make_row` gives the values of the target's columns."""

    target: Target
    make_row: Callable[[int, Any, bytes, Origin], Row]
    payload_model: type[models.Model]
    parent_column: str
    children: tuple[Children, ...] = ()
    rank: Callable[[Any], int] = lambda record: 0


def make_target(
    model: type[models.Model],
    columns: Sequence[str],
    *,
    rank: str = "",
    guarded: Mapping[str, str] | None = None,
) -> Target:
    """Make the target of a table of synced rows: key, own columns, and the rule of which reading wins."""
    # A reading without a readable update time counts as the oldest there is.
    age = "coalesce({0}.source_updated_at, '-infinity'), {0}.is_valid, " + (f"{{0}}.{rank}, " if rank else "")
    age += "coalesce({0}.details_fetched_at, '-infinity')"
    return Target(
        model=model,
        key=("shop_id", "external_id"),
        columns=("shop_id", "external_id", *columns, *SYNCED_COLUMNS),
        digest="payload_hash",
        update_if=f"({age.format('excluded')}) >= ({age.format('old')}) AND excluded.payload_hash <> old.payload_hash",
        guarded=guarded or {},
    )


def make_child_target(model: type[models.Model], parent_column: str, columns: Sequence[str]) -> Target:
    """Make the target of a table of children: written only where something differs."""
    old, new = (", ".join(f"{side}.{name}" for name in columns) for side in ("old", "excluded"))
    return Target(
        model=model,
        key=(parent_column, "external_id"),
        columns=(parent_column, "external_id", *columns),
        update_if=f"({old}) IS DISTINCT FROM ({new})",
    )


def synced_values(record: Record, payload_hash: bytes, origin: Origin) -> Row:
    """Return the values of SYNCED_COLUMNS."""
    return (
        payload_hash,
        record.is_valid,
        as_json(record.problems),
        origin.stored_at,
        origin.read_at or origin.stored_at,
        origin.run_id,
    )


def as_json(value: Any) -> str:
    """Write a value for a JSON column."""
    return dump_payload(value).decode()


def ingest(shape: Shape, shop_id: int, records: Iterable[Any], origin: Origin) -> tuple[Ingested, Upserted]:
    """Write one batch with its children and payloads inside the caller's transaction."""
    newest = _newest_by_id(shape, records)
    payloads = {key: dump_payload(record.payload) for key, record in newest.items()}
    digests = {(shop_id, key): digest(payload) for key, payload in payloads.items()}
    rows = upsert(shape.target, digests, lambda key: shape.make_row(shop_id, newest[key[1]], digests[key], origin))
    for children in shape.children:
        _write_children(children, newest, rows)
    _keep_payloads(shape, payloads, rows, origin)
    ingested = Ingested(
        inserted=len(rows.inserted),
        updated=len(rows.updated),
        unchanged=len(rows.unchanged) + len(rows.older),
        invalid=sum(1 for record in newest.values() if not record.is_valid),
        not_stored=[record for key, record in newest.items() if not record.is_valid and (shop_id, key) in rows.older],
    )
    return ingested, rows


def _newest_by_id(shape: Shape, records: Iterable[Any]) -> dict[str, Any]:
    """Keep one reading of each record: a page may repeat rows."""
    oldest = datetime.min.replace(tzinfo=UTC)

    def age(record: Any) -> tuple[datetime, bool, int]:
        return record.source_updated_at or oldest, record.is_valid, shape.rank(record)

    newest: dict[str, Any] = {}
    for record in records:
        known = newest.get(record.external_id)
        if known is None or age(record) >= age(known):
            newest[record.external_id] = record
    return newest


def _distinct(items: Iterable[Any]) -> Iterable[Any]:
    """Drop repeated ids within one record; the last one stays."""
    return {item.external_id: item for item in items}.values()


def _write_children(children: Children, records: Mapping[str, Any], rows: Upserted) -> None:
    """Copy the children of new rows, merge those of changed ones, and remove what vanished."""
    new = ((rows.ids[key], records[key[1]]) for key in sorted(rows.inserted))
    copied = (
        children.make_row(row_id, item)
        for row_id, record in new
        for item in _distinct(children.list_items(record) or ())
    )
    copy_rows(table_of(children.target.model), children.target.columns, copied)
    told = {}
    complete = []
    for key in rows.updated:
        record = records[key[1]]
        items = children.list_items(record)
        if items is None:
            continue
        told[rows.ids[key]] = items
        # An invalid reading may have left out children that it could not read: then nothing has vanished.
        if record.is_valid:
            complete.append(rows.ids[key])
    _merge_children(children, told, complete)


def _merge_children(children: Children, told: Mapping[int, Sequence[Any]], complete: list[int]) -> None:
    """Write what the rows list now, and delete what the complete ones among them no longer list."""
    by_key = {(row_id, item.external_id): item for row_id, items in told.items() for item in items}
    upsert(children.target, dict.fromkeys(by_key, b""), lambda key: children.make_row(key[0], by_key[key]))
    if not complete:
        return
    parent, table = children.target.key[0], children.target.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM "{table}" WHERE "{parent}" = ANY(%s)'  # noqa: S608  a table and a column of ours
            f' AND ("{parent}", external_id) NOT IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))',
            [complete, [key[0] for key in by_key], [key[1] for key in by_key]],
        )


def _keep_payloads(shape: Shape, payloads: Mapping[str, bytes], rows: Upserted, origin: Origin) -> None:
    """Append to the payload history what made a row new or different."""
    keys = sorted(rows.inserted | rows.updated)
    copy_rows(
        table_of(shape.payload_model),
        (shape.parent_column, "received_at", "source", "run_id", "payload"),
        ((rows.ids[key], origin.stored_at, origin.source, origin.run_id, payloads[key[1]].decode()) for key in keys),
    )


def make_plain_shape(
    model: type[models.Model],
    payload_model: type[models.Model],
    parent_column: str,
    *,
    words: Sequence[str] = (),
    plain: Sequence[str],
    listed: Sequence[str] = (),
    objects: Sequence[str] = (),
    children: tuple[Children, ...] = (),
) -> Shape:
    """Make the shape of a table whose columns are called like the record's fields.

    `words` are fields of enumerations, `plain` values as they are, `listed` tuples of text for array columns, `objects`
    JSON.
    """
    get_words, get_plain = _getter(words), _getter(plain)
    get_listed, get_objects = _getter(listed), _getter(objects)

    def make_row(shop_id: int, record: Any, payload_hash: bytes, origin: Origin) -> Row:
        return (
            shop_id,
            record.external_id,
            *[word.value for word in get_words(record)],
            *get_plain(record),
            *[list(texts) for texts in get_listed(record)],
            *[as_json(item) for item in get_objects(record)],
            *synced_values(record, payload_hash, origin),
        )

    target = make_target(model, (*words, *plain, *listed, *objects))
    return Shape(target, make_row, payload_model, parent_column, children)


def make_plain_children(
    model: type[models.Model],
    parent_column: str,
    list_items: Callable[[Any], Sequence[Any] | None],
    *,
    plain: Sequence[str],
    objects: Sequence[str] = (),
) -> Children:
    """Make children whose columns are called like the record's fields."""
    get_plain, get_objects = _getter(plain), _getter(objects)

    def make_row(row_id: int, item: Any) -> Row:
        return (row_id, item.external_id, *get_plain(item), *[as_json(one) for one in get_objects(item)])

    return Children(make_child_target(model, parent_column, (*plain, *objects)), list_items, make_row)


def _getter(names: Sequence[str]) -> Callable[[Any], Sequence[Any]]:
    """Give a function that reads several fields, always as a sequence."""
    if not names:
        return lambda item: ()
    get = attrgetter(*names)
    if len(names) == 1:
        return lambda item: (get(item),)
    return get
