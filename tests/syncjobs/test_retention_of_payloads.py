"""What time deletes of payloads: everything keeps its newest, and a night looks at few."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from backoffice.common import clock, payload_retention
from backoffice.common.models import StoredPayload
from orders.models import Order, OrderPayload
from syncjobs.services import count_old_rows, prune, retention
from tests.factories.orders import store_order
from tests.factories.synced import KINDS, store_record
from tests.syncjobs.pruning import MINUTE, add_payloads, ago, prune_all

pytestmark = pytest.mark.django_db
OLD = timedelta(days=180) + MINUTE
OLDER = OLD + timedelta(days=30)
YOUNG = timedelta(days=180) - MINUTE


def days_kept(order):
    now = clock.now()
    return sorted((now - at).days for at in order.payloads.values_list("received_at", flat=True))


@pytest.mark.parametrize(("spans", "kept"), [
    ((OLD,), [180]), ((OLD, OLDER), [180]), ((YOUNG, OLD), [179]), ((YOUNG, YOUNG / 2), [89, 179]),
    ((MINUTE, YOUNG, OLD, OLDER, OLDER + OLD / 9), [0, 179]),
])  # fmt: skip
def test_the_newest_payload_of_an_order_always_stays(shop, spans, kept):
    order = store_order(shop)
    add_payloads(order, *spans)
    prune_all()
    assert days_kept(order) == kept


def test_of_two_payloads_of_one_moment_the_later_row_stays(shop):
    order = store_order(shop)
    at = ago(OLD)
    order.payloads.all().delete()
    rows = [OrderPayload.objects.create(order=order, received_at=at, source="poll", payload={}) for _ in range(3)]
    assert prune_all() == {"order_payloads": 2}
    assert order.payloads.get().pk == rows[-1].pk


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_newest_payload_of_everything_that_is_synced_stays_and_the_older_ones_go(shop, kind):
    row = store_record(shop, kind, "1")
    row.payloads.all().delete()
    for span in (OLD, OLDER, OLDER + timedelta(days=1)):
        row.payloads.create(received_at=ago(span), source="poll", payload={})
    assert count_old_rows()[f"{kind}_payloads"] == (180, 2)
    assert prune_all() == {f"{kind}_payloads": 2}
    assert days_kept(row) == [180]


def test_every_history_of_payloads_is_pruned():
    tables = {table.model for table in retention.PAYLOAD_TABLES}
    assert tables == {model for model in apps.get_models() if issubclass(model, StoredPayload)}


def test_a_night_looks_at_what_became_old_of_late_and_a_thorough_walk_at_all(shop):
    order = store_order(shop)
    add_payloads(order, MINUTE, OLD, OLDER)
    assert prune_all(is_thorough=False) == {"order_payloads": 1}
    assert days_kept(order) == [0, 210]
    assert prune_all() == {"order_payloads": 1}
    assert days_kept(order) == [0]


def test_many_payloads_go_in_several_transactions(shop, monkeypatch):
    monkeypatch.setattr(payload_retention, "PAYLOADS_AT_ONCE", 2)
    orders = [store_order(shop, f"order-{n}") for n in range(5)]
    for order in orders:
        add_payloads(order, MINUTE, OLD)
    before = ago(timedelta(days=180))
    walk = payload_retention.start_payload_walk(retention.PAYLOAD_TABLES, before, is_thorough=False)
    counts = []
    while not walk.is_finished:
        counts.append(walk.delete_some().get("order_payloads"))
    assert [count for count in counts if count] == [2, 2, 1]
    assert Order.objects.count() == OrderPayload.objects.count() == 5


def test_what_time_did_not_suffice_for_is_gone_on_with_where_it_was_left(shop, monkeypatch):
    order = store_order(shop)
    add_payloads(order, MINUTE, OLD)
    seconds = iter(range(1_000))
    monkeypatch.setattr("backoffice.common.clock.monotonic_seconds", lambda: next(seconds))
    first = prune(seconds=20)
    assert (first.is_finished, first.counts) == (False, {})
    position = first.payloads_from
    assert position is not None
    rest = prune(seconds=900, payloads_from=position)
    assert (rest.is_finished, rest.counts) == (True, {"order_payloads": 1})


def test_the_walk_finds_a_slice_of_payloads_by_the_index(shop):
    """Not by reading the table: it has tens of millions of rows."""
    order = store_order(shop)
    OrderPayload.objects.bulk_create(
        OrderPayload(order=order, received_at=ago(timedelta(hours=n)), source="poll", payload={}) for n in range(3_000)
    )
    before = ago(timedelta(days=100))
    slice_of_it = retention.PAYLOAD_TABLES[0].list_old(before).filter(received_at__gte=before - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_orderpayload")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = slice_of_it.order_by().select_for_update(skip_locked=True, of=("self",)).only("pk")[:2_000].explain()
    assert "Bitmap Index Scan on order_payload_received" in plan, plan
