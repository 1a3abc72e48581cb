"""What the roof adds to apps: the calls that the schedule needs a day, against the quota."""

import pytest
from django.urls import reverse

from backoffice.periodic_tasks import ENTRIES, install
from tests.factories.shops import make_app, make_shop

pytestmark = pytest.mark.django_db
APPS = reverse("admin:shops_marketplaceapp_changelist")
INCREMENTAL = [entry for entry in ENTRIES if entry.name == "orders: incremental"]  # 144 turns a day


@pytest.fixture
def schedule():
    install(tuple(INCREMENTAL))


def read(client, app):
    page = client.get(reverse("admin:shops_marketplaceapp_change", args=[app.pk])).content.decode()
    return " ".join(page.split()), client.get(APPS).content.decode()


@pytest.mark.parametrize(("quota", "tone", "words"), [
    (1_000, "", "one for each shop and window."),
    (180, "warning", "Little is left for shops with many orders"),
    (144, "danger", "it takes 1.1 times as long as planned from one incremental sync to the next"),
])  # fmt: skip
def test_an_app_shows_what_its_schedule_needs_and_warns_before_the_quota_runs_out(
    admin_client, schedule, quota, tone, words
):
    app = make_app(calls_per_day=quota)
    make_shop(app=app)
    page, listed = read(admin_client, app)
    allowed = quota * 90 // 100
    assert f'tone-{tone} number">144 of {allowed}<' in page
    assert words in page
    assert f'tone-{tone} number">144 of {allowed} calls<' in listed


def test_an_app_without_a_limit_shows_what_is_needed(admin_client, schedule):
    app = make_app()
    make_shop(app=app)
    page, listed = read(admin_client, app)
    assert "needs 144 calls a day or more; the app has no limit" in page
    assert "144 calls, no limit" in listed


def test_an_app_that_the_schedule_does_not_read_says_so(admin_client, schedule):
    app = make_app(calls_per_day=10)
    make_shop(app=app, state="paused")
    page, listed = read(admin_client, app)
    assert "The schedule reads no shop of this app." in page
    assert "144" not in listed
