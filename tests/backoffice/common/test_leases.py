"""A row is one worker's at a time, and free again when that worker is gone."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from backoffice.common import clock, leases
from backoffice.common.leases import LeaseLost
from syncjobs.models import GapReport
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    now = clock.now()
    return GapReport.objects.create(
        shop=make_shop(),
        window_start=now - timedelta(days=1),
        window_end=now,
        trigger="beat",
        due_at=now,
        created_at=now,
    )


def take(row, owner="a:1:x"):
    return leases.take(GapReport.objects.filter(leases.is_free(), pk=row.pk), owner, 60)


def test_one_of_two_takes_it_and_the_try_counts(row):
    assert (take(row), take(row, "b:2:y")) == (True, False)
    row.refresh_from_db()
    assert (row.state, row.lease_owner, row.attempt_count) == ("running", "a:1:x", 1)
    assert row.heartbeat_at is not None


def test_it_is_free_again_when_the_lease_ran_out(row):
    take(row)
    GapReport.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert take(row, "b:2:y")
    with pytest.raises(LeaseLost):
        leases.keep(row, "a:1:x", 60)
    with pytest.raises(LeaseLost):
        leases.leave(row, "a:1:x", state="done")


def test_a_heartbeat_keeps_it_and_notes_what_changed(row):
    take(row)
    GapReport.objects.update(lease_expires_at=clock.now())
    leases.keep(row, "a:1:x", 60, call_count=7)
    assert not take(row, "b:2:y")
    row.refresh_from_db()
    assert row.call_count == 7


def test_what_is_left_belongs_to_nobody(row):
    take(row)
    leases.leave(row, "a:1:x", state="done", found_count=3)
    row.refresh_from_db()
    assert (row.state, row.lease_owner, row.lease_expires_at, row.found_count) == ("done", "", None, 3)


def test_a_worker_is_gone_when_its_process_here_is_dead():
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    alive = leases.new_owner()
    assert not leases.is_gone(alive)
    assert leases.is_gone(alive.replace(f":{os.getpid()}:", f":{dead.pid}:"))


def test_a_worker_of_a_machine_with_the_same_name_is_not_taken_for_a_dead_one_of_ours(monkeypatch):
    """Cloned machines: the same host name, and process numbers that mean nothing here."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(leases, "_name_machine", lambda: "another-start-of-another-kernel")
        theirs = leases.new_owner().replace(f":{os.getpid()}:", f":{dead.pid}:")
    assert not leases.is_gone(theirs)


@pytest.mark.parametrize("owner", ["", "a", "a:1", "elsewhere:1:x", "::", "a:no-number:x"])
def test_nothing_is_known_of_workers_elsewhere(owner):
    assert not leases.is_gone(owner)
