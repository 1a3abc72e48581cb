"""The database answers lists of products, parcels, returns and money from indexes, however they are narrowed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aftersales.models import SyncedReturn
from benchmarks.many_orders import BOSS, TINY, fill
from benchmarks.whole_shops import TABLES, fill_rest
from orders.models import Order, Product, Shipment, Statement
from orders.queries.whole_order import list_order_money, list_order_parcels
from tests.plans import capture_page, explain_large, indexes, make_filled, nodes, read_whole

pytestmark = pytest.mark.django_db
ORDERS = 20_000
API = "/api/v1/"
# Few rows or short ones: to read a table that fills some pages is no fault.
LARGE = {model._meta.db_table for model, _, _ in TABLES} - {"orders_statement", "aftersales_syncedreturnline"}

OF_ALL_SHOPS = {
    "shipment_synced", "shipment_updated", "transaction_synced", "transaction_moved", "return_synced", "return_updated",
}  # fmt: skip


def fill_all():
    fill(ORDERS)
    fill_rest()


filled = make_filled(fill_all)


@pytest.fixture
def plans_of(filled, client):
    """The plans of a page's statements that read large tables."""

    def plans(address, who=BOSS):
        return explain_large(capture_page(client, address if address.startswith("/") else API + address, who), LARGE)

    return plans


@pytest.mark.parametrize(("address", "index"), [
    ("products/", "product_synced"), ("products/?status=unknown", "product_unknown"),
    ("products/?unknown=ACTIVATE", "product_unknown"), ("products/?is_valid=false", "product_invalid"),
    ("products/?seller_sku=SKU-77", "sku_seller_sku"), ("products/?q=SKU-77", "sku_seller_sku"),
    ("skus/", "orders_sku_pkey"), ("skus/?seller_sku=SKU-77", "sku_seller_sku"),
    ("skus/?external_id=1729000000000000077", "sku_external_id"),
    ("shipments/", "shipment_synced"), ("shipments/?updated_since=2200-01-01", "shipment_synced"),
    ("shipments/?order_external_id=576000000079190000", "shipment_orders"),
    ("shipments/?tracking_number=SPXVN0000000000010", "shipment_tracking_number"),
    ("shipments/?q=SPXVN0000000199", "shipment_tracking_number"),
    ("shipments/?status=lost", "shipment_not_delivered"), ("shipments/?status=unknown", "shipment_not_delivered"),
    ("shipments/?is_valid=false", "shipment_invalid"), ("shipments/?changed_to=2001-01-01", "shipment_updated"),
    ("transactions/", "transaction_synced"), ("transactions/?kind=fee&kind=unknown", "transaction_other_kind"),
    ("transactions/?order_external_id=576000000079190000", "transaction_order_number"),
    ("transactions/?matching=unmatched", "transaction_unmatched"),
    ("transactions/?matching=none", "transaction_of_no_order"),
    ("transactions/?unknown=ORDER", "transaction_other_kind"), ("transactions/?is_valid=false", "transaction_invalid"),
    ("statements/", "transaction_statement"), ("returns/", "return_synced"),
    ("returns/?order_external_id=576000000079190000", "return_order_number"),
    ("returns/?answer_by=overdue", "return_to_answer"), ("returns/?status=unknown", "return_unknown"),
    ("returns/?is_valid=false", "return_invalid"), ("returns/?q=4035000000000000010", "return_order_number"),
])  # fmt: skip
def test_a_list_is_read_from_the_index_that_fits_its_filter(plans_of, address, index):
    plans = plans_of(address)
    assert not read_whole(plans) & LARGE
    assert index in indexes(plans)


@pytest.mark.parametrize(("listed", "index"), [
    ("/admin/orders/product/", "product_updated"), ("/admin/orders/shipment/", "shipment_updated"),
    ("/admin/orders/transaction/", "transaction_moved"), ("/admin/aftersales/syncedreturn/", "return_updated"),
])  # fmt: skip
def test_a_list_is_read_by_the_time_of_change_from_either_end(plans_of, client, listed, index):
    plans_of(listed)
    last_column = len(client.get(listed).context["cl"].list_display) - 1  # that of the time
    for order in ("", f"?o={last_column}", f"?o=-{last_column}"):
        read = [plan for plan in plans_of(listed + order) if index in indexes([plan])]
        assert read, order
        assert not [node for plan in read for node in nodes(plan) if node["Node Type"] == "Sort"], order


@pytest.mark.parametrize("address", ["shipments/", "transactions/", "returns/"])
def test_whoever_has_tiny_shops_among_many_rows_reads_no_others(plans_of, address):
    plans = plans_of(address, TINY)
    assert not read_whole(plans) & LARGE
    assert not indexes(plans) & OF_ALL_SHOPS


@pytest.mark.parametrize(("model", "address"), [
    (Product, "products/{}/"), (Shipment, "shipments/{}/"), (SyncedReturn, "returns/{}/"),
    (Statement, "statements/{}/"),
])  # fmt: skip
def test_a_row_with_all_that_is_its_own_is_found_by_keys(plans_of, model, address):
    assert not read_whole(plans_of(address.format(model.objects.latest("id").pk))) & LARGE


def test_all_of_an_order_is_found_by_its_number(filled):
    order = Order.objects.filter(status="completed").latest("id")
    with CaptureQueriesContext(connection) as queries:
        assert list_order_money(order).transactions
        assert list_order_parcels(order)
    plans = explain_large([query["sql"] for query in queries], LARGE)
    assert not read_whole(plans) & LARGE
    assert {"transaction_order_number", "transaction_statement", "shipment_orders"} <= indexes(plans)
