"""The page of failures by cause, and the list of failed records it leads to."""

from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils.html import escape

from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.models import Order
from shops.marketplaces.records import UnreadableRecord
from syncjobs.admin import failures
from syncjobs.intake import store_batch
from syncjobs.models import ChunkState, FailedRecord, Run, RunState
from tests.factories.enrichment import make_task
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run
from tests.shops.marketplaces import payloads

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:syncjobs_failedrecord_failures")
ACT = reverse("admin:syncjobs_failedrecord_act_on_group")
RECORDS = reverse("admin:syncjobs_failedrecord_changelist")
CAUSE = "id is … instead of an id."
TASKS = reverse("admin:syncjobs_enrichmenttask_changelist")
VIEW_TASK, CHANGE_TASK = "syncjobs.view_enrichmenttask", "syncjobs.change_enrichmenttask"
VIEW, CHANGE, DELETE = (f"syncjobs.{verb}_failedrecord" for verb in ("view", "change", "delete"))


def readable(number):
    order = payloads.load("tiktok/order_detail_vn_202309")["data"]["orders"][0]
    return order | {"id": f"58400000000000000{number}"}


def keep(shop, *payloads, error="id is 'x' instead of an id."):
    store_batch(
        "orders", shop.pk, [], [UnreadableRecord(payload, error) for payload in payloads], Origin("poll", clock.now())
    )


def fail_run(shop, error="Busy (code 5, request a)"):
    run = make_run(shop=shop, kind="window", state=RunState.FAILED, finished_at=clock.now())
    make_chunk(run=run, state=ChunkState.FAILED, error=error)
    return run


def log_in(client, *permissions, shops, name="person"):
    client.force_login(make_person(*permissions, shops=shops, name=name))


def act(client, key, cause=CAUSE):
    return client.post(ACT, {"key": f"syncjobs.{key}", "resource": "orders", "cause": cause}, follow=True)


def states():
    return sorted(FailedRecord.objects.values_list("state", flat=True))


def test_it_shows_groups_of_records_and_of_chunks_with_what_may_be_done(admin_client, shop):
    keep(shop, {"n": 1}, {"n": 2})
    run = fail_run(shop)
    page = admin_client.get(PAGE).content.decode()
    for part in (CAUSE, "Busy (code 5, request …)", "Retry all", "Discard all", f"/syncjobs/run/{run.pk}/"):
        assert part in page, part


def test_without_failures_it_says_so(admin_client):
    assert admin_client.get(PAGE).content.decode().count("Nothing waits for you here") == 3


def test_html_of_a_marketplace_is_shown_and_not_run(admin_client, shop):
    keep(shop, {"n": 1}, error="<script>no</script>")
    assert "&lt;script&gt;no" in admin_client.get(PAGE).content.decode()


def test_what_belongs_to_foreign_shops_is_neither_shown_nor_touched(client, shop):
    foreign = make_shop()
    keep(foreign, readable(1))
    fail_run(foreign)
    keep(shop, {"n": 1}, error="other")
    log_in(client, VIEW, CHANGE, DELETE, "syncjobs.view_run", "syncjobs.change_run", shops=(shop,))
    page = client.get(PAGE).content.decode()
    assert (CAUSE in page, "Busy" in page, "other" in page) == (False, False, True)
    for key, cause in (("retry_record", CAUSE), ("discard_record", CAUSE), ("retry_run", "Busy (code 5, request …)")):
        assert "None of these rows is there any more" in act(client, key, cause).content.decode()
    assert (states(), Order.objects.count()) == (["open", "open"], 0)
    assert Run.objects.get().state == RunState.FAILED


def test_who_may_only_look_has_no_buttons_and_is_refused(client, shop):
    keep(shop, {"n": 1})
    log_in(client, VIEW, shops=(shop,))
    page = client.get(PAGE).content.decode()
    assert (CAUSE in page, '<button class="list-button' in page, "Windows that were not read" in page) == (
        True,
        False,
        False,
    )
    for key in ("retry_record", "discard_record", "retry_run"):
        assert act(client, key).status_code == 403
    log_in(client, shops=(shop,), name="blind")
    assert client.get(PAGE).status_code == 403


@pytest.mark.parametrize("key", ["retry_run_of_others", "", "sync_now"])
def test_nothing_else_can_be_done_to_a_group(admin_client, key):
    assert act(admin_client, key).status_code == 404


