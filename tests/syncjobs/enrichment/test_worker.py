"""From due tasks to stored packages: every order ends with its own, whatever the marketplace answers."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from orders.models import Order, Package, Shipment
from shops.connections import Postponed
from shops.marketplaces import errors
from shops.marketplaces.contract import Capability
from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import OrderStatus, Resource, Stub, UnreadableRecord
from shops.models import Shop
from syncjobs.enrichment import asking, queue, worker
from syncjobs.enrichment.worker import EnrichmentWorker
from syncjobs.intake import LISTED_ONLY
from syncjobs.models import EnrichmentPriority, EnrichmentTask, FailedRecord
from syncjobs.streams import get_stream
from tests.factories.records import UPDATED_AT, make_line
from tests.factories.shops import make_shop
from tests.factories.synced import store_record
from tests.syncjobs.enrichment.packages import PackageConnector, make_package, make_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(monkeypatch):
    """Work on everything that is due with these answers; return the connector."""

    def act(answers=(), **how):
        connector = PackageConnector(dict(answers))
        monkeypatch.setattr(worker, "open_connection", connector.connect)
        EnrichmentWorker().work(**how)
        return connector

    return act


def later(monkeypatch, **span):
    at = clock.now() + timedelta(**span)
    monkeypatch.setattr(clock, "now", lambda: at)


def states(shop):
    return dict(shop.enrichment_tasks.values_list("parent_order_sn", "status"))


def numbers_of(order_number):
    parcels = Shipment.objects.filter(order_external_ids__contains=[order_number]).order_by("external_id")
    return [parcel.external_id for parcel in parcels]


def test_each_order_ends_with_its_own_packages(shop, work):
    make_tasks(shop, *(str(number) for number in range(12)))
    answers = {str(number): [make_package(f"p{number}", str(number))] for number in range(12)}
    connector = work(answers)
    assert [len(asked) for asked in connector.asked] == [5, 5, 2]  # full calls
    assert set(states(shop).values()) == {"completed"}
    assert all(numbers_of(str(number)) == [f"p{number}"] for number in range(12))
    task = EnrichmentTask.objects.get(parent_order_sn="3")
    assert (task.package_sns, task.package_sn, task.looks, task.lease_owner) == (["p3"], "p3", 1, "")
    assert task.finished_at is not None
    parcel = Shipment.objects.get(external_id="p3")
    assert (parcel.carrier_name, parcel.tracking_number) == ("J&T Express", "JTp3")
    assert parcel.payloads.get().source == "enrichment"


def test_several_packages_each_with_its_lines(shop, work):
    make_tasks(shop, "1")
    work({"1": [make_package("p1", "1", lines=["line-1"]), make_package("p2", "1", lines=["line-2"])]})
    assert states(shop) == {"1": "completed"}
    lines = {parcel.external_id: [part["line"] for part in parcel.contents] for parcel in Shipment.objects.all()}
    assert lines == {"p1": ["line-1"], "p2": ["line-2"]}


def test_an_order_with_a_hundred_packages(shop, work):
    make_tasks(shop, "1", lines=tuple(make_line(number) for number in range(100)))
    work({"1": [make_package(f"p{number}", "1", lines=[f"line-{number}"]) for number in range(100)]})
    assert states(shop) == {"1": "completed"}
    assert len(numbers_of("1")) == 100


def test_a_package_without_lines_is_the_orders_all_the_same(shop, work):
    make_tasks(shop, "1")
    work({"1": [make_package("p1", "1", lines=[])]})
    assert (states(shop), numbers_of("1")) == ({"1": "completed"}, ["p1"])


def test_a_package_of_several_orders_serves_all_that_were_asked_for(shop, work):
    make_tasks(shop, "1", "2")
    work({"1": [make_package("p1", "1", "2", "not here")]})
    assert states(shop) == {"1": "completed", "2": "completed"}


def test_no_order_gets_another_ones_number(shop, work):
    make_tasks(shop, "1", "2")
    work({"1": [make_package("p9", "9")], "2": [make_package("p2", "2")]})
    assert states(shop) == {"1": "pending", "2": "completed"}
    assert Shipment.objects.get().external_id == "p2"
    assert FailedRecord.objects.get().error == "Package p9 names 9, which was not asked for."


def test_no_number_yet_is_looked_at_again_until_there_is_one(shop, work, monkeypatch):
    (task,) = make_tasks(shop, "1")
    work()
    task.refresh_from_db()
    assert (task.status, task.looks, task.retry_count, task.finished_at) == ("pending", 1, 0, None)
    assert task.error_message == "The marketplace gives no package number yet."
    assert work({"1": [make_package("p1", "1")]}).asked == []  # its time has not come
    later(monkeypatch, minutes=7)
    work()
    later(monkeypatch, minutes=14)
    work({"1": [make_package("p1", "1")]})
    task.refresh_from_db()
    assert (task.status, task.looks, task.error_message) == ("completed", 3, "")


def test_a_wish_that_was_answered_with_no_number_yet_is_looked_at_like_any_other(shop, work):
    make_tasks(shop, "1")
    EnrichmentTask.objects.update(priority=EnrichmentPriority.PERSON)
    work({"1": Postponed(90, "Held back.")})
    assert EnrichmentTask.objects.get().priority == EnrichmentPriority.PERSON
    EnrichmentTask.objects.update(next_try_at=clock.now())
    work()
    assert EnrichmentTask.objects.get().priority == EnrichmentPriority.USUAL


def test_what_the_sync_brought_meanwhile_costs_no_call(shop, work):
    make_tasks(shop, "1", "2", "3")
    store_record(shop, "shipment", "p1", order_external_ids=("1",), contents=())
    Package.objects.create(order=Order.objects.get(external_id="2"), external_id="p2")
    store_record(make_shop(), "shipment", "p3", order_external_ids=("3",))
    assert work().asked == [["3"]]
    assert states(shop) == {"1": "completed", "2": "completed", "3": "pending"}


def test_only_enrichments_columns_are_written(shop, work):
    make_tasks(shop, "1")
    before = Order.objects.values().get()
    work({"1": [make_package("p1", "1")]})
    assert Order.objects.values().get() == before


def test_what_a_list_told_of_a_parcel_stays_and_what_it_tells_later_is_still_asked_for(shop, work):
    make_tasks(shop, "1")
    store_record(
        shop, "shipment", "p1", order_external_ids=("1",), contents=({"order": "1", "line": "line-1", "quantity": 1},),
        delivered_at=UPDATED_AT,
    )  # fmt: skip
    told = {"source_updated_at": UPDATED_AT + timedelta(days=1)}
    work({"1": [make_package(f"p{n}", "1", lines=[f"line-{n}"], **told) for n in (1, 2)]})
    assert states(shop) == {"1": "completed"}
    known, new = Shipment.objects.order_by("external_id")
    assert (known.delivered_at, known.events.count(), known.payloads.count()) == (UPDATED_AT, 1, 1)
    stubs = [Stub("p2", "tracking", {}, told["source_updated_at"])]
    assert get_stream("shipments").list_known(shop.pk, stubs) == set()
    store_record(shop, "shipment", "p2", order_external_ids=("1",))
    new.refresh_from_db()
    assert (new.source_updated_at, new.events.count()) == (UPDATED_AT, 1)


def test_a_refused_order_says_why_and_the_others_of_its_call_are_answered(shop, work, monkeypatch):
    make_tasks(shop, "1", "2", "3")
    answers = {
        "1": [make_package("p1", "1")],
        "2": errors.RecordRefused("No such order."),
        "3": [make_package("p3", "3")],
    }
    for retries in range(1, 6):
        work(answers)
        task = EnrichmentTask.objects.get(parent_order_sn="2")
        assert (task.retry_count, task.status) == (retries, "failed" if retries == 5 else "pending")
        assert "No such order." in task.error_message
        later(monkeypatch, hours=1)
    assert states(shop) == {"1": "completed", "2": "failed", "3": "completed"}
    assert task.cause
    assert not FailedRecord.objects.exists()  # the task says it


def test_one_refused_of_fifty_is_found_by_a_dozen_calls(shop, work, monkeypatch):
    details = {"order": 50}
    capability = Capability(page_size=100, details=details, may_be_empty=frozenset(details))
    monkeypatch.setattr(PackageConnector, "capabilities", {Resource.SHIPMENTS: capability})
    numbers = [str(number) for number in range(50)]
    make_tasks(shop, *numbers)
    answers = {number: [make_package(f"p{number}", number)] for number in numbers}
    connector = work(answers | {"17": errors.RecordRefused("No such order.")})
    assert len(connector.asked) <= 13
    assert [number for number, status in states(shop).items() if status != "completed"] == ["17"]


def test_an_error_of_the_call_leaves_what_was_answered_and_lets_the_shop_rest(shop, work):
    make_tasks(shop, *"123456789")
    answers = {number: [make_package(f"p{number}", number)] for number in "12345"} | {
        "7": errors.ServerError("HTTP 500")
    }
    connector = work(answers)
    assert [state for _, state in sorted(states(shop).items())] == ["completed"] * 5 + ["pending"] * 4
    assert (
        EnrichmentTask.objects.filter(status="pending", retry_count=1, error_message__contains="HTTP 500").count() == 4
    )
    assert connector.asked[0] == list("12345")


def test_a_dead_authorisation_takes_the_shop_off_the_schedule_and_is_no_orders_error(shop, work):
    make_tasks(shop, "1")
    work({"1": errors.AuthorisationEnded("Token revoked.")})
    assert Shop.objects.get().state == "needs_reauthorisation"
    task = EnrichmentTask.objects.get()
    assert (task.status, task.retry_count) == ("pending", 0)
    assert "Token revoked." in task.error_message


def test_a_limit_is_no_error(shop, work):
    make_tasks(shop, "1")
    work({"1": Postponed(90, "The app's calls of this hour are used up.")})
    task = EnrichmentTask.objects.get()
    assert (task.status, task.retry_count, task.error_message) == (
        "pending", 0, "The app's calls of this hour are used up."
    )  # fmt: skip
    assert task.next_try_at > clock.now() + timedelta(seconds=80)


@pytest.mark.parametrize("change", [{"state": "paused"}, {"is_enriched": False}, {"marketplace": "elsewhere"}])
def test_tasks_of_a_shop_that_is_paused_or_switched_off_wait(shop, work, change):
    make_tasks(shop, "1")
    Shop.objects.update(**change)
    assert work().asked == []
    assert states(shop) == {"1": "pending"}


def test_what_a_person_waits_for_goes_first_then_what_is_about_to_be_due(work, settings):
    settings.ENRICHMENT_BATCH_SIZE = 1
    shops = [make_shop() for _ in range(3)]
    tasks = [make_tasks(shop, str(number))[0] for number, shop in enumerate(shops)]
    EnrichmentTask.objects.filter(pk=tasks[1].pk).update(deadline_at=clock.now() + timedelta(hours=3))
    EnrichmentTask.objects.filter(pk=tasks[2].pk).update(priority=EnrichmentPriority.PERSON)
    assert queue.raise_priorities() == 1
    connector = work()
    assert connector.asked == [["2"], ["1"], ["0"]]
    assert connector.lanes == [Lane.INTERACTIVE, Lane.HIGH, Lane.BACKFILL]


def test_a_batch_is_of_one_shop(work):
    for name in ("one", "two"):
        make_tasks(make_shop(name=name), "1", "2", "3")
    assert [len(asked) for asked in work().asked] == [3, 3]


def test_it_stops_after_so_many_tasks(shop, work, settings):
    settings.ENRICHMENT_BATCH_SIZE = 2
    make_tasks(shop, *"12345")
    assert len(work(most_tasks=3).asked) == 2


def test_a_task_that_was_cancelled_while_it_was_asked_for_stays_cancelled(shop, work, monkeypatch):
    make_tasks(shop, "1", "2")

    def cancel_meanwhile(connection, tasks):
        EnrichmentTask.objects.filter(parent_order_sn="1").update(
            status="cancelled", lease_owner="", lease_expires_at=None
        )
        return asking.ask_for_packages(connection, tasks)

    monkeypatch.setattr(worker, "ask_for_packages", cancel_meanwhile)
    work({"1": [make_package("p1", "1")], "2": [make_package("p2", "2")]})
    assert states(shop) == {"1": "cancelled", "2": "completed"}


def test_a_final_order_without_number_needs_a_person(shop, work):
    make_tasks(shop, "1", status=OrderStatus.COMPLETED)
    work()
    assert states(shop) == {"1": "failed"}


def test_a_broken_payload_is_kept_and_its_orders_task_says_why(shop, work):
    make_tasks(shop, "1")
    broken = UnreadableRecord({"packageSn": None}, "packageSn is missing.", "1")
    answers = asking.Answers()
    answers.take_unreadable(broken, {"1": None})
    answers.take_unreadable(UnreadableRecord({LISTED_ONLY: {"asked_order": "2"}}, "Refused."), {"2": None})
    assert answers.refused == {"1": "packageSn is missing.", "2": "Refused."}
    assert answers.unreadable == [broken]


def test_an_answer_that_cannot_be_stored_for_a_reason_nobody_foresaw_is_an_error_of_its_tasks(shop, work, monkeypatch):
    make_tasks(shop, "1", "2")

    def fail(*_):
        raise RuntimeError("A mistake of ours.")

    monkeypatch.setattr(worker, "store_batch", fail)
    work({"1": [make_package("p1", "1")]})
    rows = EnrichmentTask.objects.values_list("status", "retry_count", "error_message", "lease_owner")
    assert set(rows) == {("pending", 1, "A mistake of ours.", "")}


def test_a_shop_that_was_held_back_goes_on_to_the_point(shop, monkeypatch):
    make_tasks(shop, "1")
    connector = PackageConnector({"1": Postponed(7.4, "Held back.")})
    monkeypatch.setattr(worker, "open_connection", connector.connect)
    began_at, passed = clock.now(), [0.0]
    waits: list[float] = []

    def wait(seconds: float) -> list[int]:
        waits.append(round(seconds, 1))
        passed[0] += seconds
        connector.answers["1"] = [make_package("p1", "1")]
        return []

    monkeypatch.setattr(clock, "now", lambda: began_at + timedelta(seconds=passed[0]))
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: passed[0])
    monkeypatch.setattr(clock, "sleep", wait)
    monkeypatch.setattr(queue, "wait_for_hint", lambda owner, seconds: wait(seconds))
    EnrichmentWorker().work(waits=True, most_tasks=2)
    assert waits == [4, 3, 0.4]
    assert states(shop) == {"1": "completed"}
