"""Ways to get a batch into the orders table, measured on the real table: why the writer is built as it is.

Only the orders table is written, in batches of 300, keys looked up first as the writer does. The rows then go through a
temporary table and one merge (chosen); or as one JSON text through the same merge; or, where they are not here yet,
straight into the table with ids drawn beforehand. Rows that are here already can only be merged.
"""

from collections.abc import Callable, Sequence

import orjson
from django.db import connection, models, transaction

from backoffice.common.payloads import digest, dump_payload
from backoffice.common.upsert import Row, copy_rows, upsert
from benchmarks.harness import Ratio, median_seconds
from benchmarks.tables import BATCH, ORIGIN, empty_tables, get_bench_shop, make_records
from orders.ingest.orders import ORDER_TARGET, order_row
from orders.models import Order

ORDERS = 3_000
NOISE = 0.75  # the writer does the bookkeeping of keys as well, the single ways do not

Way = Callable[[Sequence[Row]], object]


def run() -> list[Ratio]:
    """Measure; the writer must not be slower than any single way, noise aside."""
    others: dict[str, Way] = {
        "temporary table": through_temporary_table,
        "json": lambda rows: as_json(rows, "json"),
        "jsonb": lambda rows: as_json(rows, "jsonb"),
    }
    first, second = make_rows(later_by=0), make_rows(later_by=1)

    def refill() -> None:
        empty_tables()
        in_batches(first, write)

    ratios = []
    for title, rows, prepare in (("new", first, empty_tables), ("changed", second, refill)):
        seconds = _measure(rows, {"writer": write} | others, prepare)
        print(f"  {title} rows:", ", ".join(f"{name} {ORDERS / value:,.0f}/s" for name, value in seconds.items()))
        ratio = min(value for name, value in seconds.items() if name != "writer") / seconds["writer"]
        ratios.append(Ratio(f"candidates: {title} rows, writer against the best single way", ratio, NOISE))
    return ratios


def _measure(rows: Sequence[Row], ways: dict[str, Way], prepare: Callable[[], None]) -> dict[str, float]:
    def timed(way: Way) -> Callable[[], None]:
        return lambda: in_batches(rows, way)

    return median_seconds({name: timed(way) for name, way in ways.items()}, prepare=prepare)


def make_rows(*, later_by: int) -> list[Row]:
    """Make the rows of so many orders; with `later_by`, as a later reading with another digest."""
    shop = get_bench_shop()
    rows = []
    time_at = ORDER_TARGET.columns.index("source_updated_at")
    for record in make_records(ORDERS):
        payload_hash = digest(dump_payload({**record.payload, "reading": later_by}))
        row = list(order_row(shop.pk, record, payload_hash, ORIGIN))
        row[time_at] = row[time_at].replace(microsecond=later_by)
        rows.append(tuple(row))
    return rows


def in_batches(rows: Sequence[Row], way: Way) -> None:
    """Write 300 rows a transaction."""
    for start in range(0, len(rows), BATCH):
        with transaction.atomic():
            way(rows[start : start + BATCH])


def write(rows: Sequence[Row]) -> None:
    """The writer: straight into the table where it can, through the temporary table where it must."""
    by_key = {row[:2]: row for row in rows}
    upsert(ORDER_TARGET, dict.fromkeys(by_key, b"equal to none"), by_key.__getitem__)


def through_temporary_table(rows: Sequence[Row]) -> None:
    """Always through the temporary table."""
    _look(rows)
    with connection.cursor() as cursor:
        cursor.execute(ORDER_TARGET.stage_statement)
        copy_rows(ORDER_TARGET.stage, ORDER_TARGET.columns, rows)
        cursor.execute(ORDER_TARGET.merge_statement)
        cursor.fetchall()


def as_json(rows: Sequence[Row], kind: str) -> None:
    """The writer's merge, fed from one JSON or JSONB parameter."""
    _look(rows)
    fields = {column.column: column for column in Order._meta.concrete_fields}
    typed, values = [], []
    for number, name in enumerate(ORDER_TARGET.columns):
        is_binary = isinstance(fields[name], models.BinaryField)
        typed.append(f"c{number} {'text' if is_binary else fields[name].db_type(connection)}")
        values.append(f"decode(c{number}, 'hex')" if is_binary else f"c{number}")
    objects = [{f"c{number}": value for number, value in enumerate(row)} for row in rows]
    parameter = orjson.dumps(
        objects, default=lambda value: value.hex() if isinstance(value, bytes) else str(value)
    ).decode()
    with connection.cursor() as cursor:
        merge = ORDER_TARGET.merge_statement.as_string(cursor.connection)
        start, end = merge.index(" SELECT "), merge.index(" ORDER BY ")
        source = f" SELECT {', '.join(values)} FROM {kind}_to_recordset(%s::{kind}) AS new({', '.join(typed)})"
        cursor.execute(
            merge[:start] + source + merge[end:].replace(' ORDER BY "shop_id", "external_id"', ""), [parameter]
        )
        cursor.fetchall()


def _look(rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ORDER_TARGET.look_statement, [[row[0] for row in rows], [row[1] for row in rows]])
        cursor.fetchall()