def test_a_group_is_retried_and_each_record_has_its_result(client, shop):
    keep(shop, readable(1), readable(2), {"still": "no id"})
    keep(shop, readable(3), error="another cause")
    log_in(client, VIEW, CHANGE, shops=(shop,))
    page = act(client, "retry_record").content.decode()
    assert "Stored as order 584000000000000001." in page
    assert "It still cannot be stored: id is missing." in page
    assert states() == ["fixed", "fixed", "open", "open"]
    assert set(FailedRecord.objects.filter(state="fixed").values_list("ended_by", flat=True)) == {"person"}
    assert set(LogEntry.objects.values_list("change_message", flat=True)) == {
        "Stored as order 584000000000000001.", "Stored as order 584000000000000002.",
    }  # fmt: skip


def test_a_group_is_discarded_by_who_may_delete(client, shop):
    keep(shop, {"n": 1}, {"n": 2})
    log_in(client, VIEW, DELETE, shops=(shop,))
    act(client, "discard_record")
    assert states() == ["discarded", "discarded"]


def test_of_a_very_large_group_a_batch_is_taken(admin_client, shop, monkeypatch):
    monkeypatch.setattr(failures, "BATCH_MAX_ROWS", 2)
    keep(shop, *({"n": number} for number in range(3)))
    act(admin_client, "discard_record")
    assert states() == ["discarded", "discarded", "open"]


def test_the_runs_of_a_group_of_chunks_are_retried(client, shop):
    runs = [fail_run(shop, f"Busy (code 5, request {letter})") for letter in "ab"]
    other = fail_run(shop, "other")
    log_in(client, "syncjobs.view_run", "syncjobs.change_run", shops=(shop,))
    act(client, "retry_run", "Busy (code 5, request …)")
    assert set(Run.objects.filter(state=RunState.OPEN)) == set(runs)
    assert Run.objects.get(pk=other.pk).state == RunState.FAILED


def fail_task(shop, cause="The order … is not there.", **facts):
    return make_task(shop, status="failed", cause=cause, finished_at=clock.now(), **facts)


def test_it_shows_why_package_numbers_were_not_found(client, shop):
    fail_task(shop)
    fail_task(shop)
    fail_task(make_shop(), cause="of another shop")
    log_in(client, VIEW_TASK, CHANGE_TASK, shops=(shop,))
    page = client.get(PAGE).content.decode()
    query = urlencode({"status": "failed", "cause": "The order … is not there."})
    for part in ("The order … is not there.", "Retry all", "Cancel all", f"{TASKS}?{escape(query)}"):
        assert part in page, part
    assert "another shop" not in page
    assert len(client.get(f"{TASKS}?{query}").context["cl"].result_list) == 2


def test_a_group_of_package_numbers_is_retried(client, shop):
    group = [fail_task(shop), fail_task(shop)]
    others = [fail_task(shop, cause="another"), fail_task(make_shop()), make_task(shop, cause=group[0].cause)]
    log_in(client, VIEW_TASK, CHANGE_TASK, shops=(shop,))
    act(client, "retry_enrichment", group[0].cause)
    for task, status in zip((*group, *others), ("pending", "pending", "failed", "failed", "pending"), strict=True):
        task.refresh_from_db()
        assert task.status == status
    assert {task.priority for task in group} == {0}
    act(client, "cancel_enrichment", "another")
    others[0].refresh_from_db()
    assert others[0].status == "cancelled"


def listed(client, **query):
    return [record.payload for record in client.get(RECORDS, query).context["cl"].result_list]


def test_the_list_is_narrowed_to_a_group_a_state_or_an_order(admin_client, shop):
    keep(shop, {"n": 1})
    keep(shop, {"n": 2}, error="other")
    FailedRecord.objects.filter(error="other").update(state="fixed", external_id="584")
    assert listed(admin_client, cause=CAUSE, state="open", resource="orders") == [{"n": 1}]
    assert listed(admin_client, state="fixed") == [{"n": 2}]
    assert listed(admin_client, external_id="584") == [{"n": 2}]
    assert len(listed(admin_client)) == 2


def test_an_ended_record_offers_nothing_and_says_who_ended_it(admin_client, shop):
    keep(shop, {"n": 1})
    record = FailedRecord.objects.get()
    address = reverse("admin:syncjobs_failedrecord_change", args=[record.pk])
    assert len(admin_client.get(address).context["row_buttons"]) == 2
    FailedRecord.objects.update(state="fixed", ended_at=clock.now(), ended_by="Sync, run 7")
    answer = admin_client.get(address)
    assert answer.context["row_buttons"] == []
    assert "Sync, run 7" in answer.content.decode()
