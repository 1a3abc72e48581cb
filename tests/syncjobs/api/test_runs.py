"""Runs over the API: how they go, and starting one, once or by key."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from kombu.exceptions import OperationalError

from backoffice.common import clock
from shops.models import Shop
from syncjobs.api import views
from syncjobs.models import Lane, Run, RunEvent
from tests.factories.api import make_caller, make_person
from tests.factories.shops import make_app, make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch):
    """Collect the runs whose workers would be woken."""
    runs: list[int] = []
    monkeypatch.setattr(views, "wake_workers", runs.extend)
    return runs


def start(caller, key="", **body):
    return caller.post("runs/", body, **({"Idempotency-Key": key} if key else {}))


def refused(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer.json()["code"] == code
    return answer.json()


def test_it_starts_a_run_and_wakes_workers_after_the_commit(shop, caller, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = start(caller, shop=shop.pk, kind="incremental")
        assert woken == []
    run = Run.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/runs/{run.pk}/"
    assert woken == [run.pk]
    assert (run.trigger, run.kind, run.shop, run.slot_key) == ("api", "incremental", shop, None)
    shown = answer.json()
    assert (shown["state"], shown["progress"]["chunk_count"], shown["progress"]["percent"]) == ("open", 7, 0)


def test_a_broker_that_is_down_does_not_fail_the_call(shop, caller, monkeypatch, django_capture_on_commit_callbacks):
    def fail(_):
        raise OperationalError("no broker")

    monkeypatch.setattr(views, "wake_workers", fail)
    with django_capture_on_commit_callbacks(execute=True):
        assert start(caller, shop=shop.pk, kind="full").status_code == 201


@pytest.mark.parametrize("body", [
    {"kind": "incremental"}, {"kind": "full"}, {"kind": "window", "hours": 3}, {"kind": "window", "status": "unpaid"},
])  # fmt: skip
def test_an_open_run_that_reads_the_same_is_given_again(shop, caller, woken, django_capture_on_commit_callbacks, body):
    first = start(caller, shop=shop.pk, **body).json()
    with django_capture_on_commit_callbacks(execute=True):
        again = start(caller, shop=shop.pk, **body)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert woken == []


@pytest.mark.parametrize(("body", "depth"), [
    ({"kind": "window", "hours": 3}, timedelta(hours=3)), ({"kind": "window"}, timedelta(hours=24)),
    ({"kind": "full"}, timedelta(days=7)),
])  # fmt: skip
def test_other_kinds_read_the_depth_they_say(shop, caller, body, depth):
    run = Run.objects.get(pk=start(caller, shop=shop.pk, **body).json()["id"])
    assert run.window_end - run.window_start == depth


@pytest.mark.parametrize("resource", ["products", "shipments", "returns", "transactions"])
def test_other_resources_are_read_in_runs_of_their_own(shop, caller, resource):
    body = {"shop": shop.pk, "kind": "window", "hours": 3}
    orders = start(caller, **body).json()
    other = start(caller, **body, resource=resource).json()
    assert (orders["resource"], other["resource"], orders["id"] != other["id"]) == ("orders", resource, True)
    again = start(caller, **body, resource=resource)
    assert (again.status_code, again.json()["id"]) == (200, other["id"])
    assert caller.ids("runs/", resource=resource) == [other["id"]]
    assert caller.ids("runs/", resource=["orders", resource]) == [other["id"], orders["id"]]


@pytest.mark.parametrize("resource", ["products", "transactions"])
def test_a_key_does_not_stand_for_another_resource(shop, caller, resource):
    start(caller, "k1", shop=shop.pk, kind="full")
    refused(start(caller, "k1", shop=shop.pk, kind="full", resource=resource), 409, "key_taken")


def test_what_the_marketplace_does_not_have_is_refused(caller, shop):
    temu = make_shop(app=make_app(marketplace="temu"))
    caller.user.shop_grants.create(shop=temu)
    said = refused(start(caller, shop=temu.pk, kind="full", resource="transactions"), 409, "not_offered")
    assert said["message"] == "Temu has no transactions that could be read."
    assert start(caller, shop=temu.pk, kind="full", resource="returns").status_code == 201


def test_a_status_narrows_what_is_read(shop, caller):
    shown = start(caller, shop=shop.pk, kind="window", status="unpaid").json()
    assert shown["status_filter"] == "unpaid"


def test_other_windows_start_runs_of_their_own(shop, caller):
    bodies: list[dict[str, Any]] = [{"hours": 1}, {"hours": 2}, {"hours": 2, "status": "unpaid"}]
    answers = [start(caller, shop=shop.pk, kind="window", **body) for body in bodies]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert Run.objects.count() == 3


def test_without_a_key_an_ended_run_is_not_given_again(shop, caller):
    start(caller, shop=shop.pk, kind="window")
    Run.objects.update(state="done")
    assert start(caller, shop=shop.pk, kind="window").status_code == 201


def test_a_backfill_is_not_started_here(shop, caller):
    refused(start(caller, shop=shop.pk, kind="backfill"), 400, "invalid")


@pytest.mark.parametrize("kind", ["window", "full", "incremental"])
def test_the_second_call_with_a_key_gives_the_same_run_however_it_ended(shop, caller, kind):
    first = start(caller, "k1", shop=shop.pk, kind=kind)
    Run.objects.update(state="failed")
    again = start(caller, "k1", shop=shop.pk, kind=kind)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert start(caller, "k2", shop=shop.pk, kind=kind).json()["id"] != first.json()["id"]


def test_a_key_gives_its_run_also_when_the_shop_was_paused_since(shop, caller):
    start(caller, "k1", shop=shop.pk, kind="full")
    Shop.objects.update(state="paused")
    assert start(caller, "k1", shop=shop.pk, kind="full").status_code == 200


@pytest.mark.parametrize("other", [
    {"kind": "full"}, {"kind": "window", "hours": 4}, {"kind": "window"}, {"kind": "incremental"},
    {"kind": "window", "hours": 3, "status": "unpaid"},
])  # fmt: skip
def test_a_key_does_not_stand_for_another_request(shop, caller, other):
    start(caller, "k1", shop=shop.pk, kind="window", hours=3)
    refused(start(caller, "k1", shop=shop.pk, **other), 409, "key_taken")
    assert Run.objects.count() == 1


def test_a_key_does_not_stand_for_another_shop(shop):
    other = make_shop()
    caller = make_caller(shop, other)
    start(caller, "k1", shop=shop.pk, kind="full")
    refused(start(caller, "k1", shop=other.pk, kind="full"), 409, "key_taken")


def test_two_people_may_use_the_same_key(shop):
    mine, theirs = make_caller(shop), make_caller(shop)
    first = start(mine, "k1", shop=shop.pk, kind="full").json()["id"]
    Run.objects.update(state="done")
    second = start(theirs, "k1", shop=shop.pk, kind="full").json()["id"]
    assert first != second
    assert start(mine, "k1", shop=shop.pk, kind="full").json()["id"] == first


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 65, "é", "a\tb", "🙂"])
def test_a_key_that_is_none_is_refused(shop, caller, key):
    answer = caller.post("runs/", {"shop": shop.pk, "kind": "full"}, **{"Idempotency-Key": key})
    assert list(refused(answer, 400, "invalid")["fields"]) == ["Idempotency-Key"]


def start_at_once(caller, key, bodies):
    gate, answers = threading.Barrier(len(bodies)), []

    def call(body):
        gate.wait()
        try:
            answers.append(start(caller, key, **body))
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("key", "kind"), [("k1", "window"), ("", "incremental"), ("", "window")])
def test_of_many_calls_at_once_one_starts_the_run(woken, key, kind):
    shop = make_shop()
    answers = start_at_once(make_caller(shop), key, [{"shop": shop.pk, "kind": kind}] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.django_db(transaction=True)
def test_of_other_requests_at_once_with_one_key_one_is_taken(woken):
    shops = [make_shop() for _ in range(4)]
    bodies = [{"shop": shop.pk, "kind": kind} for shop, kind in zip(shops, ["full", "window"] * 2, strict=True)]
    answers = start_at_once(make_caller(*shops), "k1", bodies)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "key_taken"}


@pytest.mark.parametrize(("state", "word"), [
    ("paused", "paused"), ("disconnected", "disconnected"), ("needs_reauthorisation", "re-authorisation"),
])  # fmt: skip
def test_a_shop_that_is_not_synced_is_refused_with_the_reason(shop, caller, state, word):
    Shop.objects.update(state=state, state_reason="Because of this.")
    message = refused(start(caller, shop=shop.pk, kind="full"), 409, "shop_not_syncable")["message"]
    assert word in message
    assert "Because of this." in message
    assert not Run.objects.exists()


def test_a_shop_without_a_credential_is_refused(shop, caller):
    shop.credential.delete()
    refused(start(caller, shop=shop.pk, kind="full"), 409, "shop_not_syncable")


def test_where_everything_is_read_already_nothing_is_started(shop, caller, settings):
    settings.SYNC_END_GUARD_SECONDS = 86_400
    shop.watermarks.create(resource="orders", position_at=shop.created_at, moved_at=shop.created_at)
    refused(start(caller, shop=shop.pk, kind="incremental"), 409, "nothing_new")


@pytest.mark.parametrize(("body", "field"), [
    ({"kind": "full"}, "shop"), ({"shop": None, "kind": "full"}, "shop"), ({"shop": "1", "kind": "full"}, "shop"),
    ({"shop": True, "kind": "full"}, "shop"), ({"shop": 1.5, "kind": "full"}, "shop"),
    ({"shop": 0, "kind": "full"}, "shop"), ({"shop": [1], "kind": "full"}, "shop"),
    ({"shop": 10**30, "kind": "full"}, "shop"), ({"shop": 2**63, "kind": "full"}, "shop"),
    ({"shop": -1, "kind": "full"}, "shop"), ({"kind": None}, "kind"), ({"kind": "no"}, "kind"),
    ({"kind": ["full"]}, "kind"), ({"kind": {}}, "kind"), ({}, "kind"),
    ({"kind": "window", "hours": 0}, "hours"), ({"kind": "window", "hours": 10**9}, "hours"),
    ({"kind": "window", "hours": "3"}, "hours"), ({"kind": "full", "hours": 3}, "hours"),
    ({"kind": "window", "status": "no"}, "status"), ({"kind": "window", "status": "\x00"}, "status"),
    ({"kind": "incremental", "status": "unpaid"}, "status"), ({"kind": "full", "resource": "no"}, "resource"),
    ({"kind": "full", "resource": None}, "resource"), ({"kind": "full", "resource": ["orders"]}, "resource"),
    ({"kind": "window", "resource": "returns", "status": "unpaid"}, "status"),
    ({"kind": "full", "force": True}, "force"),
    ({"kind": "full", "trigger": "beat"}, "trigger"), ({"kind": "full", "<script>": 1}, "<script>"),
])  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused_with_the_reason(shop, caller, body, field):
    answer = caller.post("runs/", body if field == "shop" else {"shop": shop.pk, **body})
    assert field in refused(answer, 400, "invalid")["fields"]
    assert not Run.objects.exists()


def test_a_wrong_kind_is_answered_with_those_there_are(shop, caller):
    fields = refused(start(caller, shop=shop.pk, kind="all"), 400, "invalid")["fields"]
    assert fields == {"kind": ["Not allowed. Allowed: incremental, window, full."]}


def test_a_shop_that_may_not_be_seen_is_as_one_that_is_not_there(shop, caller):
    foreign = make_shop()
    for pk in (foreign.pk, 999_999_999):
        fields = refused(start(caller, shop=pk, kind="full"), 400, "invalid")["fields"]
        assert fields == {"shop": [f"There is no shop {pk} that you may see."]}


def test_a_limited_token_starts_nothing_for_its_persons_other_shops(shop):
    other = make_shop()
    caller = make_caller(shop, other, only=(other,))
    refused(start(caller, shop=shop.pk, kind="full"), 400, "invalid")
    assert start(caller, shop=other.pk, kind="full").status_code == 201


def test_a_token_that_only_reads_starts_nothing(shop):
    caller = make_caller(shop, may_write=False)
    assert "only reads" in refused(start(caller, shop=shop.pk, kind="full"), 403, "permission_denied")["message"]
    assert caller.get("runs/").status_code == 200


def test_a_person_without_the_permission_starts_nothing(shop):
    caller = make_caller(person=make_person(shop, may=("view_run", "view_shop")))
    assert "syncjobs.add_run" in refused(start(caller, shop=shop.pk, kind="full"), 403, "permission_denied")["message"]
    assert not Run.objects.exists()


def test_starting_takes_no_parameters(shop, caller):
    answer = caller.post("runs/?kind=full", {"shop": shop.pk, "kind": "full"})
    refused(answer, 400, "invalid")


def test_a_run_is_shown_with_its_progress_and_what_its_chunks_read_so_far(shop, caller):
    run = make_run(shop=shop)
    make_chunk(run=run, number=1, state="done", fetched_count=7, call_count=2)
    make_chunk(run=run, number=2, error="<b>late</b>")
    shown = caller.get(f"runs/{run.pk}/").json()
    assert shown["progress"].pop("next_due_at")
    assert shown["progress"] == {"chunk_count": 2, "ended_count": 1, "failed_count": 0, "percent": 50}
    assert (shown["fetched_count"], shown["call_count"]) == (7, 2)
    assert [(chunk["number"], chunk["state"], chunk["error"]) for chunk in shown["chunks"]] == [
        (1, "done", ""), (2, "due", "<b>late</b>"),
    ]  # fmt: skip
    assert "lease" not in str(shown)
    listed = caller.get("runs/").json()["results"][0]
    assert listed["progress"].pop("next_due_at")
    assert listed == {name: value for name, value in shown.items() if name not in ("chunks", "events")}


def test_what_waits_in_files_is_read_all_the_same(shop, caller):
    run = make_run(shop=shop, state="buffered")
    make_chunk(run=run, number=1, state="buffered")
    assert caller.get(f"runs/{run.pk}/").json()["progress"]["percent"] == 100


def test_an_ended_run_shows_its_own_counts(shop, caller):
    run = make_run(shop=shop, state="done", reason="Every chunk is stored.", fetched_count=9)
    shown = caller.get(f"runs/{run.pk}/").json()
    assert (shown["fetched_count"], shown["reason"]) == (9, "Every chunk is stored.")
    assert shown["progress"] == {
        "chunk_count": 0,
        "ended_count": 0,
        "failed_count": 0,
        "percent": 0,
        "next_due_at": None,
    }


def test_filters_narrow_the_list(shop, caller):
    done, full = make_run(shop=shop, state="done"), make_run(shop=shop, kind="full")
    assert caller.ids("runs/") == [full.pk, done.pk]
    assert caller.ids("runs/", state="done") == [done.pk]
    assert caller.ids("runs/", kind="full") == [full.pk]
    assert caller.ids("runs/", state=["done", "open"], shop=shop.pk) == [full.pk, done.pk]
    assert caller.get("runs/", state="no").status_code == 400
    assert caller.get("runs/", resource="no").status_code == 400


def test_the_number_of_queries_does_not_depend_on_the_number_of_runs(shop, caller, django_assert_max_num_queries):
    for _ in range(12):
        make_chunk(run=make_run(shop=shop, kind="window"))
    with django_assert_max_num_queries(8):
        assert len(caller.ids("runs/")) == 12


def test_a_run_says_its_lane_where_the_time_went_what_is_next_and_what_happened(shop, caller):
    due_at = clock.now() + timedelta(minutes=5)
    run = make_run(shop=shop, lane=Lane.BACKFILL)
    make_chunk(run=run, due_at=due_at, call_seconds=1.5, store_seconds=0.5, wait_seconds=0.25, received_bytes=77)
    for text in ("first", "second"):
        RunEvent.objects.create(run=run, chunk_number=1, at=clock.now(), level="warning", text=text)
    shown = caller.get(f"runs/{run.pk}/").json()
    assert (shown["lane"], shown["received_bytes"], shown["started_at"]) == ("backfill", 77, None)
    assert (shown["call_seconds"], shown["store_seconds"], shown["wait_seconds"]) == (1.5, 0.5, 0.25)
    assert shown["progress"]["next_due_at"] == due_at.isoformat().replace("+00:00", "Z")
    assert [(event["level"], event["chunk_number"], event["text"]) for event in shown["events"]] == [
        ("warning", 1, "second"), ("warning", 1, "first"),
    ]  # fmt: skip
    assert "events" not in caller.get("runs/").json()["results"][0]
