"""A report is compared once, whoever dies on the way: what was counted is not counted again."""

import os
import signal

import pytest
from django.db import connection

from backoffice.common import clock, leases
from backoffice.common.stopping import request_stop, stop_on_signals
from orders.models import Order
from shops.marketplaces.errors import ServerError
from shops.marketplaces.rate_limit import Lane
from syncjobs import reconcile
from syncjobs.models import GapReport
from syncjobs.reconcile import claims, worker
from tests.factories.gaps import make_report
from tests.factories.orders import store_order
from tests.factories.records import make_order
from tests.syncjobs.scripted import ScriptedConnector, page

pytestmark = pytest.mark.django_db


class Marketplace(ScriptedConnector):
    """Answers lists from the script, and ids from `known`."""

    def __init__(self, *script, known=()):
        super().__init__(*script)
        self.known = {record.external_id: record for record in known}
        self.asked_ids = []

    def fetch_by_ids(self, resource, external_ids):
        self.asked_ids.append(list(external_ids))
        return page(*(self.known[one] for one in external_ids if one in self.known))


@pytest.fixture
def work(monkeypatch):
    def run(marketplace):
        monkeypatch.setattr(worker, "open_connection", marketplace.connect)
        count = reconcile.work_on_reports(seconds=60)
        return count, GapReport.objects.get()

    return run


def test_a_missing_order_is_asked_by_id_before_it_is_reported(work):
    make_report()
    there = [make_order(f"{n}", later_by=n) for n in range(3)]
    marketplace = Marketplace(page(*there), known=there[:2])  # the third has gone since
    count, report = work(marketplace)
    assert (count, report.state, report.missing_count) == (1, "done", 2)
    assert marketplace.asked_ids == [["0", "1", "2"]]


def test_ids_are_asked_for_in_calls_of_as_many_as_the_marketplace_takes(work):
    make_report(fetch_missing=True)
    there = [make_order(f"{n}", later_by=n) for n in range(120)]
    marketplace = Marketplace(page(*there), known=there)
    _, report = work(marketplace)
    assert [len(ids) for ids in marketplace.asked_ids] == [50, 50, 20]
    assert (report.missing_count, report.fetched_count, Order.objects.count()) == (120, 120, 120)
    assert len(report.examples["missing"]) == 20


def test_what_arrives_while_the_list_is_read_is_no_gap(work, shop):
    make_report(shop)
    order = make_order("1")

    class Slow(Marketplace):
        def fetch_by_ids(self, resource, external_ids):
            store_order(shop, "1")
            return super().fetch_by_ids(resource, external_ids)

    _, report = work(Slow(page(order), known=[order]))
    assert (report.found_count, report.gap_count) == (1, 0)


def test_an_error_that_may_pass_is_tried_again_and_what_was_counted_is_kept(work, shop):
    report = make_report(shop)
    there = [make_order(f"{n}", later_by=n) for n in range(4)]
    gone = Marketplace(page(*there[:2], next_token="b", total=4), *[ServerError("Internal error.")] * 4, known=there)
    _, report = work(gone)
    assert (report.state, report.attempt_count) == ("due", 1)
    assert "Internal error." in report.error
    assert report.compared_until is None  # one row in doubt is not worth a call of its own yet
    GapReport.objects.update(due_at=clock.now())
    _, report = work(Marketplace(page(*there), known=there))
    assert (report.state, report.found_count, report.missing_count) == ("done", 4, 4)


@pytest.mark.parametrize(("trigger", "lane"), [("beat", Lane.BACKFILL), ("person", Lane.INTERACTIVE)])
def test_calls_use_the_share_of_whoever_asked(monkeypatch, trigger, lane):
    make_report(trigger=trigger)
    opened: list[Lane] = []

    def connect(shop, lane):
        opened.append(lane)
        return Marketplace(page()).connect()

    monkeypatch.setattr(worker, "open_connection", connect)
    reconcile.work_on_reports(seconds=60)
    assert opened == [lane]


def test_a_stop_gives_the_report_back_without_a_try(work):
    make_report()

    def stop():
        request_stop()
        return page(make_order("1"), total=2, next_token="b")

    with stop_on_signals():
        _, report = work(Marketplace(stop))
    assert (report.state, report.attempt_count) == ("due", 0)


def test_who_lost_the_report_writes_nothing(work):
    report = make_report(fetch_missing=True)
    order = make_order("1")

    def lose():
        GapReport.objects.update(lease_owner="another:1:a")
        return page(order)

    work(Marketplace(lose, known=[order]))
    report.refresh_from_db()
    assert (report.state, report.lease_owner, report.found_count) == ("running", "another:1:a", 0)
    assert not Order.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_after_a_kill_another_worker_goes_on_and_counts_nothing_twice(work, monkeypatch):
    report = make_report(fetch_missing=True)
    there = [make_order(f"{n}", later_by=n) for n in range(60)]
    dying = Marketplace(
        page(*there[:55], next_token="b", total=60), lambda: os.kill(os.getpid(), signal.SIGKILL), known=there
    )
    monkeypatch.setattr(worker, "open_connection", dying.connect)
    connection.close()  # a process has its own
    child = os.fork()
    if not child:
        try:
            reconcile.work_on_reports(seconds=60)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    report.refresh_from_db()
    assert (report.state, report.found_count, report.missing_count, report.fetched_count) == ("running", 54, 54, 54)
    assert claims.claim_next_report(leases.new_owner()) is None
    assert reconcile.reap_lost_reports() == 1  # its process is dead, whatever its lease says
    marketplace = Marketplace(page(*there[54:]), known=there)
    _, report = work(marketplace)
    assert (report.state, report.found_count, report.missing_count, report.fetched_count) == ("done", 60, 60, 60)
    assert marketplace.asked[0][0].window.start == there[54].source_updated_at
    assert Order.objects.count() == 60
