"""The database answers every list of orders from indexes, however the list is narrowed and whoever asks for it."""

import pytest

from benchmarks.many_orders import ASLEEP, BOSS, TINY, fill
from orders.models import Order
from shops.models import Shop
from tests.plans import indexes, make_filled, make_plans_of, read_whole

pytestmark = pytest.mark.django_db
ORDERS = 20_000
LARGE = {"orders_order", "orders_orderline", "orders_package"}
ADMIN, API = "/admin/orders/order/", "/api/v1/orders/"
LONG_AGO = "ordered_from=2000-01-01"


filled = make_filled(lambda: fill(ORDERS))
plans_of = make_plans_of(LARGE)


@pytest.mark.parametrize(("address", "index"), [
    (ADMIN, "order_updated"),
    (f"{ADMIN}?p=100", "order_updated"),
    (f"{ADMIN}?status=cancelled", "order_status_updated"),
    (f"{ADMIN}?status=unknown", "order_status_updated"),
    (f"{ADMIN}?ship_by=overdue", "order_to_ship"),
    (f"{ADMIN}?is_valid=false", "order_invalid"),
    (f"{ADMIN}?{LONG_AGO}&ordered_to=2001-01-01", "order_created"),
    (f"{ADMIN}?{LONG_AGO}", "order_created"),
    (f"{ADMIN}?changed_from=2000-01-01&changed_to=2001-01-01", "order_updated"),
    (f"{ADMIN}?updated_since=2200-01-01T00:00:00Z", "order_synced"),
    (f"{ADMIN}?tag=none", "order_handling_tags"),
    (f"{ADMIN}?external_id=576000000000000000", "order_external_id"),
    (API, "order_synced"),
    (f"{API}?updated_since=2200-01-01T00:00:00Z", "order_synced"),
    (f"{API}?status=unknown", "order_status_updated"),
])  # fmt: skip
def test_a_list_is_read_from_the_index_that_fits_its_filter(plans_of, address, index):
    plans = plans_of(address)
    assert not read_whole(plans) & LARGE
    assert index in indexes(plans)


@pytest.mark.parametrize("text", ["5760000001583", "SPXVN0000000199", "SKU-0", "RARE-SKU", "no such thing"])
@pytest.mark.parametrize("who", [BOSS, TINY])
def test_a_search_asks_an_index_of_each_kind_of_number(plans_of, text, who):
    plans = plans_of(f"{ADMIN}?q={text}", who)
    assert not read_whole(plans) & LARGE
    if who == BOSS:
        # Later versions also find the beginning of a number in the index of shop and number, shop by shop.
        assert indexes(plans) & {"order_external_id", "order_identity"}
        assert indexes(plans) >= {
            "order_tracking_number", "package_tracking_number", "order_line_seller_sku", "order_line_sku",
        }  # fmt: skip


@pytest.mark.parametrize("address", [
    ADMIN, f"{ADMIN}?status=completed", f"{ADMIN}?{LONG_AGO}", f"{ADMIN}?ship_by=overdue", f"{ADMIN}?tag=gift",
    f"{ADMIN}?assignee={BOSS}", API, f"{API}?status=awaiting_shipment", f"{API}?{LONG_AGO}",
])  # fmt: skip
def test_whoever_has_tiny_shops_among_many_orders_reads_no_others(plans_of, address):
    plans = plans_of(address, TINY)
    assert not read_whole(plans) & LARGE
    assert not indexes(plans) & {"order_updated", "order_synced", "order_created"}


def test_shops_that_are_quiet_for_long_are_each_asked_for_their_newest(plans_of, monkeypatch):
    monkeypatch.setattr("orders.admin.paging.SORTED_AT_MOST", 100)
    plans = plans_of(ADMIN, ASLEEP)
    assert not read_whole(plans) & LARGE
    assert "order_shop_updated" in indexes(plans)
    assert "order_updated" not in indexes(plans)


@pytest.mark.parametrize(("address", "index"), [
    ("", "order_shop_updated"), (f"&{LONG_AGO}", "order_shop_created"),
    ("&ordered_from=2000-01-01&ordered_to=2001-01-01", "order_shop_created"),
])  # fmt: skip
def test_one_shop_is_read_in_its_own_order(plans_of, monkeypatch, address, index):
    monkeypatch.setattr("backoffice.common.sorting.SORTED_AT_MOST", 0)
    shop = Shop.objects.get(name="Shop of 8 %")
    plans = plans_of(f"{ADMIN}?shop={shop.pk}{address}")
    assert not read_whole(plans) & LARGE
    assert index in indexes(plans)


def test_the_many_orders_of_an_open_status_are_read_over_the_api_without_passing_all_that_are_at_rest(
    plans_of, monkeypatch
):
    monkeypatch.setattr("backoffice.common.sorting.SORTED_AT_MOST", 0)
    plans = plans_of(f"{API}?status=awaiting_shipment&status=in_transit")
    assert "order_not_at_rest" in indexes(plans)
    assert "order_synced" not in indexes(plans)


@pytest.mark.parametrize("path", [ADMIN + "{}/change/", API + "{}/"])
def test_an_order_with_its_lines_and_packages_is_found_by_keys(plans_of, path):
    plans = plans_of(path.format(Order.objects.latest("id").pk))
    assert not read_whole(plans) & LARGE
    assert {"orders_order_pkey", "order_line_identity", "package_identity"} <= indexes(plans)
