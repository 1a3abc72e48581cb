"""Returns become cases as they are stored: one each, in step with the marketplace's word, linked to what is here."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction

from aftersales.ingest import ingest_returns
from aftersales.models import Case, CaseLine, CaseLog, SyncedReturn, SyncedReturnLine
from aftersales.services import following
from aftersales.services.asking import Inputs
from aftersales.services.following import follow_returns_without_case, follow_words_known_by_now
from aftersales.services.linking import link_waiting_cases
from aftersales.states import Action, CaseState
from aftersales.tasks import follow_returns
from aftersales.vocabulary import STATES
from backoffice.common import clock
from backoffice.common.deadlocks import repeat_on_deadlock
from backoffice.common.ingest import Origin
from orders.models import Order
from shops.marketplaces import records
from tests.factories.cases import act, make_case, set_policy
from tests.factories.orders import store_order
from tests.factories.races import at_once
from tests.factories.records import UPDATED_AT, make_line
from tests.factories.shops import make_shop
from tests.factories.synced import make_record, store_record

pytestmark = pytest.mark.django_db
REMARK = Inputs(reason="The buyer sent photos.")
SHIPPED = {"raw_status": "BUYER_SHIPPED_ITEM", "status": records.ReturnStatus.APPROVED}
PAID = {"raw_status": "RETURN_OR_REFUND_REQUEST_COMPLETE", "status": records.ReturnStatus.COMPLETED}


def store(shop, number="return-1", **facts):
    return Case.objects.get(synced_return=store_record(shop, "return", number, **facts))


def log_of(case):
    return list(case.log.order_by("pk").values_list("action", "previous_state", "state"))


def versions():
    """What tells every row of cases from any earlier version of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'case', id, xmin::text FROM order_aftersales UNION ALL"
            " SELECT 'line', id, xmin::text FROM order_aftersales_line UNION ALL"
            " SELECT 'log', id, xmin::text FROM order_aftersales_log ORDER BY 1, 2"
        )
        return cursor.fetchall()


def test_a_return_becomes_a_case_with_its_lines_and_the_marketplaces_words(shop):
    case = store(
        shop, reason_code="ecom_order_delivered_refund_and_return_reason_damaged", reason_text="Damaged",
        buyer_message="x" * 900, source_created_at=UPDATED_AT - timedelta(hours=5),
    )  # fmt: skip
    assert (case.number, case.origin, case.type, case.state) == (
        "return-1", "MARKETPLACE", "return_refund", "PENDING_APPROVAL",
    )  # fmt: skip
    assert (case.reason, case.raw_reason_text, len(case.description)) == ("damaged", "Damaged", 500)
    assert (case.requested_amount, case.amount, case.currency) == (Decimal(146667), Decimal(146667), "VND")
    assert case.raw_status == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert case.created_at == UPDATED_AT - timedelta(hours=5)
    line = case.lines.get()
    assert (line.order_line_external_id, line.quantity, line.amount) == ("line-1", 1, Decimal(146667))
    assert not line.holds_line
    assert log_of(case) == [("CREATE", "", "PENDING_APPROVAL")]
    assert case.log.get().operator_kind == "SYNC"


def test_its_countdown_begins_at_the_marketplaces_time_and_its_deadline_stands_beside(shop):
    set_policy(shop, approval_timeout_hours=10)
    case = store(shop)
    assert case.state_entered_at == UPDATED_AT
    assert case.auto_process_time == UPDATED_AT + timedelta(hours=10)
    assert case.marketplace_deadline_at == UPDATED_AT + timedelta(days=2)
    assert case.due_at == case.auto_process_time


def test_a_return_without_a_deadline_has_none(shop):
    assert store(shop, respond_by_at=None).marketplace_deadline_at is None


