"""Each filter of a list of cases, and in which order such a list is read; and what an export of it holds."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict

from aftersales.models import Case
from aftersales.queries.case_export import EXPORTER
from aftersales.queries.case_filters import CaseFilterSet, order_of_list
from aftersales.states import CaseState, CaseType
from backoffice.common import clock
from tests.factories.cases import make_case
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def narrow(keep):
    return lambda address: set(keep(CaseFilterSet, Case, address).values_list("number", flat=True))


def test_cases_are_told_apart_by_each_word(shop, narrow):
    review = make_case(shop, reason="fake").number
    done = make_case(shop, CaseType.REFUND_ONLY, CaseState.COMPLETED).number
    order = Case.objects.get(number=done).order_external_id
    for address, found in {
        "type=refund_only": {done}, "type=refund_only&type=return_refund": {review, done}, "reason=fake": {review},
        "state=COMPLETED": {done}, "stage=audit": {review}, "stage=complete&stage=audit": {review, done},
        "stage=audit&state=COMPLETED": set(), "origin=MARKETPLACE": set(), "origin=INTERNAL": {review, done},
        f"number={review}": {review}, f"order_external_id={order}": {done}, "marketplace=lazada": set(),
        "audited_from=2026-01-01": {done}, "completed_to=2026-01-01": set(), "created_to=2026-01-01": set(),
        "updated_since=2026-01-01": {review, done},
    }.items():  # fmt: skip
        assert narrow(address) == found, address


@pytest.mark.parametrize(("hours", "choice"), [(-1, "overdue"), (1, "due_24h"), (23, "due_24h"), (25, "on_time")])
def test_open_cases_are_told_apart_by_the_earlier_of_both_deadlines(shop, narrow, hours, choice):
    case = make_case(shop)
    rejected = make_case(shop, state=CaseState.REJECTED)
    at = clock.now() + timedelta(hours=hours)
    Case.objects.filter(pk__in=[case.pk, rejected.pk]).update(marketplace_deadline_at=at)
    for one in ("overdue", "due_24h", "on_time"):
        assert narrow(f"due={one}") == ({case.number} if one == choice else set())


def test_a_list_is_read_in_the_order_of_what_it_is_narrowed_by():
    assert order_of_list({"due": "overdue", "state": "X"}) == ("due_at", "id")
    assert order_of_list({"audited_to": "2026-01-01"}) == ("-audited_at", "-id")
    assert order_of_list({"completed_from": "2026-01-01"}) == ("-completed_at", "-id")
    assert order_of_list({"state": "COMPLETED"}) == ("-created_at", "-id")


def test_what_makes_no_sense_is_refused(person):
    address = QueryDict("type=no&state=no&stage=no&reason=no&origin=no&due=no&created_from=no")
    assert set(CaseFilterSet(address, Case.objects.all(), viewer=person).errors) == {
        "type", "state", "stage", "reason", "origin", "due", "created_from",
    }  # fmt: skip


def test_a_foreign_shop_can_neither_be_chosen_nor_is_it_shown(person, narrow):
    foreign = make_shop()
    case = make_case(foreign)
    assert narrow("") == narrow(f"q={case.number}") == narrow(f"q={case.order_external_id}") == set()
    assert "shop" in CaseFilterSet(QueryDict(f"shop={foreign.pk}"), Case.objects.all(), viewer=person).errors


def test_every_filter_has_a_name_for_people():
    assert set(CaseFilterSet.base_filters) <= set(CaseFilterSet.labels)


def test_an_export_holds_what_the_list_shows_in_one_query(shop, person, django_assert_num_queries):
    case = make_case(shop, quantity=1, amount=Decimal(100_000))
    make_case(make_shop())
    rows = EXPORTER.select(person, QueryDict("state=PENDING_APPROVAL"))
    with django_assert_num_queries(1):
        (row,) = [{name: column.read(one) for name, column in EXPORTER.columns.items()} for one in rows]
    assert (row["number"], row["state"], row["skus"], row["quantity"]) == (
        case.number,
        "Awaiting review",
        "AT-DEN-M",
        1,
    )
    assert (row["amount"], row["shop"]) == (100_000, shop.name)
