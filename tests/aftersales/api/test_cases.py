"""Cases over the API: what is shown of them, how a list is narrowed and followed, and making them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aftersales.deadlines import find_ruling
from aftersales.models import Carrier, Case
from aftersales.states import Action, CaseState, CaseType
from tests.factories.api import ALL, make_caller, make_person
from tests.factories.cases import act, make_carrier, make_case, make_due
from tests.factories.claims import make_claimable, tell_case
from tests.factories.records import make_line

pytestmark = pytest.mark.django_db
CASES = "aftersales/"


def ask(caller, order, *lines, key="", **changes):
    body = {"order": order.pk, "type": "return_refund", "reason": "quality_issue", **changes}
    body["lines"] = list(lines) or [{"order_line_external_id": "line-1"}]
    return caller.post(CASES, body, **({"Idempotency-Key": key} if key else {}))


def test_a_case_is_shown_with_lines_records_and_both_tracks(shop, caller):
    case = make_case(shop, state=CaseState.PENDING_REFUND, amount=Decimal("100.5"), currency="USD")
    shown = caller.get(f"{CASES}{case.pk}/").json()
    assert (shown["state"], shown["stage"], shown["type"]) == ("PENDING_REFUND", "refund", "return_refund")
    assert (shown["amount"], shown["requested_amount"]) == ("100.50", "100.50")
    assert (shown["money_state"], shown["goods_state"]) == ("PENDING", "RECEIVED")
    assert [refund["amount"] for refund in shown["refunds"]] == ["100.50"]
    assert [parcel["carrier"] for parcel in shown["return_parcels"]] == ["jt"]
    assert [line["order_line_external_id"] for line in shown["lines"]] == ["line-1"]
    assert (shown["due_at"], shown["ruling_deadline"]) == (None, None)


def test_it_says_which_of_the_two_deadlines_rules(shop, caller):
    case = make_case(shop)
    assert caller.get(f"{CASES}{case.pk}/").json()["ruling_deadline"] == "ours"
    assert case.auto_process_time is not None
    Case.objects.update(marketplace_deadline_at=case.auto_process_time - timedelta(hours=1))
    shown = caller.get(f"{CASES}{case.pk}/").json()
    assert (shown["ruling_deadline"], shown["due_at"]) == ("marketplace", shown["marketplace_deadline_at"])


@pytest.mark.parametrize(("parameters", "found"), [
    ({}, {"a", "b", "c"}), ({"state": ["PENDING_RETURN", "REJECTED"]}, {"b", "c"}), ({"stage": "return"}, {"b"}),
    ({"type": "exchange"}, {"b"}), ({"reason": "dont_want"}, {"c"}), ({"due": "overdue"}, {"b"}),
    ({"due": "on_time"}, {"a"}), ({"number": "a"}, {"a"}), ({"order_external_id": "order-a"}, {"a"}),
    ({"audited_from": "2020-01-01"}, {"b", "c"}), ({"created_to": "2020-01-01"}, set()),
    ({"updated_since": "2020-01-01T00:00:00Z", "origin": "INTERNAL"}, {"a", "b", "c"}),
])  # fmt: skip
def test_a_list_is_narrowed(shop, caller, parameters, found):
    make_case(shop, number="a", order_external_id="order-a")
    make_due(make_case(shop, CaseType.EXCHANGE, CaseState.PENDING_RETURN, number="b"))
    make_case(shop, state=CaseState.REJECTED, number="c", reason="dont_want")
    answer = caller.get(CASES, **parameters)
    assert {row["number"] for row in answer.json()["results"]} == found, answer.content


def test_who_follows_the_list_sees_what_changed_last_at_its_end(shop, caller):
    first, second = make_case(shop), make_case(shop)
    assert caller.ids(CASES) == [first.pk, second.pk]
    act(first, Action.APPROVE)
    page = caller.get(CASES, page_size=1).json()
    assert [row["id"] for row in page["results"]] == [second.pk]
    assert caller.ids(page["next"]) == [first.pk]


def test_more_cases_cost_no_more_queries(shop, caller):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert caller.get(CASES).status_code == 200
        return len(queries)

    make_case(shop)
    count()  # the first call notes that the token was used
    before = count()
    for _ in range(3):
        make_case(shop)
    assert count() == before


def test_the_log_is_read_as_a_story(shop, caller):
    case = make_case(shop, state=CaseState.REJECTED)
    page = caller.get(f"{CASES}{case.pk}/log/", page_size=1).json()
    assert [(row["action"], row["previous_state"]) for row in page["results"]] == [("CREATE", "")]
    (row,) = caller.get(page["next"]).json()["results"]
    assert (row["action"], row["previous_state"], row["state"]) == ("REJECT", "PENDING_APPROVAL", "REJECTED")
    assert (row["operator_name"], row["context"]["action"]) == ("staff", "reject")


def test_carriers_are_listed_as_they_are_offered(caller):
    make_carrier("slow", position=200)
    make_carrier("gone", position=5, is_active=False)
    make_carrier("fast", position=10)
    assert [row["code"] for row in caller.get(f"{CASES}carriers/").json()["results"]] == ["gone", "fast", "slow"]
    active = caller.get(f"{CASES}carriers/", is_active="true").json()["results"]
    assert len(active) == Carrier.objects.filter(is_active=True).count() == 2


def test_a_preview_shows_what_is_left(shop, caller):
    order = make_claimable(shop)
    act(Case.objects.get(pk=ask(caller, order).json()["created"][0]["id"]), Action.APPROVE)
    by_number = {"shop": shop.pk, "order_external_id": order.external_id}
    shown = caller.get(f"{CASES}preview/", **by_number).json()
    assert shown == caller.get(f"{CASES}preview/", order=order.pk).json()
    (line,) = shown["lines"]
    assert (line["paid_amount"], line["refundable_amounts"]) == ("100.00", ["33.33", "66.67"])
    assert (line["claimed_quantity"], line["left_quantity"]) == (1, 2)
    assert "open" in line["types"]["refund_only"]


@pytest.mark.parametrize("written", ["+{}", " {} ", "{}.0", "0_{}", "\uff10{}"])
def test_an_id_in_an_address_is_digits_only(shop, caller, written):
    order = make_claimable(shop)
    assert caller.get(f"{CASES}preview/", order=order.pk).status_code == 200
    answer = caller.get(f"{CASES}preview/", order=written.format(order.pk))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["order"])


@pytest.mark.parametrize("parameters", [{}, {"shop": 1}, {"order": 1, "shop": 1}, {"order": "x"}, {"order": 10**30}])
def test_a_preview_of_no_order_is_refused(caller, parameters):
    assert caller.get(f"{CASES}preview/", **parameters).status_code == 400


def test_each_line_becomes_a_case_and_a_refused_one_is_told(shop, caller):
    order = make_claimable(shop, make_line(1, currency="USD"), make_line(2, is_gift=True, currency="USD"))
    lines = [{"order_line_external_id": "line-1"}, {"order_line_external_id": "line-2"}]
    answer = ask(caller, order, *lines, description="Too small")
    assert answer.status_code == 201, answer.content
    (made,), (refused,) = answer.json()["created"], answer.json()["refused"]
    assert (made["state"], made["description"], made["order"]) == ("PENDING_APPROVAL", "Too small", order.pk)
    assert refused["order_line_external_id"] == "line-2"
    assert refused["message"]
    assert made == caller.get(f"{CASES}{made['id']}/").json()


def test_nothing_is_made_where_every_line_is_refused(shop, caller):
    order = make_claimable(shop)
    answer = ask(caller, order, {"order_line_external_id": "line-1", "quantity": 4}, {"order_line_external_id": "no"})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_case_created")
    assert [one["field"] for one in answer.json()["refused"]] == ["quantity", "order_line_external_id"]
    assert not Case.objects.exists()


def test_the_buyer_stands_in_the_log_where_a_call_is_on_their_behalf(shop, caller):
    made = ask(caller, make_claimable(shop), on_behalf_of_buyer=True).json()["created"][0]
    (row,) = Case.objects.get(pk=made["id"]).log.all()
    assert (row.operator_kind, row.operator_id) == ("USER", caller.user.pk)


@pytest.mark.parametrize(("changes", "status", "field"), [
    ({"type": "teleport"}, 422, "type"), ({"type": "unknown"}, 422, "type"), ({"reason": "fun"}, 422, "reason"),
    ({"reason": "unknown"}, 422, "reason"), ({"currency": "EUR"}, 422, "currency"), ({"type": 5}, 400, "type"),
    ({"description": "x" * 501}, 400, "description"), ({"description": "a\x00b"}, 400, "description"),
    ({"images": ["https://i/1"] * 10}, 400, "images"), ({"images": ["javascript:alert(1)"]}, 400, "images"),
    ({"lines": []}, 400, "lines"), ({"order": 999}, 400, "order"), ({"number": "mine"}, 400, "number"),
    ({"lines": [{"order_line_external_id": "line-1", "amount": 33.33}]}, 400, "lines"),
    ({"lines": [{"order_line_external_id": "line-1", "amount": "1e2"}]}, 400, "lines"),
    ({"lines": [{"order_line_external_id": "line-1", "amount": "NaN"}]}, 400, "lines"),
    ({"lines": [{"order_line_external_id": "line-1", "quantity": "1"}]}, 400, "lines"),
])  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_its_field(shop, caller, changes, status, field):
    body = {"order": make_claimable(shop).pk, "type": "return_refund", "reason": "quality_issue"}
    answer = caller.post(CASES, {**body, "lines": [{"order_line_external_id": "line-1"}], **changes})
    assert answer.status_code == status, answer.content
    assert field in answer.json()["fields"]
    assert not Case.objects.exists()


@pytest.mark.parametrize("changes", [{"lines": [1] * 101}, {"images": ["no address"] * 10}])
def test_a_list_that_is_too_long_is_not_gone_through(shop, caller, changes):
    body = {"order": make_claimable(shop).pk, "type": "refund_only", "reason": "other", "lines": [], **changes}
    answer = caller.post("aftersales/", body)
    (name,) = changes
    assert (answer.status_code, len(answer.json()["fields"][name])) == (400, 1)
    assert "no more than" in answer.json()["fields"][name][0]


@pytest.mark.parametrize("amount", ["-1", "33.34", "33.333", "1.00000000001", "99999999999999"])
def test_an_amount_that_is_not_left_is_refused(shop, caller, amount):
    answer = ask(caller, make_claimable(shop), {"order_line_external_id": "line-1", "amount": amount})
    assert answer.status_code in (400, 422)
    assert not Case.objects.exists()


def test_who_may_only_look_makes_nothing(shop):
    order = make_claimable(shop)
    viewer = make_caller(person=make_person(shop, may=("view_case",)))
    reader = make_caller(person=make_person(shop), may_write=False)
    for caller in (viewer, reader):
        assert ask(caller, order).status_code == 403
    assert make_caller(person=make_person(shop, may=())).get(CASES).status_code == 403


def test_an_order_that_a_marketplaces_case_claims_has_nothing_left(shop, caller):
    order = make_claimable(shop)
    case = tell_case(order, CaseState.PENDING_APPROVAL, line="")
    assert ask(caller, order).status_code == 422
    shown = caller.get(f"{CASES}{case.pk}/").json()
    assert (shown["origin"], shown["money_state"], shown["goods_state"]) == ("MARKETPLACE", None, None)
    assert len(set(ALL)) == len(ALL)


@pytest.mark.parametrize(("ours", "marketplaces", "ruling"), [
    (None, None, None), (1, None, "ours"), (None, 1, "marketplace"), (1, 2, "ours"), (2, 1, "marketplace"),
    (1, 1, "marketplace"),
])  # fmt: skip
def test_the_earlier_deadline_rules_and_of_two_equal_ones_the_marketplaces(ours, marketplaces, ruling):
    days = [number and datetime(2026, 1, number, tzinfo=UTC) for number in (ours, marketplaces)]
    assert find_ruling(*days) == ruling
