"""The pages of gap reports: what they show and to whom, and what their buttons do."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from syncjobs.admin import gap_actions
from syncjobs.models import GapReport
from tests.factories.gaps import make_report
from tests.factories.orders import store_order
from tests.factories.pages import address, log_in, press
from tests.factories.people import make_person
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
LIST = reverse("admin:syncjobs_gapreport_changelist")
VIEW, ADD = "syncjobs.view_gapreport", "syncjobs.add_gapreport"


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    calls: list[str] = []
    monkeypatch.setattr(gap_actions, "wake_reconcilers", lambda: calls.append("woken"))
    return calls


def listed(client, **query):
    return {report.pk for report in client.get(LIST, query).context["cl"].result_list}


def test_the_list_is_narrowed_by_shop_gaps_state_and_day(admin_client):
    fine = make_report(state="done")
    found = [make_report(state="done", missing_count=1), make_report(state="done", stale_count=1)]
    gaps = [report.pk for report in (*found, make_report(state="done", extra_count=1))]
    earlier = make_report(state="failed", window_start=datetime(2026, 7, 1, tzinfo=UTC))
    assert listed(admin_client) == {fine.pk, *gaps, earlier.pk}
    assert listed(admin_client, gaps="true") == set(gaps)
    assert listed(admin_client, gaps="false") == {fine.pk, earlier.pk}
    assert listed(admin_client, shop=fine.shop_id) == {fine.pk}
    assert listed(admin_client, state="failed") == {earlier.pk}
    assert listed(admin_client, day_from="2026-07-20") == {fine.pk, *gaps}
    assert listed(admin_client, day_to="2026-07-20") == {earlier.pk}


def test_a_day_is_that_of_the_shop_and_gaps_are_coloured(admin_client):
    start = datetime(2026, 8, 1, 17, tzinfo=UTC)
    make_report(window_start=start, window_end=start + timedelta(days=1), missing_count=1_234, state="done")
    text = admin_client.get(LIST).content.decode()
    assert "2026-08-02" in text
    assert '<span class="tone-danger number">1,234</span>' in text


def test_examples_lead_to_the_orders_that_are_here(admin_client, shop):
    stale = store_order(shop, "5840")
    store_order(make_shop(), "5841")  # of another shop
    report = make_report(shop, state="done", examples={"missing": ["5841", "<b>x</b>"], "stale": ["5840"]})
    text = admin_client.get(address(report, "change")).content.decode()
    assert f'href="{address(stale, "change")}">5840</a>' in text
    assert "5841, &lt;b&gt;x&lt;/b&gt;" in text


def test_looking_for_gaps_compares_the_last_days_and_fetches_nothing(
    client, shop, woken, django_capture_on_commit_callbacks
):
    person = log_in(client, "shops.view_shop", ADD, shops=(shop,))
    with django_capture_on_commit_callbacks(execute=True):
        assert "7 days are compared" in press(client, shop, "syncjobs.look_for_gaps")
    assert GapReport.objects.count() == 7
    assert set(GapReport.objects.values_list("shop", "trigger", "fetch_missing")) == {(shop.pk, "person", False)}
    assert (LogEntry.objects.get().user, woken) == (person, ["woken"])
    press(client, shop, "syncjobs.look_for_gaps")
    assert GapReport.objects.count() == 7


def test_a_paused_shop_is_not_compared_and_says_why(admin_client):
    shop = make_shop(state="paused", state_reason="Stock-taking.")
    assert "so it is not compared. Stock-taking." in press(admin_client, shop, "syncjobs.look_for_gaps")
    assert not GapReport.objects.exists()


def test_what_a_report_found_missing_is_fetched_by_another_one(client, shop):
    old = make_report(shop, state="done", missing_count=2)
    log_in(client, VIEW, ADD, shops=(shop,))
    new_id = old.pk + 1
    assert f"Report {new_id} compares the day once more" in press(client, old, "syncjobs.fetch_missing")
    new = GapReport.objects.get(pk=new_id)
    assert (new.fetch_missing, new.trigger, new.window_start) == (True, "person", old.window_start)
    assert LogEntry.objects.get().object_id == str(new_id)


def test_a_day_that_is_being_compared_without_fetching_is_not_said_to_be_fetched(admin_client, shop):
    old = make_report(shop, state="done", missing_count=2)
    make_report(shop, state="running")
    assert "Ask again when it has ended" in press(admin_client, old, "syncjobs.fetch_missing")
    assert GapReport.objects.count() == 2


@pytest.mark.parametrize(("facts", "offered"), [
    ({"state": "done", "missing_count": 2, "fetched_count": 1}, True),
    ({"state": "done", "stale_count": 1}, True),
    ({"state": "done", "missing_count": 2, "fetched_count": 2}, False),
    ({"state": "done", "extra_count": 2}, False),
    ({"state": "due", "missing_count": 2}, False),
])  # fmt: skip
def test_fetching_is_offered_where_something_can_be_fetched(admin_client, facts, offered):
    report = make_report(**facts)
    buttons = admin_client.get(address(report, "change")).context["row_buttons"]
    assert bool(buttons) is offered


def test_looking_is_not_starting_and_foreign_reports_are_out_of_reach(client):
    mine, foreign = (make_report(state="done", missing_count=1) for _ in range(2))
    log_in(client, VIEW, "shops.view_shop", shops=(mine.shop,))
    assert client.post(address(mine, "do", "syncjobs.fetch_missing")).status_code == 403
    assert client.post(address(mine.shop, "do", "syncjobs.look_for_gaps")).status_code == 403
    assert client.post(address(foreign, "do", "syncjobs.fetch_missing")).status_code == 404
    assert listed(client) == {mine.pk}
    assert GapReport.objects.count() == 2


def test_a_shops_page_shows_the_newest_report_of_each_of_its_days(client, shop):
    old, new = make_report(shop, state="done", missing_count=7_777), make_report(shop, state="done")
    foreign = make_report(state="done")
    log_in(client, VIEW, "shops.view_shop", shops=(shop,))
    text = client.get(address(shop, "live")).content.decode()
    assert address(new, "change") in text
    assert address(old, "change") not in text
    assert address(foreign, "change") not in text
    client.force_login(make_person("shops.view_shop", shops=(shop,), name="other"))
    assert address(new, "change") not in client.get(address(shop, "live")).content.decode()
