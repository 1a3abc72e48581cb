"""The commands of the other resources do what sync_orders does.

They are sync_products, sync_shipments, sync_returns and sync_transactions.
"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from syncjobs.models import Run
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
RESOURCES = ("products", "shipments", "returns", "transactions")


def run(command, *arguments):
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("resource", RESOURCES)
def test_each_starts_runs_of_its_own_resource(resource):
    make_shop()
    run(f"sync_{resource}", "--background", "--hours", "6")
    started = Run.objects.get()
    assert (started.resource, started.kind, started.parameters) == (resource, "window", {"hours": 6})


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_dry_run_shows_the_plan_and_writes_nothing(resource):
    make_shop(name="Quiet Shop")
    shown = run(f"sync_{resource}", "--dry-run", "--full")
    assert "Quiet Shop" in shown and "calls or more" in shown
    assert not Run.objects.exists()


def test_only_orders_have_a_status_to_search_for():
    with pytest.raises(CommandError, match="--status"):
        run("sync_products", "--status", "completed")


def test_a_marketplace_without_the_resource_is_left_out_of_all_and_refused_alone():
    temu = make_shop(marketplace="temu")
    make_shop(name="TikTok")
    run("sync_transactions", "--background")
    assert [one.shop.name for one in Run.objects.select_related("shop")] == ["TikTok"]
    with pytest.raises(CommandError, match="Temu has no transactions that could be read"):
        run("sync_transactions", "--shop", str(temu.pk))
