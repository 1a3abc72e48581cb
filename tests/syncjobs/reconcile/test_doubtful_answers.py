"""Lists that hide rows and answers that cannot be read: nothing is reported that is not known, and nothing twice."""

import pytest

from backoffice.common import clock
from shops.marketplaces.records import UnreadableRecord
from syncjobs import reconcile
from syncjobs.models import GapReport
from syncjobs.reconcile import worker
from tests.factories.gaps import make_report
from tests.factories.orders import store_order
from tests.factories.records import make_order
from tests.syncjobs.reconcile.test_worker import Marketplace
from tests.syncjobs.scripted import page

pytestmark = pytest.mark.django_db
UNREADABLE = UnreadableRecord({}, "no id")


class Mumbling(Marketplace):
    """Answers ids with one more record that cannot be read, so many times."""

    def __init__(self, *script, known=(), times=99):
        super().__init__(*script, known=known)
        self.times = times

    def fetch_by_ids(self, resource, external_ids):
        answer = super().fetch_by_ids(resource, external_ids)
        self.times -= 1
        return page(*answer.records, UNREADABLE) if self.times >= 0 else answer


def work(monkeypatch, marketplace):
    monkeypatch.setattr(worker, "open_connection", marketplace.connect)
    reconcile.work_on_reports(seconds=60)
    assert marketplace.script == []
    return GapReport.objects.get()


def counts(report):
    return report.found_count, report.missing_count, report.stale_count, report.extra_count


def test_an_order_that_is_there_and_not_on_its_list_makes_the_list_unbelievable(monkeypatch, shop):
    """An error that is answered as an empty list reports nothing as fine."""
    store_order(shop, "1")
    make_report(shop)
    report = work(monkeypatch, Marketplace(*[page()] * 3, known=[make_order("1")]))
    assert (report.state, report.attempt_count, counts(report)) == ("due", 1, (0, 0, 0, 0))
    assert "does not show 1 rows that it knows by id" in report.error


def test_a_row_that_the_list_showed_unreadably_hides_nothing(monkeypatch, shop):
    store_order(shop, "1")
    make_report(shop)
    report = work(monkeypatch, Marketplace(page(UNREADABLE), known=[make_order("1")]))
    assert (report.state, counts(report)) == ("done", (1, 0, 0, 0))


THERE = [make_order(f"{n}", later_by=n) for n in range(64)]
SHORT = (page(*THERE[:60], next_token="b", total=64), page(*THERE[61:], total=64))


@pytest.mark.parametrize("fetch", [True, False])
def test_gaps_of_a_reading_that_is_repeated_are_counted_once(monkeypatch, shop, fetch):
    make_report(shop, fetch_missing=fetch)
    report = work(monkeypatch, Marketplace(*SHORT, page(*THERE), known=THERE))
    assert (report.state, counts(report)) == ("done", (64, 64, 0, 0))
    assert report.fetched_count == (64 if fetch else 0)


@pytest.mark.parametrize("fetch", [True, False])
def test_after_a_try_that_could_not_be_believed_the_next_one_begins_anew(monkeypatch, shop, fetch):
    make_report(shop, fetch_missing=fetch)
    alien = store_order(shop, "999", source_updated_at=THERE[3].source_updated_at)
    report = work(monkeypatch, Marketplace(*SHORT * 3, known=THERE))
    assert (report.state, report.found_count, report.extra_count, report.compared_until) == ("due", 0, 0, None)
    assert "showed 63" in report.error
    GapReport.objects.update(due_at=clock.now())
    report = work(monkeypatch, Marketplace(page(*THERE), known=THERE))
    assert (report.state, report.error, counts(report)) == ("done", "", (64, 64, 0, 1))
    assert report.examples["extra"] == [alien.external_id]


def test_an_answer_about_ids_that_cannot_be_read_is_asked_for_again(monkeypatch, shop):
    store_order(shop, "1")
    make_report(shop)
    report = work(monkeypatch, Mumbling(page(), times=2))
    assert (report.state, counts(report)) == ("done", (0, 0, 0, 1))


def test_an_order_that_may_be_the_unreadable_one_is_not_called_extra(monkeypatch, shop):
    store_order(shop, "1")
    make_report(shop)
    marketplace = Mumbling(page())
    report = work(monkeypatch, marketplace)
    assert (report.state, counts(report), len(marketplace.asked_ids)) == ("done", (0, 0, 0, 0), 3)


def test_an_order_on_the_list_whose_answer_cannot_be_read_is_missing_all_the_same(monkeypatch, shop):
    make_report(shop, fetch_missing=True)
    report = work(monkeypatch, Mumbling(page(make_order("1"))))
    assert (report.state, counts(report), report.fetched_count) == ("done", (1, 1, 0, 0), 0)
