"""The list and the page of returns, and what the page of an order shows of them: request, money and goods apart."""

from datetime import timedelta

import pytest
from django.urls import reverse

from backoffice.common import clock
from shops.marketplaces import records
from tests.factories.orders import store_order
from tests.factories.pages import address, leave_out_payloads, log_in
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(client, shop):
    """The list, or the page of a row, as text."""
    log_in(client, "aftersales.view_syncedreturn", "orders.view_order", shops=[shop])

    def text(row=None, **query):
        where = address(row, "change") if row is not None else reverse("admin:aftersales_syncedreturn_changelist")
        answer = client.get(where, query)
        assert answer.status_code == 200
        return leave_out_payloads(answer.content.decode())

    return text


def test_request_money_goods_and_refund_are_told_apart(look, shop):
    order = store_order(shop, "order-1")
    row = store_record(shop, "return", "r1")
    for page in (look(), look(row)):
        for part in ("Return and refund", "Requested", "To be refunded", "With the buyer", "146,667 VND"):
            assert part in page, part
        assert address(order, "change") in page


def test_an_open_request_counts_down_and_an_answered_one_does_not(look, shop):
    due_at = clock.now() + timedelta(hours=5, minutes=1)
    row = store_record(shop, "return", "r1", respond_by_at=due_at)
    for page in (look(), look(row)):
        assert "due in 5 h" in page
    row = store_record(shop, "return", "r1", respond_by_at=due_at, status=records.ReturnStatus.APPROVED, later_by=1)
    for page in (look(), look(row)):
        assert ("due in 5 h" in page, "answered" in page) == (False, True)


def test_a_late_answer_is_overdue(look, shop):
    store_record(shop, "return", "r1", respond_by_at=clock.now() - timedelta(hours=3, minutes=1))
    store_record(shop, "return", "r2", respond_by_at=clock.now() + timedelta(days=9))
    page = look(answer_by="overdue")
    assert ("overdue by 3 h" in page, ">r2<" in page) == (True, False)


def test_words_that_nobody_knows_are_shown_as_they_came(look, shop):
    row = store_record(
        shop, "return", "r1", status=records.ReturnStatus.UNKNOWN, raw_status="ODD_STATE",
        kind=records.ReturnKind.UNKNOWN, raw_kind="ODD_KIND", custody=records.Custody.UNKNOWN,
    )  # fmt: skip
    for page in (look(), look(row)):
        for part in ("Unknown: ODD_STATE", "Unknown: ODD_KIND", "not told"):
            assert part in page, part


def test_lines_and_reason_are_on_the_page_and_cannot_run(look, shop):
    evil = "<script>alert(1)</script>"
    line = records.ReturnLineRecord("l1", product_name=evil, seller_sku=evil, quantity=3)
    row = store_record(shop, "return", "r1", lines=(line,), reason_text=evil, buyer_message=evil, raw_status=evil)
    page = look(row)
    assert evil not in page
    assert page.count("&lt;script&gt;") >= 5


def test_the_order_shows_its_returns(look, shop):
    order = store_order(shop, "order-1")
    row = store_record(shop, "return", "r1", reason_text="Too small")
    store_record(shop, "return", "r2", order_external_id="other")
    page = look(order)
    for part in (address(row, "change"), "Requested", "To be refunded", "With the buyer", "Too small", "1 × AT-DEN-M"):
        assert part in page, part
    assert ">r2<" not in page


def test_an_order_without_returns_says_so(look, shop):
    assert "Returns and cancellations" in look(store_order(shop, "order-1"))


def test_returns_of_another_shop_with_the_same_order_number_are_not_shown(look, shop):
    store_record(make_shop(), "return", "r-foreign")
    assert "r-foreign" not in look(store_order(shop, "order-1"))


def test_who_may_not_see_returns_sees_none_on_an_order(client, shop):
    log_in(client, "orders.view_order", shops=[shop])
    order = store_order(shop, "order-1")
    store_record(shop, "return", "r1")
    page = client.get(address(order, "change")).content.decode()
    assert "Returns and cancellations" not in page


def test_payloads_are_kept_and_compared(look, client, shop):
    store_record(shop, "return", "r1")
    row = store_record(shop, "return", "r1", later_by=60)
    assert "Compare any two of them" in client.get(address(row, "change")).content.decode()
    assert "<ins>" in client.get(address(row, "compare")).content.decode()
