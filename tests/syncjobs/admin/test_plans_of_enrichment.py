"""The database answers the list of package numbers from indexes, however it is narrowed and whoever asks for it."""

import pytest
from django.db import connection

from benchmarks.many_orders import ASLEEP, TINY, fill, insert_selected
from orders.models import Order, Shipment
from syncjobs.models import EnrichmentTask
from tests.plans import indexes, make_filled, make_plans_of, nodes, read_whole

pytestmark = pytest.mark.django_db
ORDERS = 8_000
LIST = "/admin/syncjobs/enrichmenttask/"
LARGE = {model._meta.db_table for model in (EnrichmentTask, Order, Shipment)}
# Nearly all are completed; a few wait, and fewer failed.
TASK_COLUMNS = {
    "shop_id": "shop_id", "order_id": "id", "parent_order_sn": "external_id", "order_ids": "'{}'::text[]",
    "status": "CASE WHEN id %% 500 = 1 THEN 'failed' WHEN id %% 50 = 2 THEN 'pending' ELSE 'completed' END",
    "cause": "CASE WHEN id %% 1000 = 1 THEN 'Busy …' ELSE '' END", "package_sns": "ARRAY['PK-' || id]",
    "error_message": "''", "retry_count": "0", "max_retries": "5", "looks": "1", "lease_owner": "''",
    "priority": "CASE WHEN id %% 5000 = 2 THEN 0 ELSE 2 END", "next_try_at": "source_updated_at",
    "created_at": "source_updated_at",
}  # fmt: skip
SHIPMENT_COLUMNS = {
    "shop_id": "shop_id", "external_id": "'PK-' || id", "order_external_ids": "ARRAY[external_id]",
    "payload_hash": "decode(md5(id::text), 'hex')", "is_valid": "true", "synced_at": "source_updated_at",
    "status": "'delivered'", "raw_status": "''", "contents": "'[]'::jsonb", "tracking_number": "''",
}  # fmt: skip
SENT = "SELECT * FROM orders_order"


def fill_all():
    fill(ORDERS)
    with connection.cursor() as cursor:
        insert_selected(cursor, EnrichmentTask, TASK_COLUMNS, SENT, {})
        insert_selected(cursor, Shipment, SHIPMENT_COLUMNS, SENT, {})


filled = make_filled(fill_all)
plans_of = make_plans_of(LARGE, LIST)


@pytest.mark.parametrize(("query", "index"), [
    ("", "syncjobs_enrichmenttask_pkey"), ("?status=completed", "syncjobs_enrichmenttask_pkey"),
    ("?cause=Busy …", "enrichment_failed"), ("?priority=0", "enrichment_pending"),
    ("?q=57600000007919", "order_external_id"), ("?q=PK-77", "shipment_external_id"),
])  # fmt: skip
def test_the_list_is_read_from_the_index_that_fits_its_filter(plans_of, query, index):
    plans = plans_of(query)
    assert not read_whole(plans) & LARGE
    assert index in indexes(plans)


def test_the_many_tasks_of_one_shop_and_state_are_read_in_their_order(plans_of, monkeypatch):
    monkeypatch.setattr("backoffice.common.sorting.SORTED_AT_MOST", 0)
    largest = Order.objects.values_list("shop_id", flat=True).latest("id")
    plans = plans_of(f"?shop={largest}&status=completed")
    assert "enrichment_shop_status" in indexes(plans)
    assert not [node for plan in plans for node in nodes(plan) if node["Node Type"] == "Sort"]


@pytest.mark.parametrize("query", ["", "?status=completed", "?status=failed"])
def test_whoever_has_tiny_shops_among_many_tasks_reads_no_others(plans_of, query):
    plans = plans_of(query, TINY)
    assert not read_whole(plans) & LARGE
    assert not indexes(plans) & {"syncjobs_enrichmenttask_pkey", "enrichment_ended_badly"}


def test_shops_that_are_quiet_for_long_are_each_asked_for_their_newest(plans_of, monkeypatch):
    monkeypatch.setattr("orders.admin.paging.SORTED_AT_MOST", 100)
    plans = plans_of("", ASLEEP)
    assert not read_whole(plans) & LARGE
    assert "enrichment_shop" in indexes(plans)
