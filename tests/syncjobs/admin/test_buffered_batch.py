"""The page of buffered batches, and its button."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse

from backoffice.celery import app
from syncjobs.models import BatchFileState, BufferedBatch
from tests.factories.buffered import make_batch_row
from tests.factories.pages import address, log_in
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
LIST = reverse("admin:syncjobs_bufferedbatch_changelist")


@pytest.fixture
def sent(monkeypatch, django_capture_on_commit_callbacks):
    """Names of the messages that would be sent."""
    names: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, *_, **__: names.append(name))
    monkeypatch.setattr("syncjobs.tasks.replay_buffer.apply_async", lambda **options: names.append(options["queue"]))
    return names


def press(client, batch):
    return client.post(address(batch, "do", "syncjobs.replay_batch"), follow=True)


def test_the_list_says_where_each_batch_stands_and_what_it_takes(client, shop):
    log_in(client, "syncjobs.view_bufferedbatch", shops=(shop,))
    make_batch_row(shop, "mine", size_bytes=2048, try_count=3, record_count=300)
    text = client.get(LIST).content.decode()
    for said in ("Failed", shop.name, "2.0\xa0KB", "300", "mine error"):
        assert said in text


def test_a_batch_of_nobody_known_is_for_those_who_see_every_shop(client, shop):
    make_batch_row(None, "nobodys", state=BatchFileState.DAMAGED)  # type: ignore[arg-type]
    log_in(client, "syncjobs.view_bufferedbatch", shops=(shop,))
    assert "nobodys" not in client.get(LIST).content.decode()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    assert "nobodys" in client.get(LIST).content.decode()


def test_the_links_show_what_a_person_must_look_at(client, shop):
    log_in(client, "syncjobs.view_bufferedbatch", shops=(shop,))
    for state in BatchFileState:
        make_batch_row(shop, f"is-{state.value}", state=state)
    answer = client.get(f"{LIST}?state=failed&state=damaged")
    assert {batch.state for batch in answer.context["cl"].result_list} == {"failed", "damaged"}


def test_replay_now_gives_fresh_tries_wakes_the_hosts_and_is_noted(
    client, shop, sent, django_capture_on_commit_callbacks
):
    person = log_in(client, "syncjobs.view_bufferedbatch", "syncjobs.change_bufferedbatch", shops=(shop,))
    batch = make_batch_row(shop, try_count=3)
    with django_capture_on_commit_callbacks(execute=True):
        press(client, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.try_count) == (BatchFileState.WAITING, 0)
    assert sent == ["every_host"]
    assert LogEntry.objects.get().user == person


@pytest.mark.parametrize("state", [BatchFileState.STORED, BatchFileState.DAMAGED])
def test_what_is_stored_or_damaged_cannot_be_replayed(client, shop, sent, state):
    log_in(client, "syncjobs.view_bufferedbatch", "syncjobs.change_bufferedbatch", shops=(shop,))
    batch = make_batch_row(shop, state=state)
    assert "It cannot be replayed" in press(client, batch).content.decode()
    assert (BufferedBatch.objects.get().state, sent, LogEntry.objects.count()) == (state, [], 0)


def test_whoever_may_only_look_cannot_replay(client, shop, sent):
    log_in(client, "syncjobs.view_bufferedbatch", shops=(shop,))
    assert press(client, make_batch_row(shop)).status_code == 403
    assert BufferedBatch.objects.get().state == BatchFileState.FAILED


def test_another_shops_batch_is_not_there(client, shop, sent):
    log_in(client, "syncjobs.view_bufferedbatch", "syncjobs.change_bufferedbatch", shops=(shop,))
    assert press(client, make_batch_row(make_shop())).status_code == 404
    assert BufferedBatch.objects.get().state == BatchFileState.FAILED