def test_the_case_moves_with_its_return_and_the_log_tells_both_words(shop):
    store(shop)
    case = store(shop, later_by=60, **SHIPPED)
    assert (case.state, case.state_entered_at) == ("PENDING_RECEIVE", UPDATED_AT + timedelta(seconds=60))
    assert case.auto_process_time == UPDATED_AT + timedelta(seconds=60, hours=72)
    case = store(shop, later_by=120, **PAID)
    assert (case.completed_at, case.marketplace_deadline_at) == (UPDATED_AT + timedelta(seconds=120), None)
    assert log_of(case) == [
        ("CREATE", "", "PENDING_APPROVAL"),
        ("SYSTEM_SYNC", "PENDING_APPROVAL", "PENDING_RECEIVE"),
        ("SYSTEM_SYNC", "PENDING_RECEIVE", "COMPLETED"),
    ]
    assert case.log.order_by("pk")[1].context["raw_status"] == [
        "RETURN_OR_REFUND_REQUEST_PENDING", "BUYER_SHIPPED_ITEM",
    ]  # fmt: skip


def test_a_case_leaves_its_end_if_the_marketplace_says_so(shop):
    store(shop, **PAID)
    case = store(shop, later_by=60)
    assert (case.state, case.completed_at) == ("PENDING_APPROVAL", None)
    assert case.auto_process_time is not None


def test_an_older_reading_that_comes_again_moves_nothing_back(shop):
    store(shop, later_by=60, **SHIPPED)
    before = versions()
    assert store(shop).state == "PENDING_RECEIVE"
    assert versions() == before


def test_the_same_reading_writes_nothing(shop):
    store(shop)
    before = versions()
    store(shop)
    assert versions() == before


def test_a_change_that_no_case_shows_writes_nothing_either(shop):
    store(shop)
    before = versions()
    store(shop, later_by=60, carrier_name="J&T Express")
    assert SyncedReturn.objects.get().carrier_name == "J&T Express"
    assert versions() == before


def test_another_deadline_is_written_without_a_row_in_the_log(shop):
    store(shop)
    case = store(shop, later_by=60, respond_by_at=UPDATED_AT + timedelta(days=3))
    assert case.marketplace_deadline_at == UPDATED_AT + timedelta(days=3)
    assert case.log.count() == 1


def test_an_unknown_word_is_kept_and_gets_no_countdown(shop):
    case = store(shop, raw_status="QUITE_NEW", status=records.ReturnStatus.UNKNOWN, reason_code="new_reason")
    assert (case.state, case.raw_status, case.auto_process_time) == ("UNKNOWN", "QUITE_NEW", None)
    assert (case.reason, case.raw_reason_code) == ("unknown", "new_reason")


def test_an_amount_that_is_not_told_stays_unknown_until_it_is(shop):
    line = records.ReturnLineRecord("line-1", order_line_external_id="line-1")
    case = store(shop, refund_amount=None, lines=(line,))
    assert (case.amount, case.requested_amount, case.lines.get().amount) == (None, None, None)
    case = store(shop, later_by=60)
    assert (case.amount, case.requested_amount, case.is_amount_modified) == (146667, 146667, False)
    case = store(shop, later_by=120, refund_amount=Decimal(100_000))
    assert (case.amount, case.requested_amount, case.is_amount_modified) == (100_000, 146667, True)


def test_a_negative_amount_is_none(shop):
    assert store(shop, refund_amount=Decimal(-5)).amount is None


def test_lines_come_go_and_change_with_the_return(shop):
    one, two, three = (records.ReturnLineRecord(f"line-{number}", quantity=2) for number in (1, 2, 3))
    store(shop, lines=(one, two))
    more = records.ReturnLineRecord("line-2", quantity=3, refund_amount=Decimal(7))
    case = store(shop, later_by=60, lines=(more, three))
    assert list(case.lines.order_by("external_id").values_list("external_id", "quantity", "amount")) == [
        ("line-2", 3, 7), ("line-3", 2, None),
    ]  # fmt: skip


def test_a_case_finds_the_order_that_is_here_with_what_was_paid(shop):
    order = store_order(shop, "order-1", lines=(make_line(1, quantity=3), make_line(2)))
    case = store(shop)
    assert case.order == order
    line = case.lines.get()
    assert (line.order, line.ordered_quantity, line.unit_price) == (order, 3, Decimal(146667))


def test_a_case_finds_an_order_that_comes_later_and_only_of_its_own_shop(shop):
    store_order(make_shop(), "order-1")
    case = store(shop)
    assert (link_waiting_cases(), Case.objects.get().order) == (0, None)
    order = store_order(shop, "order-1")
    assert (link_waiting_cases(), link_waiting_cases()) == (1, 0)
    assert (Case.objects.get().order, case.lines.get().order) == (order, order)
    store(shop, later_by=60, **SHIPPED)
    assert (Case.objects.get().order, case.lines.get().order_line_external_id) == (order, "line-1")


