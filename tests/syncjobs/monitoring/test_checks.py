"""Each fault is found, with its shop and since when; nothing is said of shops that the viewer may not see."""

from datetime import timedelta

import pytest
from django.db import connection
from redis import ConnectionError as RedisConnectionError

from backoffice.common import clock
from shops.models import Shop
from syncjobs.models import EnrichmentTask, Heartbeat
from syncjobs.monitoring import checks, heartbeats
from syncjobs.monitoring.checks import CheckName, HealthStatus, check_health
from tests.factories.enrichment import make_task
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.sync import make_run

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def alive(db):
    now = clock.now()
    Heartbeat.objects.create(name=heartbeats.NAME, sent_at=now, executed_at=now)


@pytest.fixture
def viewer(shop):
    return make_person(shops=[shop])


def found(viewer):
    return [(one.kind, one.shop, one.since) for one in check_health(viewer).findings]


def test_where_nothing_is_wrong_every_check_says_so(shop, viewer):
    make_task(shop)
    make_run(shop=shop, state="done")
    health = check_health(viewer)
    assert (health.status, health.findings) == (HealthStatus.OK, [])
    assert [(check.name, check.status) for check in health.checks] == [(name, HealthStatus.OK) for name in CheckName]


def test_failed_runs_since_the_last_success_are_found(shop, viewer):
    now = clock.now()
    Shop.objects.update(last_sync_at=now - 5 * HOUR)
    for hours in (9, 3, 2):
        make_run(shop=shop, state="failed", finished_at=now - hours * HOUR)
    (finding,) = check_health(viewer).findings
    assert (finding.kind, finding.shop, finding.since) == (CheckName.FAILED_RUNS, shop, now - 3 * HOUR)
    assert finding.message == "Failed since the shop's last success: 2 runs."
    Shop.objects.update(state="paused")
    assert found(viewer) == []


def test_a_shop_that_needs_its_seller_is_found(shop, viewer):
    Shop.objects.update(state="needs_reauthorisation", state_reason="The token ended.", last_sync_at=clock.now())
    shop.refresh_from_db()
    (finding,) = check_health(viewer).findings
    assert (finding.kind, finding.severity) == (CheckName.AUTHORISATION, HealthStatus.CRITICAL)
    assert (finding.message, finding.since) == (f"{shop} needs re-authorisation. The token ended.", shop.last_sync_at)


def test_a_backlog_is_what_is_due_and_may_be_asked_for(shop, viewer, monkeypatch):
    monkeypatch.setattr(checks, "LARGEST_BACKLOG", 2)
    now = clock.now()
    tasks = [make_task(shop, next_try_at=now - hours * HOUR) for hours in (1, 2, 3)]
    assert found(viewer) == [(CheckName.ENRICHMENT_BACKLOG, None, now - 3 * HOUR)]
    assert check_health(viewer).findings[0].message == "Not asked for yet: the package numbers of 3 orders."
    Shop.objects.update(is_enriched=False)
    assert found(viewer) == []
    Shop.objects.update(is_enriched=True)
    EnrichmentTask.objects.filter(pk=tasks[0].pk).update(next_try_at=now + HOUR)
    assert found(viewer) == []


def test_package_numbers_that_were_not_found_are_found_by_shop(shop, viewer):
    now = clock.now()
    for hours in (2, 1):
        make_task(shop, status="failed", finished_at=now - hours * HOUR)
    assert found(viewer) == [(CheckName.ENRICHMENT_FAILED, shop, now - 2 * HOUR)]
    assert check_health(viewer).status == HealthStatus.WARNING
    assert check_health(viewer).findings[0].message == "Not found: the package numbers of 2 orders."


def test_silence_is_found_with_the_last_sign_of_life(viewer):
    since = clock.now() - HOUR
    Heartbeat.objects.update(executed_at=since)
    assert found(viewer) == [(CheckName.PULSE, None, since)]
    assert check_health(viewer).findings[0].message == "Workers silent for 60 minutes."
    Heartbeat.objects.all().delete()
    assert found(viewer) == [(CheckName.PULSE, None, None)] * 2


def test_redis_that_is_away_is_found(viewer, monkeypatch):
    def fail():
        raise RedisConnectionError

    monkeypatch.setattr(checks, "client", fail)
    assert found(viewer) == [(CheckName.REDIS, None, None)]


def test_a_check_that_fails_is_a_finding_and_the_others_are_made(shop, viewer, monkeypatch):
    def fail(_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    Shop.objects.update(state="needs_reauthorisation")
    monkeypatch.setattr(checks, "CHECKS", {CheckName.REDIS: fail} | {
        name: check for name, check in checks.CHECKS.items() if name != CheckName.REDIS
    })  # fmt: skip
    assert [finding.message for finding in check_health(viewer).findings if finding.kind == CheckName.REDIS] == [
        "This could not be checked: DataError."
    ]
    assert CheckName.AUTHORISATION in [finding.kind for finding in check_health(viewer).findings]


def test_nothing_is_said_of_foreign_shops(viewer, monkeypatch):
    monkeypatch.setattr(checks, "LARGEST_BACKLOG", 0)
    foreign = make_shop(state="needs_reauthorisation")
    other = make_shop()
    make_run(shop=other, state="failed", finished_at=clock.now())
    make_task(other, status="failed")
    make_task(other)
    assert found(viewer) == []
    viewer.is_superuser = True
    assert {(kind, shop) for kind, shop, _ in found(viewer)} == {
        (CheckName.AUTHORISATION, foreign), (CheckName.FAILED_RUNS, other), (CheckName.ENRICHMENT_FAILED, other),
        (CheckName.ENRICHMENT_BACKLOG, None),
    }  # fmt: skip


def test_the_worst_and_oldest_come_first(shop, viewer):
    now = clock.now()
    make_task(shop, status="failed", finished_at=now - 9 * HOUR)
    make_run(shop=shop, state="failed", finished_at=now - HOUR)
    Heartbeat.objects.update(executed_at=now - 2 * HOUR)
    health = check_health(viewer)
    assert [one.kind for one in health.findings] == [
        CheckName.PULSE, CheckName.FAILED_RUNS, CheckName.ENRICHMENT_FAILED,
    ]  # fmt: skip
    assert health.status == HealthStatus.CRITICAL
