"""The command failed: what it lists, retries and discards, and its exit codes."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError as BrokerError

from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.models import Order
from shops.marketplaces.records import UnreadableRecord
from syncjobs.intake import store_batch
from syncjobs.management.commands import failed
from syncjobs.models import ChunkState, FailedRecord, Run, RunState
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run
from tests.shops.marketplaces import payloads

pytestmark = pytest.mark.django_db
CAUSE = "line_items[…].price is missing."


def readable(number):
    order = payloads.load("tiktok/order_detail_vn_202309")["data"]["orders"][0]
    return order | {"id": f"58400000000000000{number}"}


def keep(shop, payload, error="line_items[0].price is missing."):
    origin = Origin("poll", clock.now())
    store_batch("orders", shop.pk, [], [UnreadableRecord(payload, error)], origin)
    return FailedRecord.objects.latest("pk")


def fail_run(shop, error):
    run = make_run(shop=shop, kind="window", state=RunState.FAILED, finished_at=clock.now())
    make_chunk(run=run, state=ChunkState.FAILED, error=error)
    return run


def call(*arguments):
    out, err = StringIO(), StringIO()
    call_command("failed", *arguments, stdout=out, stderr=err)
    return out.getvalue()


def states():
    return list(FailedRecord.objects.order_by("pk").values_list("state", flat=True))


def test_the_list_shows_both_kinds_by_cause_with_brackets_as_they_are(shop):
    keep(shop, {"n": 1})
    keep(shop, {"n": 2}, "line_items[7].price is missing.")
    fail_run(shop, "Busy (code 5)")
    text = call("list")
    for part in (CAUSE, "Busy (code 5)", "Records that are not stored", "Windows that were not read"):
        assert part in text, part
    shown = json.loads(call("list", "--json"))
    assert [(group["cause"], group["count"], group["shops"]) for group in shown["records"]] == [(CAUSE, 2, 1)]
    assert [group["cause"] for group in shown["chunks"]] == ["Busy (code 5)"]


def test_an_empty_list_says_so_and_is_no_failure():
    assert "Records that are not stored: none." in call("list")


def test_a_narrowed_list_shows_the_records_too(shop):
    record = keep(shop, {"n": 1})
    keep(make_shop(), {"n": 2}, "other")
    [example] = json.loads(call("list", "--json", "--shop", str(shop.pk)))["examples"]
    assert example == {"id": record.pk, "shop": shop.pk, "error": record.error}
    text = call("list", "--cause", CAUSE)
    assert (str(record.pk) in text, "other" in text) == (True, False)


def test_a_retry_stores_what_can_be_stored(shop):
    keep(shop, readable(1))
    keep(shop, readable(2))
    assert "2 retried, 0 could not be. Open: 0 records." in call("retry", "--all")
    assert f"Open of {shop.name}: 0 records." in call("retry", "--shop", str(shop.pk))
    assert (states(), Order.objects.count()) == (["fixed", "fixed"], 2)
    assert FailedRecord.objects.earliest("pk").ended_by == "the command failed"


def test_what_still_cannot_be_stored_ends_with_a_reason_and_exit_code_1(shop):
    keep(shop, readable(1))
    keep(shop, {"n": 2})
    with pytest.raises(CommandError, match="1 of 2 could not be done") as error:
        call("retry", "--cause", CAUSE)
    assert error.value.returncode == 1
    assert states() == ["fixed", "open"]


@pytest.mark.parametrize("narrow", ["shop", "cause", "id"])
def test_only_what_was_named_is_touched(shop, narrow):
    wanted, other = keep(shop, {"n": 1}), keep(make_shop(), {"n": 2}, "other")
    value = {"shop": shop.pk, "cause": CAUSE, "id": wanted.pk}[narrow]
    call("discard", f"--{narrow}", str(value))
    wanted.refresh_from_db()
    other.refresh_from_db()
    assert (wanted.state, other.state) == ("discarded", "open")


def test_several_ids_may_be_named_and_unknown_ones_are_an_error(shop):
    first, second = keep(shop, {"n": 1}), keep(shop, {"n": 2})
    assert json.loads(call("discard", "--id", str(first.pk), "--id", str(second.pk), "--json"))["done"] == 2
    with pytest.raises(CommandError, match="None of these is open"):
        call("discard", "--id", str(first.pk))


@pytest.mark.parametrize(("arguments", "refusal"), [
    (("retry",), "Say what to retry"), (("discard",), "Say what to discard"),
    (("discard", "--runs", "--all"), "Runs are not discarded"), (("list", "--shop", "999999"), "999999"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(shop, arguments, refusal):
    keep(shop, {"n": 1})
    with pytest.raises(CommandError, match=refusal):
        call(*arguments)
    assert states() == ["open"]


def test_failed_runs_of_a_cause_are_retried_and_workers_woken(shop, monkeypatch):
    woken = []
    monkeypatch.setattr(failed, "wake_workers", lambda: woken.append(True))
    busy, other = fail_run(shop, "Busy (code 5, request a)"), fail_run(shop, "other")
    call("retry", "--runs", "--cause", "Busy (code 5, request …)")
    assert Run.objects.get(pk=busy.pk).state == RunState.OPEN
    assert Run.objects.get(pk=other.pk).state == RunState.FAILED
    assert woken == [True]


def test_what_was_retried_is_said_also_where_workers_cannot_be_woken(shop, monkeypatch):
    def refuse():
        raise BrokerError("refused")

    monkeypatch.setattr(failed, "wake_workers", refuse)
    run = fail_run(shop, "Busy (code 5)")
    out = StringIO()
    with pytest.raises(CommandError, match="does not answer"):
        call_command("failed", "retry", "--runs", "--all", stdout=out)
    assert "1 retried, 0 could not be." in out.getvalue()
    assert Run.objects.get(pk=run.pk).state == RunState.OPEN