def test_a_line_that_names_only_a_variant_is_the_one_line_that_has_it(shop):
    alike = (make_line(1), make_line(2), make_line(3, sku_external_id="sku-2"))
    store_order(shop, "order-1", lines=alike)
    named, double = (records.ReturnLineRecord(f"r{number}", sku_external_id=f"sku-{number}") for number in (1, 2))
    case = store(shop, lines=(named, double))
    lines = case.lines.order_by("external_id")
    assert [line.order_line_external_id for line in lines] == ["line-1", ""]
    assert [line.order_id for line in lines] == [case.order_id] * 2
    before = versions()
    store(shop, later_by=60, lines=(named, double), carrier_name="J&T Express")
    assert versions() == before


def test_an_order_number_that_comes_with_the_details_is_linked(shop):
    store(shop, order_external_id="")
    order = store_order(shop, "order-1")
    assert store(shop, later_by=60).order == order


def test_a_case_of_the_marketplace_keeps_its_orders_lines_from_nobody_else(shop):
    order = store_order(shop, "order-1")
    store(shop)
    store(shop, "return-2")
    assert Case.objects.filter(order=order, lines__order_line_external_id="line-1").count() == 2


@pytest.mark.parametrize("number", ["return-1", "9" * 64])
def test_a_return_whose_number_a_case_made_here_bears_gets_a_case_with_another_number(shop, number):
    made_here = make_case(shop, number=number)
    case = store(shop, number)
    assert case.number == f"{number[:40]}-R{case.synced_return_id}"
    assert store(shop, number, later_by=60, **SHIPPED).state == "PENDING_RECEIVE"
    assert Case.objects.get(number=number) == made_here


def test_what_cannot_become_a_case_is_stored_all_the_same_and_stops_no_other(shop, caplog, monkeypatch):
    """Here: a case gets a return's number just after it was looked for."""
    made_here = make_case(shop, number="return-2")
    batch = [make_record("return", f"return-{number}") for number in (1, 2, 3)]
    with monkeypatch.context() as before:
        before.setattr(following, "_list_taken", lambda rows: set())
        with transaction.atomic():
            ingest_returns(shop.pk, batch, Origin("poll", clock.now(), None))
    assert SyncedReturn.objects.count() == 3
    assert set(Case.objects.exclude(pk=made_here.pk).values_list("number", flat=True)) == {"return-1", "return-3"}
    assert "return_without_case" in caplog.text
    assert (follow_returns_without_case(), follow_returns_without_case()) == (1, 0)


def test_returns_from_before_there_were_cases_get_theirs(shop, monkeypatch):
    monkeypatch.setattr(following, "RETURNS_AT_ONCE", 2)
    with monkeypatch.context() as before:
        before.setattr("aftersales.ingest.follow_returns", lambda ids: None)
        for number in range(5):
            store_record(shop, "return", f"return-{number}")
    assert Case.objects.count() == 0
    assert (follow_returns_without_case(limit=3), follow_returns_without_case(), follow_returns_without_case()) == (
        3, 2, 0,
    )  # fmt: skip
    assert set(Case.objects.values_list("state", flat=True)) == {"PENDING_APPROVAL"}
    assert CaseLine.objects.count() == SyncedReturnLine.objects.count() == 5


def test_a_persons_remark_stays_beside_what_the_marketplace_says(shop):
    case = store(shop)
    act(case, Action.REMARK, REMARK)
    case = store(shop, later_by=60, **SHIPPED)
    assert [row.action for row in case.log.order_by("pk")] == ["CREATE", "ADD_REMARK", "SYSTEM_SYNC"]
    assert (CaseLog.objects.count(), Order.objects.count()) == (3, 0)


def test_a_word_that_became_known_moves_its_cases(shop, monkeypatch):
    """As after a release: the return itself is stored as it is, and no reading of it brings anything new."""
    store(shop, raw_status="QUITE_NEW", status=records.ReturnStatus.UNKNOWN)
    store(shop, "return-2", raw_status="STILL_NEW", status=records.ReturnStatus.UNKNOWN)
    assert follow_words_known_by_now() == 0
    monkeypatch.setitem(STATES["tiktok"], "QUITE_NEW", CaseState.PENDING_RETURN)
    assert (follow_words_known_by_now(), follow_words_known_by_now()) == (1, 0)
    case = Case.objects.get(number="return-1")
    assert (case.state, case.state_entered_at) == ("PENDING_RETURN", UPDATED_AT)
    assert Case.objects.get(number="return-2").state == "UNKNOWN"


