"""Cases that a marketplace decides on: read again first, reported once, and approved only where the shop wants that."""

from datetime import timedelta

import pytest
from django.db import connection

from aftersales import remote
from aftersales.models import Case
from aftersales.services.asking import NotAllowed
from aftersales.states import Action, OperatorKind
from aftersales.timeouts import sweep, sweeping
from backoffice.common import clock
from backoffice.common.locks import try_advisory_lock
from shops.marketplaces.records import Custody
from tests.factories.cases import make_case, make_due, set_policy
from tests.factories.races import at_once
from tests.factories.shops import make_app, make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
TIKTOK = {"raw_status": "RETURN_OR_REFUND_REQUEST_PENDING"}
PAST = timedelta(hours=3)


@pytest.fixture
def marketplace(monkeypatch):
    """Stands for the marketplaces: what was read and asked for, and what they say to it."""

    class Marketplace:
        reads: list[int] = []
        asked: list[tuple[int, Action, OperatorKind]] = []
        failed: dict[int, str] = {}
        says = staticmethod(lambda case_id: None)
        answers = staticmethod(lambda case_id: None)

        def read_again(self, ids):
            assert not connection.in_atomic_block or connection.savepoint_ids == []
            self.reads += ids
            for case_id in ids:
                self.says(case_id)
            return remote.Reread(set(ids) - set(self.failed), {pk: self.failed[pk] for pk in ids if pk in self.failed})

        def act(self, case_id, action, operator, inputs):
            self.asked.append((case_id, action, operator.kind))
            self.answers(case_id)

    stand_in = Marketplace()
    stand_in.reads, stand_in.asked, stand_in.failed = [], [], {}
    monkeypatch.setattr(remote, "read_again", stand_in.read_again)
    monkeypatch.setattr(remote, "act", stand_in.act)
    return stand_in


def make_synced_case(shop, number="r1", **facts):
    """A case that a marketplace decides on and whose deadline there has passed."""
    told = {**TIKTOK, "respond_by_at": clock.now() - PAST, "later_by": 10, **facts}
    return Case.objects.get(synced_return=store_record(shop, "return", number, **told))


def actions_of(case):
    return list(case.log.order_by("pk").values_list("action", flat=True))[1:]


def test_one_that_is_still_due_is_reported_once(shop, marketplace):
    case = make_synced_case(shop)
    run = sweep()
    assert (run.alerted_count, run.examined_count) == (1, 1)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.state, stored.timed_out_at is not None) == ("PENDING_APPROVAL", True)
    assert actions_of(case) == ["TIMEOUT_PROCESS"]
    assert sweep().examined_count == 0
    assert (marketplace.reads, marketplace.asked) == ([case.pk], [])


def test_one_that_the_marketplace_has_moved_on_is_left_alone(shop, marketplace):
    case = make_synced_case(shop)
    marketplace.says = lambda pk: store_record(
        shop, "return", "r1", raw_status="RETURN_OR_REFUND_REQUEST_CANCEL", later_by=20
    )
    run = sweep()
    assert (run.skipped_count, run.alerted_count) == (1, 0)
    assert "TIMEOUT_PROCESS" not in actions_of(case)


def test_one_that_cannot_be_read_is_put_off_and_harms_no_other(shop, marketplace):
    bad, good = make_synced_case(shop, "r1"), make_synced_case(shop, "r2")
    marketplace.failed = {bad.pk: "The token has ended."}
    run = sweep()
    assert (run.failed_count, run.alerted_count) == (1, 1)
    stored = Case.objects.get(pk=bad.pk)
    assert (stored.sweep_error, stored.sweep_failed_count, stored.timed_out_at) == ("The token has ended.", 1, None)
    assert actions_of(good) == ["TIMEOUT_PROCESS"]
    assert sweep().examined_count == 0


def test_a_shop_may_let_it_be_approved_by_a_call(shop, marketplace):
    set_policy(shop, marketplace_timeout_action="approve", calls_marketplace=True)
    case = make_synced_case(shop)
    run = sweep()
    assert run.approved_count == 1
    assert marketplace.asked == [(case.pk, Action.APPROVE, OperatorKind.SYSTEM)]
    assert sweep().examined_count == 0  # although its state does not follow at once
    assert len(marketplace.asked) == 1


def test_without_calls_being_allowed_nothing_is_approved(shop, marketplace):
    set_policy(shop, marketplace_timeout_action="approve", calls_marketplace=False)
    make_synced_case(shop)
    assert sweep().alerted_count == 1
    assert marketplace.asked == []


def test_an_approval_that_is_refused_is_tried_again_later(shop, marketplace):
    set_policy(shop, marketplace_timeout_action="approve", calls_marketplace=True)
    case = make_synced_case(shop)

    def refuse(case_id):
        raise NotAllowed("The marketplace did not take it.")

    marketplace.answers = refuse
    assert sweep().failed_count == 1
    assert Case.objects.get(pk=case.pk).sweep_error == "The marketplace did not take it."
    assert sweep().examined_count == 0


def test_at_shopee_nothing_is_due_before_the_goods_are_there(marketplace):
    shop = make_shop(app=make_app(marketplace="shopee"))
    case = make_synced_case(shop, raw_status="PROCESSING", custody=Custody.ON_THE_WAY)
    assert case.state == "PENDING_RECEIVE"
    run = sweep()
    assert (run.skipped_count, run.alerted_count) == (1, 0)
    stored = Case.objects.get(pk=case.pk)
    assert stored.sweep_not_before is not None
    assert (stored.sweep_error, actions_of(case)) == ("", [])
    Case.objects.update(sweep_not_before=None)
    marketplace.says = lambda pk: store_record(
        shop, "return", "r1", raw_status="PROCESSING", custody=Custody.SELLER, respond_by_at=clock.now() - PAST,
        later_by=20,
    )  # fmt: skip
    assert sweep().alerted_count == 1


def test_marketplaces_are_asked_about_few_cases_at_a_time(shop, marketplace, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 2)
    for number in range(3):
        make_synced_case(shop, f"r{number}")
    sizes: list[int] = []
    sweep(batch_size=100, on_batch=lambda batch: sizes.append(len(batch)))
    assert sizes == [2, 1]


def test_a_buyers_time_that_ran_out_is_reported_too(shop, marketplace):
    make_synced_case(shop, raw_status="AWAITING_BUYER_SHIP")
    assert sweep().alerted_count == 1


def test_cases_that_are_decided_here_do_not_wait_for_marketplaces(shop, marketplace):
    make_synced_case(shop)
    make_due(make_case(shop))
    kinds: list[str] = []
    sweep(on_batch=lambda batch: kinds.extend(one.case.origin for one in batch))
    assert kinds == ["INTERNAL", "MARKETPLACE"]


@pytest.mark.django_db(transaction=True)
def test_one_sweep_at_a_time_asks_marketplaces(marketplace):
    case = make_synced_case(make_shop())
    with try_advisory_lock("aftersales sweep", "marketplace cases"):
        (run,) = at_once(sweep, times=1)
    assert (run.examined_count, marketplace.reads) == (0, [])
    assert "Another sweep is running" in run.message
    assert sweep().examined_count == 1
    assert marketplace.reads == [case.pk]
