"""The pages of backfills: calendar, buttons, the form, and what people see who were granted some of the shops."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from backoffice.common import clock
from syncjobs.admin import backfill_actions, backfill_form
from syncjobs.models import Backfill, Chunk, Run
from syncjobs.streams import STREAMS
from tests.factories.backfills import make_backfill
from tests.factories.pages import address, log_in, press
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:syncjobs_backfill_changelist"), reverse("admin:syncjobs_backfill_add")
VIEW, CHANGE = "syncjobs.view_backfill", "syncjobs.change_backfill"
START = (VIEW, "syncjobs.add_backfill", "shops.view_shop")


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    ids: list[int] = []
    monkeypatch.setattr(backfill_actions, "wake_workers", lambda run_ids: ids.extend(run_ids))
    return ids


def show(client, row, **query):
    return client.get(address(row, "change"), query).content.decode()


def test_the_page_shows_days_problems_and_shops(admin_client):
    backfill = make_backfill("done", "failed", "due", "buffered", shops=[make_shop(name="Hats", timezone="UTC")])
    text, run = show(admin_client, backfill), Run.objects.get()
    for kind, title in (("empty", "Sunday, 01 March 2026: No orders"), ("failed", "Monday, 02 March 2026: Failed")):
        assert f'<a class="day day-{kind}" href="/admin/syncjobs/run/{run.pk}/change/" title="{title}"' in text
    assert "3 of 4 chunks ended, 1 failed" in text
    assert "It broke." in text and "March 2026" in text
    assert f'<a class="text-link" href="?shop={run.shop_id}">Hats</a>' in text


def test_who_may_not_see_runs_gets_no_links_to_them(client):
    backfill = make_backfill("done")
    log_in(client, VIEW, shops=[Run.objects.get().shop])
    text = show(client, backfill)
    assert '<span class="day day-empty"' in text and "/syncjobs/run/" not in text


def test_the_calendar_of_one_shop(admin_client):
    shops = [make_shop(name="Hats", timezone="UTC"), make_shop(name="Shoes", timezone="UTC")]
    backfill = make_backfill("done", shops=shops)
    Run.objects.get(shop=shops[1]).chunks.update(state="failed")
    assert 'class="day day-failed" href' in show(admin_client, backfill)
    one = show(admin_client, backfill, shop=shops[0].pk)
    assert "Days of Hats" in one and 'class="day day-failed" href' not in one
    for nonsense in ("x", "-1", "9" * 40, "0"):
        assert "Days of" not in show(admin_client, backfill, shop=nonsense)


def test_a_person_sees_the_numbers_of_their_shops_only(client):
    mine, foreign = make_shop(timezone="UTC"), make_shop(timezone="UTC", name="faraway")
    backfill = make_backfill("done", "failed", shops=(mine, foreign))
    log_in(client, VIEW, shops=(mine,))
    text = show(client, backfill)
    assert "2 of 2 chunks ended, 1 failed" in text and "faraway" not in text
    assert "faraway" not in show(client, backfill, shop=foreign.pk)


@pytest.mark.parametrize(("state", "is_renewed"), [("open", True), ("stopped", True), ("ended", False)])
def test_the_panel_renews_itself_until_the_end(admin_client, state, is_renewed):
    backfill = make_backfill("due", state=state)
    assert ("data-live=" in admin_client.get(address(backfill, "live")).content.decode()) is is_renewed


def test_a_large_backfill_is_counted_less_often(admin_client):
    backfill = make_backfill("due")
    Backfill.objects.update(window_start=clock.now() - timedelta(days=20_000))
    assert 'data-live-seconds="5"' in admin_client.get(address(backfill, "live")).content.decode()


def test_the_list_shows_how_far_each_is(admin_client):
    make_backfill("done", "due", "due", "due")
    make_backfill("failed", run_state="failed", state="ended")
    text = admin_client.get(LIST).content.decode()
    assert 'aria-valuenow="25"' in text and "1, 1 with failures" in text


def test_stop_continue_and_retry(client, woken):
    backfill = make_backfill("failed", "due")
    run = Run.objects.get()
    log_in(client, VIEW, CHANGE, shops=[run.shop])
    assert "Stopped: 1 run." in press(client, backfill, "syncjobs.stop_backfill")
    backfill.refresh_from_db()
    assert (backfill.state, backfill.reason) == ("stopped", "Stopped by person.")
    assert "it is stopped" in press(client, backfill, "syncjobs.stop_backfill")
    assert "1 failed chunk is due again" in press(client, backfill, "syncjobs.retry_backfill")
    assert set(Chunk.objects.values_list("state", flat=True)) == {"due"}
    assert f"Backfill {backfill.pk} goes on" in press(client, backfill, "syncjobs.continue_backfill")
    assert Run.objects.get().state == "open"
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Stopped.", "Failed days retried.", "Continued.",
    ]  # fmt: skip


def test_workers_are_woken_after_the_commit(client, woken, django_capture_on_commit_callbacks):
    backfill = make_backfill("failed", run_state="failed", state="ended")
    log_in(client, VIEW, CHANGE, shops=[Run.objects.get().shop])
    with django_capture_on_commit_callbacks(execute=True):
        press(client, backfill, "syncjobs.retry_backfill")
        assert woken == []
    assert woken == [Run.objects.get().pk]


@pytest.mark.parametrize(("states", "facts", "offered"), [
    (["due"], {}, {"stop_backfill"}),
    (["failed", "due"], {}, {"stop_backfill", "retry_backfill"}),
    (["due"], {"state": "stopped", "run_state": "stopped"}, {"continue_backfill"}),
    (["done"], {"state": "ended", "run_state": "done"}, set()),
])  # fmt: skip
def test_it_offers_what_can_be_done(admin_client, states, facts, offered):
    backfill = make_backfill(*states, **facts)
    buttons = admin_client.get(address(backfill, "change")).context["row_buttons"]
    assert {button["action"].key for button in buttons} == {f"syncjobs.{key}" for key in offered}


def test_a_backfill_that_reads_other_shops_too_is_not_theirs_to_stop(client):
    mine, foreign = make_shop(), make_shop()
    backfill = make_backfill("due", shops=(mine, foreign))
    log_in(client, VIEW, CHANGE, shops=(mine,))
    assert "shops that you were not granted" in press(client, backfill, "syncjobs.stop_backfill")
    assert set(Run.objects.values_list("state", flat=True)) == {"open"}


def test_looking_is_not_changing(client):
    backfill = make_backfill("due")
    log_in(client, VIEW, shops=[Run.objects.get().shop])
    assert client.post(address(backfill, "do", "syncjobs.stop_backfill")).status_code == 403
    assert client.get(ADD).status_code == client.post(ADD, wish()).status_code == 403
    assert Backfill.objects.count() == 1


def wish(**changes):
    today = clock.now().date()
    days = {"first_day": str(today - timedelta(days=40)), "last_day": str(today - timedelta(days=10))}
    return {"shops": [], **days, "chunk_days": 1, "resources": ["orders"], **changes}


def test_the_form_starts_one_for_the_persons_active_shops(client, woken, django_capture_on_commit_callbacks):
    mine, paused, foreign = make_shop(), make_shop(state="paused"), make_shop()
    person = log_in(client, *START, shops=(mine, paused))
    assert client.get(ADD).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        text = client.post(ADD, wish(), follow=True).content.decode()
    backfill = Backfill.objects.get()
    assert [run.shop for run in Run.objects.all()] == [mine]
    assert (backfill.person, Chunk.objects.count(), woken) == (person, 31, [Run.objects.get().pk])
    assert f"Started backfill {backfill.pk} with 1 run." in text
    assert "is there a fresh backup of the database?" in text
    assert LogEntry.objects.get().object_id == str(backfill.pk)
    assert foreign.runs.count() == 0


def test_the_form_takes_chosen_shops_and_refuses_foreign_and_resting_ones(client):
    mine, other, foreign = make_shop(), make_shop(), make_shop(name="faraway")
    paused = make_shop(state="paused", name="Resting")
    log_in(client, *START, shops=(mine, other, paused))
    for shop in (foreign, paused):
        answer = client.post(ADD, wish(shops=[shop.pk]))
        assert answer.context["form"].errors["shops"]
        assert "faraway" not in answer.content.decode()
    client.post(ADD, wish(shops=[other.pk]))
    assert [run.shop for run in Run.objects.all()] == [other]


@pytest.mark.parametrize("changes", [
    {"first_day": ""}, {"first_day": "2999-01-01", "last_day": "2999-01-02"}, {"first_day": "x"},
    {"first_day": "2026-02-02", "last_day": "2026-02-01"}, {"chunk_days": 0}, {"chunk_days": 99},
    {"resources": ["wishes"]}, {"resources": []}, {"first_day": "1900-01-01"},
])  # fmt: skip
def test_the_form_refuses_nonsense(admin_client, shop, changes):
    answer = admin_client.post(ADD, wish(**changes))
    assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
    assert not Backfill.objects.exists()


def test_the_form_offers_every_resource_and_says_what_a_marketplace_does_not_have(admin_client):
    make_shop(marketplace="temu")
    offered = list(STREAMS)
    assert all(f'value="{resource}"' in admin_client.get(ADD).content.decode() for resource in offered)
    text = admin_client.post(ADD, wish(resources=offered), follow=True).content.decode()
    assert "Left out: Temu has no transactions." in text
    assert set(Run.objects.values_list("resource", flat=True)) == {*offered} - {"transactions"}


def test_the_form_says_which_command_writes_more(admin_client, shop, monkeypatch):
    monkeypatch.setattr(backfill_form, "MOST_CHUNKS", 10)
    text = admin_client.post(ADD, wish()).content.decode()
    assert "The command backfill has no such limit" in text
    assert not Backfill.objects.exists()


def test_the_same_window_is_not_opened_twice(admin_client, shop):
    admin_client.post(ADD, wish())
    assert "being read already" in admin_client.post(ADD, wish()).content.decode()
    assert Backfill.objects.count() == 1


def test_a_stopped_run_has_a_page(admin_client):
    make_backfill("buffered", "due", run_state="stopped", state="stopped")
    run = Run.objects.get()
    assert admin_client.get(reverse("admin:syncjobs_run_change", args=[run.pk])).status_code == 200
    assert admin_client.get(reverse("admin:syncjobs_run_changelist")).status_code == 200
