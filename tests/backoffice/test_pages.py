"""What every page needs: its style sheets without a collectstatic step, one zone, and a way in."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.urls import reverse

from backoffice.common.admin import CappedPaginator, count_column, display, show_json, show_span
from backoffice.common.counting import COUNT_LIMIT
from orders.models import Order
from syncjobs.models import Run
from tests.factories.sync import make_run


@pytest.fixture
def chief(client, db):
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("path", ["backoffice/admin.css", "backoffice/icon.svg", "unfold/css/styles.css"])
def test_static_files_are_served(client, path):
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 200
    assert finders.find(path)


def test_the_root_leads_to_the_admin_and_the_login_to_its_home(client, django_user_model, db):
    django_user_model.objects.create_superuser("chief", password="only for this test")
    assert client.get("/").url == reverse("admin:index")
    sent = {"username": "chief", "password": "only for this test"}
    assert client.post(reverse("admin:login"), sent).url == reverse("admin:index")


@pytest.mark.parametrize(
    ("zone", "shown"), [("Asia/Ho_Chi_Minh", "2026-08-02 05:30 +07"), ("Europe/London", "2026-08-01 23:30 BST")]
)
def test_times_are_shown_in_the_operators_zone(client, settings, db, zone, shown):
    settings.OPERATOR_TIME_ZONE = zone  # read when the first page is asked for
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    run = make_run(created_at=datetime(2026, 8, 1, 22, 30, tzinfo=UTC))
    answer = client.get(reverse("admin:syncjobs_run_change", args=[run.pk]))
    assert shown in answer.content.decode()


def test_a_span_within_a_day_names_the_day_once():
    start = datetime(2026, 8, 1, 10, tzinfo=UTC)
    assert "2026-08-01 10:00:00 – 10:05:09 UTC" in show_span(start, start.replace(minute=5, second=9))
    assert "2026-08-01 10:00:00 – 2026-08-02 10:00:00 UTC" in show_span(start, start.replace(day=2))


@pytest.mark.parametrize(("rows", "shown"), [(0, "0"), (1_234, "1,234"), (10_000, "10,000"), (10_001, "10,000+")])
def test_a_count_that_was_cut_short_does_not_look_exact(rows, shown):
    assert CappedPaginator(range(min(rows, COUNT_LIMIT + 1)), 50).shown_count == shown


@pytest.mark.django_db
def test_counting_stops_at_the_limit(monkeypatch, django_assert_num_queries):
    for module in ("counting", "admin.paging"):
        monkeypatch.setattr(f"backoffice.common.{module}.COUNT_LIMIT", 2)
    for _ in range(4):
        make_run(kind="window")

    with django_assert_num_queries(1):
        paginator = CappedPaginator(Run.objects.order_by("-id"), 50)
        assert (paginator.count, paginator.shown_count) == (3, "2+")


def test_a_payload_is_shown_escaped():
    assert "&lt;script&gt;" in show_json({"note": "<script>alert(1)</script>"})


def test_a_badge_has_the_colour_of_its_key_and_an_escaped_text():
    class Page:
        @display(description="State", label={"failed": "danger"})
        def show_state(self, row):
            return "failed", "<b>Failed</b>"

    badge = Page().show_state(Order())
    assert "bg-red-100" in badge
    assert "&lt;b&gt;Failed&lt;/b&gt;" in badge


def test_a_column_is_computed_once_a_row():
    asked = []

    class Page:
        @display(description="Slow")
        def show_slow(self, row):
            asked.append(row)
            return str(len(asked))

    row = Order()
    assert [Page().show_slow(row), Page().show_slow(row), Page().show_slow(Order())] == ["1", "1", "2"]


def test_numbers_have_thousands_apart():
    run = Run(fetched_count=1234567)
    assert "1,234,567" in count_column("fetched_count", "Read")(run)