@pytest.mark.django_db(transaction=True)
def test_readings_of_the_same_returns_at_once_make_one_case_each_and_the_last_word_stands():
    shop = make_shop()
    words = ["RETURN_OR_REFUND_REQUEST_PENDING", "AWAITING_BUYER_SHIP", "BUYER_SHIPPED_ITEM", PAID["raw_status"]]
    readings = [
        [make_record("return", f"return-{number}", later_by=later, raw_status=word) for number in range(6)]
        for later, word in enumerate(words)
    ]
    readings[1].reverse()
    readings[3].reverse()

    @transaction.atomic
    def ingest_one(batch):
        ingest_returns(shop.pk, batch, Origin("poll", clock.now(), None))

    at_once(lambda: repeat_on_deadlock(partial(ingest_one, readings.pop())))
    assert list(Case.objects.values_list("state", flat=True)) == ["COMPLETED"] * 6
    assert CaseLine.objects.count() == 6
    for case in Case.objects.all():
        rows = log_of(case)
        assert [row[1] for row in rows[1:]] == [row[2] for row in rows[:-1]]
        assert [row[0] for row in rows].count("CREATE") == 1


@pytest.mark.django_db(transaction=True)
def test_remarks_and_readings_and_backfills_at_once_lose_nothing():
    shop = make_shop()
    case = store(shop)

    @transaction.atomic
    def read_again():
        ingest_returns(
            shop.pk, [make_record("return", "return-1", later_by=60, **SHIPPED)], Origin("poll", clock.now())
        )

    doings: list[Callable[[], object]] = [read_again, partial(act, case, Action.REMARK, REMARK)] * 2
    doings += [follow_words_known_by_now] * 2
    assert len(at_once(lambda: repeat_on_deadlock(doings.pop()), times=6)) == 6
    assert Case.objects.get().state == "PENDING_RECEIVE"
    assert sorted(row[0] for row in log_of(case)) == ["ADD_REMARK", "ADD_REMARK", "CREATE", "SYSTEM_SYNC"]


@pytest.mark.django_db(transaction=True)
def test_two_backfills_at_once_make_each_case_once(monkeypatch):
    shop = make_shop()
    with monkeypatch.context() as before:
        before.setattr("aftersales.ingest.follow_returns", lambda ids: None)
        for number in range(8):
            store_record(shop, "return", f"return-{number}")
    monkeypatch.setattr(following, "RETURNS_AT_ONCE", 3)
    at_once(follow_returns_without_case)
    follow_returns_without_case()  # what one left to the other, which had not locked it any more
    assert Case.objects.count() == CaseLog.objects.count() == 8


def test_the_periodic_task_does_all_that_reading_alone_does_not(shop, monkeypatch):
    store(shop, "return-1")
    with monkeypatch.context() as before:
        before.setattr("aftersales.ingest.follow_returns", lambda ids: None)
        store_record(shop, "return", "return-2")
    store(shop, "return-3", raw_status="QUITE_NEW", order_external_id="elsewhere")
    order = store_order(shop, "order-1")
    monkeypatch.setitem(STATES["tiktok"], "QUITE_NEW", CaseState.PENDING_RETURN)
    assert (follow_returns(), follow_returns()) == (3, 0)
    assert list(Case.objects.order_by("number").values_list("state", "order")) == [
        ("PENDING_APPROVAL", order.pk), ("PENDING_APPROVAL", order.pk), ("PENDING_RETURN", None),
    ]  # fmt: skip


def test_a_return_that_names_another_order_by_now_is_linked_to_that_one(shop):
    store_order(shop, "order-1")
    store(shop)
    other = store_order(shop, "order-2", lines=(make_line(1, quantity=2),))
    case = store(shop, later_by=60, order_external_id="order-2")
    assert (case.order, case.lines.get().order, case.lines.get().ordered_quantity) == (other, other, 2)
