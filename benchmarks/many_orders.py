"""Databases filled with orders by SQL alone, without payloads: the same world at any size.

20 shops of very different sizes over two years: a big one holds a third, two have slept for more than a year, four are
tiny and hold 200 orders each, however many there are in all. Nearly all orders are completed, few are to ship, a few
could not be read. A database stays (in `var/bench`) until this file changes or a week has gone by.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import connection, models

from backoffice.common import clock
from benchmarks.databases import Database
from orders.models import Order, OrderHandling, OrderLine, Package
from shops.models import MarketplaceApp, Shop, ShopGrant

STAYS_DAYS = 7  # later nothing would be due any more
SHARES = (30, 18, 12, 8, 6, 4, 3, 2.5, 2, 1.5, 1, 0.5, 0.3, 0.2)  # percent of all orders; with the sleeping ones 100
SLEEPING_SHARES = (6, 5)
TINY_SHOPS = 4
TINY_ORDERS = 800  # of all tiny shops, evenly among the others
BOSS = "boss"  # sees all shops
TINY = "tina"  # sees two tiny ones
ASLEEP = "sven"  # sees a tiny one and the two that sleep
GRANTS = {TINY: slice(0, 2), ASLEEP: slice(TINY_SHOPS - 1, TINY_SHOPS + 2)}
ASSIGNED = 300  # orders on one person's desk, however many there are in all
RARE = 3  # orders that hold the rare SKU; as many of the unknown status

# One row per order: four draws, from which all else follows.
DRAWN = """
    SELECT i, random() AS a, random() AS b, random() AS c, random() AS d,
           %(now)s - interval '730 days' * (1 - i / %(orders)s::float8) AS ordered_at
    FROM generate_series(1::bigint, %(orders)s) AS i"""
PLACED = f"""
    SELECT i, c, d, ordered_at, %(now)s - ordered_at AS age,
           least(%(now)s, ordered_at + interval '12 days' * b ^ 3) AS updated_at,
           CASE WHEN tiny > tiny_before THEN (%(tiny)s::bigint[])[1 + tiny %% {TINY_SHOPS}]
                WHEN a >= %(awake)s AND i > %(orders)s / 3 THEN (%(shops)s::bigint[])[1]
                ELSE (%(shops)s::bigint[])[1 + width_bucket(a, %(bounds)s::float8[])] END AS shop_id
    FROM (SELECT *, i * {TINY_ORDERS} / %(orders)s AS tiny, (i - 1) * {TINY_ORDERS} / %(orders)s AS tiny_before
          FROM ({DRAWN}) AS drawn) AS counted"""
NAMED = f"""
    SELECT *, CASE WHEN i %% (%(orders)s / {RARE}) = 7 THEN 'unknown'
                   WHEN c < 0.008 THEN 'awaiting_shipment'
                   WHEN c < 0.009 THEN 'partially_shipped'
                   WHEN age < interval '3 days' AND c < 0.6 THEN 'awaiting_shipment'
                   WHEN age < interval '3 days' THEN 'awaiting_collection'
                   WHEN age < interval '10 days' THEN 'in_transit'
                   WHEN age < interval '14 days' THEN 'delivered'
                   WHEN c > 0.93 THEN 'cancelled'
                   ELSE 'completed' END AS status
    FROM ({PLACED}) AS placed"""
TRACKED = f"""
    SELECT *, CASE WHEN status IN ('in_transit', 'delivered', 'completed') THEN 'SPXVN0' || lpad(i::text, 12, '0')
                   ELSE '' END AS tracking
    FROM ({NAMED}) AS named"""

ORDER_COLUMNS = {
    "id": "i", "shop_id": "shop_id", "external_id": "(576000000000000000 + i * 7919)::text", "status": "status",
    "raw_status": "upper(status)", "status_rank": "50", "source_created_at": "ordered_at",
    "source_updated_at": "updated_at", "currency": "'VND'", "total_amount": "90000 + i %% 1000 * 500",
    "subtotal_amount": "60000 + i %% 1000 * 500", "shipping_amount": "30000", "payment_method": "'Cash on delivery'",
    "carrier_name": "'J&T Express'", "tracking_number": "CASE WHEN i %% 7 > 0 THEN tracking ELSE '' END",
    "buyer_external_id": "(7494 + i)::text", "warehouse_external_id": "'7203111111111111111'",
    "paid_at": "ordered_at", "ship_by_at": "ordered_at + interval '2 days'",
    "collect_by_at": "ordered_at + interval '3 days'", "recipient_name": "'N*** V** A**'",
    "recipient_phone": "'(+84)90*****12'", "recipient_region_code": "'VN'",
    "recipient_full_address": "'Việt Nam, Hồ Chí Minh, Quận Mẫu, Phường T****, S* 1* Đ***********'",
    "recipient_clarity": "1", "payload_hash": "decode(md5(i::text), 'hex')", "is_valid": "d >= 0.008",
    "validation_errors": """CASE WHEN d >= 0.008 THEN '[]' ELSE '["total: not a number"]' END::jsonb""",
    "synced_at": "least(%(now)s, updated_at + interval '3 minutes')",
}  # fmt: skip
LINE_COLUMNS = {
    "order_id": "i", "external_id": "(i * 10 + number)::text",
    "seller_sku": f"CASE WHEN i %% (%(orders)s / {RARE}) = 5 AND number = 1 THEN 'RARE-SKU' ELSE 'SKU-' || sku END",
    "sku_external_id": "(1729000000000000000 + sku)::text", "product_external_id": "(1728000000000000000 + sku)::text",
    "product_name": "'Áo thun cotton cổ tròn'", "sku_name": "'Đen, M'", "quantity": "1", "currency": "'VND'",
    "original_price": "172000", "price": "146667", "raw_status": "'COMPLETED'",
    "image_url": "'https://img.example.test/tos-alisg-i-sbx-sg/' || sku || '.jpeg'",
}  # fmt: skip
# One to three lines; every eighth line holds the most popular of 5,000 SKUs.
LINES = """
    SELECT i, number, floor(5000 * random() ^ 4)::bigint AS sku
    FROM generate_series(1::bigint, %(orders)s) AS i, generate_series(1, 1 + i %% 3) AS number"""
PACKAGE_COLUMNS = {
    "order_id": "id", "external_id": "(1209000000000000000 + id)::text", "raw_status": "'COMPLETED'",
    "tracking_number": "'SPXVN0' || lpad(id::text, 12, '0')", "carrier_name": "'J&T Express'",
}  # fmt: skip
PACKAGES = "SELECT id FROM orders_order WHERE status IN ('in_transit', 'delivered', 'completed')"
HANDLING_COLUMNS = {
    "order_id": "i", "note": "'Called the buyer'", "tags": "'{gift}'", "changed_at": "%(now)s", "version": "1",
    "assignee_id": f"CASE WHEN i %% greatest(%(orders)s / {ASSIGNED}, 100) < 100 THEN %(boss)s END",
}  # fmt: skip
HANDLED = "SELECT i FROM generate_series(1::bigint, %(orders)s) AS i WHERE random() < 0.01"


def prepare(orders: int) -> Database:
    """Return the database with so many orders; fill it if it is not there, is another's, or is too old."""
    database = Database(f"backoffice_{orders}_orders")
    if database.exists():
        with database:
            is_usable = _is_usable()
        if not is_usable:
            database.drop()
    database.migrate()
    with database:
        if not Order.objects.exists():
            started = clock.monotonic_seconds()
            fill(orders)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
                mark = f"{_recipe()} {clock.unix_seconds():.0f}"
                cursor.execute(f"COMMENT ON DATABASE {database.name} IS '{mark}'")
            print(f"  filled {orders:,} orders in {clock.monotonic_seconds() - started:.0f} s", flush=True)
    return database


