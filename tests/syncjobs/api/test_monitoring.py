"""What is wrong now, over the API; the checks themselves have tests of their own."""

import pytest

from backoffice.common import clock
from shops.models import Shop
from syncjobs.models import Heartbeat
from syncjobs.monitoring import heartbeats
from syncjobs.monitoring.checks import CheckName
from tests.factories.api import make_caller, make_person

pytestmark = pytest.mark.django_db
HEALTH, ALERTS = "/api/sync/monitoring/health", "/api/sync/monitoring/alerts"


@pytest.fixture
def caller(shop):
    now = clock.now()
    Heartbeat.objects.create(name=heartbeats.NAME, sent_at=now, executed_at=now)
    return make_caller(shop)


def test_where_all_is_well_there_are_no_alerts(caller):
    health = caller.get(HEALTH).json()
    assert (health["status"], health["checked_at"] is not None) == ("ok", True)
    assert health["checks"] == [{"name": name, "status": "ok", "alert_count": 0} for name in CheckName.values]
    assert caller.get(ALERTS).json()["alerts"] == []


def test_what_is_wrong_is_listed_with_its_shop(shop, caller):
    synced_at = clock.now()
    Shop.objects.update(state="needs_reauthorisation", state_reason="The token ended.", last_sync_at=synced_at)
    Heartbeat.objects.update(executed_at=None)
    assert caller.get(ALERTS).json()["alerts"] == [
        {
            "kind": "authorisation", "severity": "critical", "shop_id": shop.pk, "shop_name": shop.name,
            "message": f"{shop} needs re-authorisation. The token ended.",
            "since": f"{synced_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        },
        {
            "kind": "pulse", "severity": "critical", "shop_id": None, "shop_name": "", "since": None,
            "message": "Workers never gave a sign of life.",
        },
    ]  # fmt: skip
    answer = caller.get(HEALTH)
    assert (answer.status_code, answer.json()["status"]) == (200, "critical")
    wrong = [check for check in answer.json()["checks"] if check["status"] != "ok"]
    assert wrong == [
        {"name": "pulse", "status": "critical", "alert_count": 1},
        {"name": "authorisation", "status": "critical", "alert_count": 1},
    ]


@pytest.mark.parametrize("address", [HEALTH, ALERTS])
def test_it_needs_a_login_the_permission_to_view_shops_and_takes_no_parameters(client, shop, caller, address):
    assert client.get(address).status_code == 401
    assert make_caller(person=make_person(shop, may=("view_run",))).get(address).status_code == 403
    assert caller.get(address, shop=shop.pk).status_code == 400
    assert caller.post(address, {}).status_code == 405
