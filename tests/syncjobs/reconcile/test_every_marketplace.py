"""Gap reports of everything that every marketplace gives: nothing differs after a sync, and what is lost is found."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from aftersales.models import Case, SyncedReturn
from shops.marketplaces.records import Resource, Window
from shops.marketplaces.registry import MARKETPLACES
from shops.sandbox.server import start
from syncjobs import reconcile
from syncjobs.engine.worker import work_on_run
from syncjobs.models import GapReport, Run
from syncjobs.services import NotSyncable, start_run
from syncjobs.streams import get_stream
from tests.factories.sandboxes import Sandbox

pytestmark = pytest.mark.django_db
ORDERS = 120  # of the two shops of a marketplace
HOURS = 24 * 14
COMPARED = [
    (marketplace, resource.value)
    for marketplace, one in MARKETPLACES.items()
    for resource, capability in one.connector.capabilities.items()
    if capability.is_windowed
]


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    now = int(time.time()) - 300
    with start(port=0, seed=7, orders=ORDERS, shops=2, now=now) as running:
        yield Sandbox(running.control_url, now)


@pytest.fixture
def sandbox(small_sandbox: Sandbox) -> Sandbox:
    small_sandbox.put_in_order()
    return small_sandbox


def read(sandbox, settings, marketplace, resource):
    """Sync what changed lately in one shop."""
    settings.REQUEST_BACKOFF_SECONDS = 0
    settings.SYNC_RETURNS_CHUNK_DAYS = settings.SYNC_TRANSACTIONS_CHUNK_DAYS = settings.SYNC_CHUNK_DAYS = 30
    shop = sandbox.connect(marketplace)[0]
    run = start_run(shop, kind="window", resource=resource, hours=HOURS, trigger="command")
    assert run is not None
    work_on_run(run.pk, seconds=60)
    run = Run.objects.get()
    assert run.state == "done", run.reason
    return shop, Window(run.window_start, run.window_end)


def compare(shop, resource, window, *, fetch=False):
    (report_id,) = reconcile.request_reports(
        shop, lambda zone: [window], trigger="command", fetch_missing=fetch, resource=resource
    )
    reconcile.work_on_reports(seconds=60, report_ids=[report_id])
    report = GapReport.objects.get(pk=report_id)
    assert report.state == "done", report.error
    return report


def counts(report):
    return report.missing_count, report.stale_count, report.extra_count


def lose(row):
    """Take a row away as if it had never come: a return with its case, whose log the database keeps else."""
    case = Case.objects.filter(synced_return=row).first() if isinstance(row, SyncedReturn) else None
    if case is not None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE order_aftersales_log DISABLE TRIGGER case_log_only_grows")
            case.log.all().delete()
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("ALTER TABLE order_aftersales_log ENABLE TRIGGER case_log_only_grows")
        case.delete()
    row.delete()


@pytest.mark.parametrize(("marketplace", "resource"), COMPARED)
def test_what_is_lost_or_old_or_not_there_is_found_and_fetched(sandbox, settings, marketplace, resource):
    shop, window = read(sandbox, settings, marketplace, resource)
    rows = get_stream(resource).list_stored(shop.pk)
    rows = rows.filter(source_updated_at__gte=window.start, source_updated_at__lt=window.end)
    first = compare(shop, resource, window)
    assert (counts(first), first.found_count >= rows.count() > 2) == ((0, 0, 0), True)
    lost, old, alien, *_ = rows.order_by("source_updated_at", "pk")
    # What cannot be asked for by id may have moved on: nothing is said of it.
    extra = int(MARKETPLACES[marketplace].connector.capabilities[Resource(resource)].ids_limit > 0)
    rows.filter(pk=old.pk).update(source_updated_at=F("source_updated_at") - timedelta(seconds=1), payload_hash=b"old")
    alien.pk, alien.external_id = None, "999999999999999999"
    alien.save(force_insert=True)
    lost_id = lost.external_id
    lose(lost)
    found = compare(shop, resource, window)
    assert counts(found) == (1, 1, extra)
    assert (found.examples["missing"], found.examples["stale"]) == ([lost_id], [old.external_id])
    healed = compare(shop, resource, window, fetch=True)
    assert (counts(healed), healed.fetched_count) == ((1, 1, extra), 2)
    changed_at = rows.values_list("source_updated_at", flat=True)
    assert (changed_at.get(external_id=lost_id), changed_at.get(external_id=old.external_id)) == (
        lost.source_updated_at, old.source_updated_at,
    )  # fmt: skip


def test_what_shows_no_times_of_change_is_refused_with_a_sentence(sandbox):
    shop = sandbox.connect("temu")[0]
    days = reconcile.choose_recent_days(1)
    with pytest.raises(NotSyncable, match="Temu does not say when products changed"):
        reconcile.request_reports(shop, days, trigger="command", fetch_missing=False, resource="products")
    with pytest.raises(NotSyncable, match="Temu has no transactions"):
        reconcile.request_reports(shop, days, trigger="command", fetch_missing=False, resource="transactions")


def test_fetching_what_a_report_found_is_a_report_of_the_same_resource(sandbox):
    shop = sandbox.connect()[0]
    days = reconcile.choose_recent_days(1)
    (first,) = reconcile.request_reports(shop, days, trigger="command", fetch_missing=False, resource="returns")
    GapReport.objects.update(state="done")
    again = reconcile.request_fetch(GapReport.objects.get(pk=first), trigger="person")
    assert GapReport.objects.get(pk=again).resource == "returns"