def _recipe() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def _is_usable() -> bool:
    """Look for the mark that was set at the very end of a fill."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        recipe, _, filled_at = (cursor.fetchone()[0] or "").partition(" ")
    return recipe == _recipe() and clock.unix_seconds() < float(filled_at) + timedelta(days=STAYS_DAYS).total_seconds()


def fill(orders: int) -> None:
    """Put so many orders, with shops and people, into a database that has none."""
    shops = _make_shops()
    boss = _make_people(shops)
    tiny, others = shops[:TINY_SHOPS], shops[TINY_SHOPS + len(SLEEPING_SHARES) :] + shops[TINY_SHOPS:][:2]
    bounds = [percent / 100 for percent in accumulate((*SHARES, *SLEEPING_SHARES))]
    facts: dict[str, Any] = {
        "orders": orders, "now": clock.now(), "boss": boss.pk, "tiny": [shop.pk for shop in tiny],
        "shops": [shop.pk for shop in others], "bounds": bounds[:-1], "awake": bounds[len(SHARES) - 1],
    }  # fmt: skip
    with connection.cursor() as cursor:
        if connection.in_atomic_block:  # indexes are not made while foreign keys wait to be checked
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT setseed(0.5)")
        for model, columns, source in (
            (Order, ORDER_COLUMNS, TRACKED),
            (OrderLine, LINE_COLUMNS, LINES),
            (Package, PACKAGE_COLUMNS, PACKAGES),
            (OrderHandling, HANDLING_COLUMNS, HANDLED),
        ):
            insert_selected(cursor, model, columns, source, facts)
        cursor.execute("SELECT setval(pg_get_serial_sequence('orders_order', 'id'), %s)", [orders])


def insert_selected(
    cursor: Any, model: type[models.Model], columns: Mapping[str, str], source: str, facts: Mapping[str, Any]
) -> None:
    """Insert what the source selects, with the model's own defaults; indexes are built afterwards, which is faster."""
    expressions, values = dict(columns), dict(facts)
    for column in model._meta.concrete_fields:
        if column.attname not in columns and not column.primary_key and not column.generated:
            expressions[column.attname] = f"%({column.attname})s"
            values[column.attname] = column.get_db_prep_save(column.get_default(), connection)
    table = model._meta.db_table
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    names, selected = ", ".join(expressions), ", ".join(expressions.values())
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {selected} FROM ({source}) AS source", values)
    for _, definition in indexes:
        cursor.execute(definition)


def _make_shops() -> list[Shop]:
    """Make the tiny ones, the sleeping ones and the others."""
    app = MarketplaceApp.objects.create(marketplace="tiktok", app_key="bench", name="Bench", app_secret="none")
    names = [f"Tiny {number}" for number in range(TINY_SHOPS)] + ["Sleeping 0", "Sleeping 1"]
    names += [f"Shop of {share} %" for share in SHARES]
    return [
        Shop.objects.create(app=app, marketplace="tiktok", region="VN", external_id=f"bench-{number}", name=name)
        for number, name in enumerate(names)
    ]


def _make_people(shops: list[Shop]) -> User:
    """Make who looks at the lists; return the one who sees all."""
    boss = User.objects.create(username=BOSS, is_staff=True, is_superuser=True)
    for name, granted in GRANTS.items():
        person = User.objects.create(username=name, is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        ShopGrant.objects.bulk_create(ShopGrant(user=person, shop=shop) for shop in shops[granted])
    return boss
