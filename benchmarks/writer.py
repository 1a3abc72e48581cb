"""The batch writer against a bare COPY, against Django's two ways, and against itself when nothing changed."""

from benchmarks.harness import Ratio, median_seconds
from benchmarks.orm_ways import bulk_create, update_or_create
from benchmarks.tables import empty_tables, get_bench_shop, make_ready_rows, make_records, write_in_batches

ORDERS = 3_000
ORDERS_ONE_BY_ONE = 100  # the slow way is timed on fewer orders and compared per order


def run() -> list[Ratio]:
    """Measure, and return the ratios that the product promises."""
    shop = get_bench_shop()
    records = make_records(ORDERS)
    rows = make_ready_rows(shop, records)
    new = median_seconds(
        {
            "bare COPY": rows.copy,
            "writer": lambda: write_in_batches(shop, records),
            "bulk_create": lambda: bulk_create(shop, records),
            "update_or_create": lambda: update_or_create(shop, records[:ORDERS_ONE_BY_ONE]),
        },
        prepare=empty_tables,
    )
    empty_tables()
    write_in_batches(shop, records)
    unchanged = median_seconds({"writer": lambda: write_in_batches(shop, records)})["writer"]
    one_by_one = new["update_or_create"] * ORDERS / ORDERS_ONE_BY_ONE
    print(
        f"  writer, new orders: {ORDERS / new['writer']:,.0f} orders/s; unchanged: {ORDERS / unchanged:,.0f} orders/s"
    )
    return [
        Ratio("writer: share of one bare COPY's speed", new["bare COPY"] / new["writer"], 0.6),
        Ratio("writer: times bulk_create(update_conflicts=True)", new["bulk_create"] / new["writer"], 3),
        Ratio("writer: times update_or_create per row", one_by_one / new["writer"], 40),
        Ratio("writer: unchanged orders, times new ones", new["writer"] / unchanged, 4),
    ]
