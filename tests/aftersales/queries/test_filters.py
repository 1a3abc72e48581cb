"""Each filter of a list of returns, and in which order such a list is read."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from aftersales.models import SyncedReturn
from aftersales.queries import list_order_returns
from aftersales.queries.filters import ReturnFilterSet, order_of_list
from backoffice.common import clock
from shops.marketplaces.records import Custody, MoneyState, ReturnKind, ReturnLineRecord, ReturnStatus
from tests.factories.records import UPDATED_AT
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db
NOW = UPDATED_AT + timedelta(hours=2)


@pytest.fixture
def narrow(keep):
    return lambda address: sorted(keep(ReturnFilterSet, SyncedReturn, address).values_list("external_id", flat=True))


def test_returns_are_told_apart_by_request_money_and_goods(shop, narrow):
    store_record(shop, "return", "r100", order_external_id="o-100")
    store_record(
        shop, "return", "r200", kind=ReturnKind.CANCEL, status=ReturnStatus.COMPLETED, order_external_id="o-200",
        money_state=MoneyState.REFUNDED, custody=Custody.NOT_SENT, later_by=60, problems=("kind: no",),
    )  # fmt: skip
    store_record(shop, "return", "odd", status=ReturnStatus.UNKNOWN, raw_status="BEAMED")
    for address, found in {
        "kind=cancel": ["r200"], "status=requested&status=completed": ["r100", "r200"],
        "money_state=refunded": ["r200"], "custody=not_sent": ["r200"],
        "order_external_id=o-100": ["r100"], "q=r10": ["r100"],
        "q=o-200": ["r200"],
        "unknown=BEAMED": ["odd"], "is_valid=false": ["r200"], "external_id=r100": ["r100"],
        "changed_from=2026-08-01T08:00:01Z": ["r200"], "marketplace=tiktok": ["odd", "r100", "r200"],
    }.items():  # fmt: skip
        assert narrow(address) == found, address


@pytest.mark.parametrize(("hours", "choice"), [(-1, "overdue"), (0, "due_24h"), (23, "due_24h"), (24, "on_time")])
def test_requests_are_told_apart_by_the_time_that_is_left_to_answer(shop, narrow, monkeypatch, hours, choice):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    store_record(shop, "return", "asked", respond_by_at=NOW + timedelta(hours=hours))
    store_record(shop, "return", "answered", status=ReturnStatus.APPROVED, respond_by_at=NOW + timedelta(hours=hours))
    store_record(shop, "return", "no-limit", respond_by_at=None)
    for one in ("overdue", "due_24h", "on_time"):
        assert narrow(f"answer_by={one}") == (["asked"] if one == choice else [])


def test_a_list_of_requests_to_answer_is_read_the_most_urgent_first():
    assert order_of_list({"answer_by": "overdue"}) == ("respond_by_at", "-id")
    assert order_of_list({"status": "requested"}) == ("-source_updated_at", "-id")


def test_what_makes_no_sense_is_refused(person):
    address = QueryDict("kind=no&status=no&money_state=no&custody=no&answer_by=no")
    assert set(ReturnFilterSet(address, SyncedReturn.objects.all(), viewer=person).errors) == {
        "kind", "status", "money_state", "custody", "answer_by",
    }  # fmt: skip


def test_a_foreign_shop_can_neither_be_chosen_nor_is_it_shown(shop, person, narrow):
    foreign = make_shop()
    store_record(foreign, "return", "foreign")
    assert narrow("") == narrow("q=foreign") == []
    assert "shop" in ReturnFilterSet(QueryDict(f"shop={foreign.pk}"), SyncedReturn.objects.all(), viewer=person).errors


def test_every_filter_has_a_name_for_people():
    assert set(ReturnFilterSet.base_filters) <= set(ReturnFilterSet.labels)


def test_an_orders_returns_are_read_with_their_lines_in_two_queries(shop, django_assert_num_queries):
    other = make_shop()
    store_record(other, "return", "of-another-shop", order_external_id="o-100")
    store_record(shop, "return", "of-another-order", order_external_id="o-200")
    store_record(shop, "return", "later", order_external_id="o-100", source_created_at=UPDATED_AT)
    lines = (ReturnLineRecord("1", quantity=1), ReturnLineRecord("2", quantity=2))
    before = UPDATED_AT - timedelta(days=1)
    store_record(shop, "return", "first", order_external_id="o-100", source_created_at=before, lines=lines)
    with django_assert_num_queries(2):
        found = [(row.external_id, len(row.lines.all())) for row in list_order_returns(shop, "o-100")]
    assert found == [("first", 2), ("later", 1)]


def test_what_names_no_order_is_no_orders_return(shop):
    store_record(shop, "return", "alone", order_external_id="")
    assert list_order_returns(shop, "") == []
