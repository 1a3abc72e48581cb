"""The command `reconcile`: what it compares, what it says, and with which exit code."""

import json
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backoffice.common import clock
from backoffice.common.stopping import request_stop
from orders.models import Order
from syncjobs import reconcile
from syncjobs.models import GapReport
from tests.factories.gaps import make_report
from tests.factories.sandboxes import ORDERS
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(stored_shop):
    return stored_shop


def run(*arguments):
    out, errors = StringIO(), StringIO()
    try:
        call_command("reconcile", *map(str, arguments), stdout=out, stderr=errors)
    except CommandError as error:
        return out.getvalue(), f"{errors.getvalue()}{error}", error.returncode
    return out.getvalue(), errors.getvalue(), 0


def whole_span(shop):
    today = clock.now().astimezone(ZoneInfo(shop.timezone)).date()
    return "--shop", shop.pk, "--from", today - timedelta(days=9), "--to", today


def test_days_without_gaps_are_shown_and_end_with_0(shop):
    out, errors, code = run(*whole_span(shop))
    assert (code, errors) == (0, "")
    assert out.count("Done") == GapReport.objects.count() == 10
    assert sum(GapReport.objects.values_list("found_count", flat=True)) == ORDERS // 2
    today = clock.now().astimezone(ZoneInfo(shop.timezone)).date()
    assert f"{today}" in out and f"{today - timedelta(days=9)}" in out


def test_gaps_that_remain_end_with_1_and_stay_as_they_are(shop):
    lost = Order.objects.order_by("pk")[0]
    Order.objects.filter(pk=lost.pk).delete()
    _, errors, code = run(*whole_span(shop))
    assert (code, errors) == (1, "Gaps remain: 1 orders differ.")
    assert not Order.objects.filter(external_id=lost.external_id).exists()


def test_fetching_heals_them_and_ends_with_0(shop, sandbox):
    Order.objects.filter(pk__in=Order.objects.order_by("pk").values_list("pk")[:9]).delete()
    out, _, code = run(*whole_span(shop), "--fetch-missing", "--json")
    reports = json.loads(out)
    assert code == 0
    assert sum(report["missing"] for report in reports) == sum(report["fetched"] for report in reports) == 9
    assert {report["remaining"] for report in reports} == {0}
    assert sandbox.compare(shop).is_equal


def test_json_is_all_that_is_printed_and_has_a_report_for_each_day(shop):
    out, _, _ = run("--shop", shop.pk, "--json")
    reports = json.loads(out)
    yesterday = clock.now().astimezone(ZoneInfo(shop.timezone)).date() - timedelta(days=1)
    assert [report["day"] for report in reports] == [f"{yesterday - timedelta(days=n)}" for n in range(6, -1, -1)]
    assert {(report["shop"], report["state"]) for report in reports} == {(shop.pk, "done")}
    assert set(reports[0]) > {"found", "missing", "stale", "extra", "examples", "from", "to"}


def test_without_a_shop_all_on_the_schedule_are_compared(shop):
    make_shop(state="paused")
    run()
    assert GapReport.objects.values("shop").distinct().count() == 2


def test_a_day_that_cannot_be_compared_ends_with_1_and_says_why(shop, sandbox, settings):
    settings.SYNC_MAX_ATTEMPTS = 1
    settings.MAX_REQUEST_RETRIES = 0
    sandbox.fault("server_error", times=1)
    _, errors, code = run("--shop", shop.pk)
    assert (code, errors.count("Internal error.")) == (1, 1)
    assert errors.endswith("1 of 7 days could not be compared.")


def test_a_day_that_a_dead_worker_left_is_taken_over(shop):
    report_id = reconcile.plan_gap_reports(
        [shop], reconcile.choose_recent_days(1), trigger="command", fetch_missing=False
    )[0]
    past = clock.now() - timedelta(seconds=1)
    held = {"state": "running", "lease_owner": "gone:1:a", "lease_expires_at": past, "attempt_count": 1}
    GapReport.objects.filter(pk=report_id).update(**held)
    assert run("--shop", shop.pk)[2] == 0
    assert GapReport.objects.get(pk=report_id).state == "done"


def test_ctrl_c_leaves_the_rest_to_the_next_worker(shop, monkeypatch):
    def stop(**_):
        request_stop()
        return 1

    monkeypatch.setattr(reconcile, "work_on_reports", stop)
    _, errors, code = run("--shop", shop.pk)
    assert code == 130
    assert "go on with the next worker" in errors
    assert set(GapReport.objects.values_list("state", flat=True)) == {"due"}


@pytest.mark.parametrize(("arguments", "sentence"), [
    (("--from", "2026-08-02", "--to", "2026-08-01"), "--from 2026-08-02 lies after --to 2026-08-01."),
    (("--from", "2024-01-01", "--to", "2026-08-01"), "days are too many at once"),
    (("--from", "2999-01-01", "--to", "2999-01-02"), "These days have not begun"),
    (("--from", "9999-12-31", "--to", "9999-12-31"), "These days have not begun"),
    (("--from", "0001-01-01", "--to", "0001-01-02"), "nothing to compare from before 2010"),
    (("--to", "0001-01-02"), "nothing to compare from before 2010"),
    (("--shop", "77777"), "There is no shop '77777'"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(arguments, sentence):
    make_shop()
    _, errors, code = run(*arguments)
    assert code == 1
    assert sentence in errors
    assert not GapReport.objects.exists()


def test_a_paused_shop_is_refused():
    shop = make_shop(state="paused")
    make_report()
    assert "is paused" in run("--shop", shop.pk)[1]
