"""What people may do to runs on their pages."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from shops.models import ShopGrant
from syncjobs.models import Chunk, ChunkState, Run, RunState
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db
RUNS = reverse("admin:syncjobs_run_changelist")


def cancel(client, *runs):
    return client.post(RUNS, {"action": "cancel", "_selected_action": [run.pk for run in runs]}, follow=True)


def staff(client, shop, *permissions):
    person = User.objects.create_user("person", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    ShopGrant.objects.create(user=person, shop=shop)
    client.force_login(person)


def test_open_runs_are_cancelled_and_ended_ones_are_left_alone(admin_client):
    due = make_chunk()
    ended = make_run(state=RunState.DONE)
    assert b"1 cancelled, 1 had ended already" in cancel(admin_client, due.run, ended).content
    assert Chunk.objects.get(pk=due.pk).state == ChunkState.CANCELLED
    cancelled = Run.objects.get(pk=due.run_id)
    assert (cancelled.state, cancelled.reason) == (RunState.CANCELLED, "Cancelled by admin.")
    assert Run.objects.get(pk=ended.pk).state == RunState.DONE


def test_a_run_of_a_foreign_shop_cannot_be_cancelled(client):
    mine, foreign = make_run(), make_run()
    staff(client, mine.shop, "view_run", "change_run")
    cancel(client, mine, foreign)
    assert Run.objects.get(pk=mine.pk).state == RunState.CANCELLED
    assert Run.objects.get(pk=foreign.pk).state == RunState.OPEN


def test_whoever_may_only_look_cannot_cancel(client):
    run = make_run()
    staff(client, run.shop, "view_run")
    cancel(client, run)
    assert Run.objects.get(pk=run.pk).state == RunState.OPEN
