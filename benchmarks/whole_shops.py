"""Gives each order of benchmarks.many_orders what a shop has besides: parcels, money, returns; and products to shops.

Nearly all money is matched and nearly every parcel has arrived; a few words are unknown, a few orders are not here.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, models

from aftersales.models import SyncedReturn, SyncedReturnLine
from backoffice.common import clock
from benchmarks.many_orders import insert_selected
from orders.models import Order, Product, Shipment, Sku, Statement, TrackingEvent, Transaction
from shops.models import Shop

PRODUCTS = 5_000
SKUS = 3  # of each product
RARE = 2_000  # one row of so many is odd

SYNCED = {
    "payload_hash": "decode(md5(id::text), 'hex')", "is_valid": "true", "synced_at": "source_updated_at",
    "source_updated_at": "source_updated_at", "shop_id": "shop_id",
}  # fmt: skip
SHIPMENT_COLUMNS = {
    **SYNCED, "id": "id", "external_id": "(1209000000000000000 + id)::text",
    "status": f"CASE WHEN id %% {RARE} = 3 THEN 'unknown' WHEN status = 'in_transit' THEN status ELSE 'delivered' END",
    "raw_status": "upper(status)", "tracking_number": "'SPXVN0' || lpad(id::text, 12, '0')",
    "order_external_ids": "ARRAY[external_id]",
    "contents": "jsonb_build_array(jsonb_build_object('order', external_id, 'line', id::text || '1', 'quantity', 1))",
}  # fmt: skip
EVENT_COLUMNS = {
    "shipment_id": "id", "external_id": "'1'", "happened_at": "source_updated_at", "text": "'Delivered'",
}  # fmt: skip
SENT = "SELECT * FROM orders_order WHERE status IN ('in_transit', 'delivered', 'completed')"
TRANSACTION_COLUMNS = {
    **SYNCED, "external_id": "(7400000000000000000 + id)::text", "raw_kind": "'ORDER'",
    "kind": f"CASE WHEN id %% {RARE} = 5 THEN 'unknown' WHEN id %% 40 = 0 THEN 'refund' ELSE 'settlement' END",
    "order_external_id": f"CASE WHEN id %% {RARE} = 7 THEN 'gone-' || id ELSE external_id END",
    "order_id": f"CASE WHEN id %% {RARE} = 7 THEN NULL ELSE id END",
    "statement_external_id": "shop_id || '-' || to_char(source_updated_at, 'YYYYMMDD')", "currency": "'VND'",
    "amount": "total_amount - 30000", "revenue_amount": "total_amount", "fee_amount": "-30000",
    "fees": """'{"platform_commission_amount": "-30000"}'::jsonb""",
}  # fmt: skip
PAID = "SELECT * FROM orders_order WHERE status = 'completed'"
STATEMENT_COLUMNS = {
    **SYNCED, "external_id": "statement_external_id", "payload_hash": "decode(md5(statement_external_id), 'hex')",
    "is_paid": "true", "raw_status": "'PAID'", "currency": "'VND'", "amount": "amount",
}  # fmt: skip
STATED = """
    SELECT shop_id, statement_external_id, sum(amount) AS amount, max(source_updated_at) AS source_updated_at
    FROM orders_transaction GROUP BY shop_id, statement_external_id"""
RETURN_COLUMNS = {
    **SYNCED, "id": "id", "external_id": "(4035000000000000000 + id)::text", "raw_kind": "'RETURN_AND_REFUND'",
    "kind": "'return_refund'", "raw_status": "'PENDING'", "custody": "'buyer'", "order_external_id": "external_id",
    "status": f"""CASE WHEN id %% {RARE} = 0 THEN 'unknown' WHEN id %% 120 = 0 THEN 'requested' ELSE 'completed' END""",
    "money_state": "CASE WHEN id %% 120 = 0 THEN 'pending' ELSE 'refunded' END", "currency": "'VND'",
    "refund_amount": "total_amount", "respond_by_at": "source_updated_at + interval '2 days'",
}  # fmt: skip
RETURN_LINE_COLUMNS = {"synced_return_id": "id", "external_id": "'1'", "quantity": "1"}
RETURNED = "SELECT * FROM orders_order WHERE id %% 10 = 0"
PRODUCT_COLUMNS = {
    **SYNCED, "id": "id", "external_id": "(1728000000000000000 + id)::text", "title": "'Áo thun cotton'",
    "status": f"CASE WHEN id %% {RARE} = 9 THEN 'unknown' ELSE 'active' END", "raw_status": "'ACTIVATE'",
}  # fmt: skip
SHELVED = """
    SELECT id, (%(shops)s::bigint[])[1 + id %% cardinality(%(shops)s::bigint[])] AS shop_id,
           %(now)s - interval '1 minute' * id AS source_updated_at
    FROM generate_series(1::bigint, %(products)s) AS id"""
SKU_COLUMNS = {
    "product_id": "1 + id / %(skus)s", "external_id": "(1729000000000000000 + id)::text", "seller_sku": "'SKU-' || id",
    "currency": "'VND'", "price": "146667", "stock_count": "id %% 50",
}  # fmt: skip
VARIED = "SELECT id FROM generate_series(0::bigint, %(products)s * %(skus)s - 1) AS id"

TABLES: tuple[tuple[type[models.Model], dict[str, str], str], ...] = (
    (Shipment, SHIPMENT_COLUMNS, SENT),
    (TrackingEvent, EVENT_COLUMNS, SENT),
    (Transaction, TRANSACTION_COLUMNS, PAID),
    (Statement, STATEMENT_COLUMNS, STATED),
    (SyncedReturn, RETURN_COLUMNS, RETURNED),
    (SyncedReturnLine, RETURN_LINE_COLUMNS, RETURNED),
    (Product, PRODUCT_COLUMNS, SHELVED),
    (Sku, SKU_COLUMNS, VARIED),
)


def fill_rest() -> None:
    """Add all of it to a database that has been filled with orders."""
    assert Order.objects.exists()
    shops = list(Shop.objects.order_by("pk").values_list("pk", flat=True))
    facts: dict[str, Any] = {
        "now": clock.now() - timedelta(hours=1), "shops": shops, "products": PRODUCTS, "skus": SKUS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        if connection.in_atomic_block:  # indexes are not made while foreign keys wait to be checked
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model, columns, source in TABLES:
            insert_selected(cursor, model, columns, source, facts)
