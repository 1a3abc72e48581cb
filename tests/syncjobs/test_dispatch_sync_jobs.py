"""The command: what it starts, which nonsense it refuses, and what it says."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from syncjobs.management.commands import dispatch_sync_jobs
from syncjobs.models import Chunk, Lane, Run
from syncjobs.services import start_run
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    calls: list[bool] = []
    monkeypatch.setattr(dispatch_sync_jobs, "wake_workers", lambda: calls.append(Run.objects.exists()))
    return calls


def dispatch(*arguments):
    out = StringIO()
    call_command("dispatch_sync_jobs", *arguments, stdout=out)
    return out.getvalue()


def test_it_starts_what_is_due_wakes_the_workers_and_says_who_is_left_out(shop, woken):
    start_run(make_shop(), kind="incremental", trigger="beat")
    dead = make_shop(state="needs_reauthorisation")
    make_shop(state="paused")
    shown = dispatch()
    assert "Started 1 run. 1 shop had one under way already." in shown
    assert f"Left out, needs re-authorisation: 1 shop: {dead}. Connect them again." in shown
    assert "Left out, paused by a person: 1 shop." in shown
    assert woken == [True]
    assert set(Run.objects.filter(shop=shop).values_list("lane", flat=True)) == {Lane.INCREMENTAL}


def test_priority_is_the_high_lane(shop):
    dispatch("--priority")
    assert Run.objects.get().lane == Lane.HIGH


def test_batches_and_delays_are_written_as_due_times():
    app = make_app(sync_spacing_seconds=30)
    for _ in range(3):
        make_shop(app=app)
    dispatch("--batch-size", "2", "--delay", "90")
    first, *others = Run.objects.order_by("pk").values_list("chunks__due_at", flat=True).distinct()
    assert [round((due_at - first).total_seconds()) for due_at in others] == [2, 90]


def test_it_may_be_for_one_marketplace(shop):
    dispatch("--marketplace", "tiktok")
    assert Run.objects.get().shop == shop


@pytest.mark.parametrize("arguments", [
    ["--batch-size", "0"], ["--delay", "-1"], ["--delay", "nan"], ["--marketplace", "bazaar"], ["--batch-size", "x"],
])  # fmt: skip
def test_nonsense_is_refused(shop, arguments):
    with pytest.raises(CommandError):
        dispatch(*arguments)
    assert not Chunk.objects.exists()


def test_where_nothing_is_due_it_says_so(db):
    assert "No shop is due" in dispatch()
