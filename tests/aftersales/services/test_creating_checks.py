"""What stands in the way of a case, each with its sentence, and the preview, which says the same before."""

from datetime import timedelta
from decimal import Decimal

import pytest

from aftersales.services.asking import Unacceptable
from aftersales.services.creating import CaseRequest, LineRequest, NoneCreated, create_cases, preview_order
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from orders.choices import OrderStatus
from tests.factories.cases import act, make_case, set_policy
from tests.factories.claims import CLERK, ask, ask_one, make_claimable, tell_case
from tests.factories.records import make_line
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def refusal_of(order, *lines, **changes):
    """The field and the sentence of the only refused line."""
    with pytest.raises(NoneCreated) as raised:
        ask(order, *lines, **changes)
    (refused,) = raised.value.refused
    return refused.field, refused.message


PAID, SHIPPED = {CaseType.REFUND_ONLY}, {CaseType.RETURN_REFUND, CaseType.EXCHANGE}
# What can be asked for of an order, by how far it is; of one that is cancelled or not understood, nothing.
ALLOWED: dict[str, set[CaseType]] = {
    "unpaid": {CaseType.CANCEL}, "on_hold": PAID, "awaiting_shipment": PAID, "awaiting_collection": PAID,
    "partially_shipped": PAID | SHIPPED, "in_transit": SHIPPED, "delivered": PAID | SHIPPED | {CaseType.RESEND},
    "completed": PAID | SHIPPED | {CaseType.RESEND},
}  # fmt: skip


@pytest.mark.parametrize("status", OrderStatus)
def test_each_status_of_an_order_allows_its_types_alone(shop, status):
    order = make_claimable(shop, status=status)
    (preview,) = preview_order(order)
    allowed = {name for name, why_not in preview.types.items() if not why_not}
    assert allowed == {one.value for one in ALLOWED.get(status, ())}
    for one in set(CaseType) - ALLOWED.get(status, set()) - {CaseType.UNKNOWN}:
        field, message = refusal_of(order, type=one)
        assert field == "type"
        assert message == preview.types[one]
        assert f"this is “{OrderStatus(status).label}”" in message


@pytest.mark.parametrize(("most", "said"), [(7, "7 days"), (1, "1 day")])
def test_an_order_may_be_as_old_as_the_shop_says(shop, most, said):
    set_policy(shop, max_days=most)
    days = timedelta(days=most)
    old = make_claimable(shop, source_created_at=clock.now() - days - timedelta(minutes=1))
    assert refusal_of(old) == ("order", f"The order is older than {said}.")
    assert ask_one(make_claimable(shop, source_created_at=clock.now() - days + timedelta(minutes=1)))
    paid_long_ago = make_claimable(shop, source_created_at=None, paid_at=clock.now() - days - timedelta(minutes=1))
    assert refusal_of(paid_long_ago) == ("order", f"The order is older than {said}.")
    assert ask_one(make_claimable(shop, source_created_at=None, paid_at=None))


@pytest.mark.parametrize(
    ("reason", "days"),
    [
        ("dont_want", 10), ("unused_discount", 10), ("price_issue", 10), ("quality_issue", 15), ("fake", 15),
        ("not_as_described", 15), ("wrong_product", 15), ("damaged", 7),
    ],
)  # fmt: skip
def test_a_reason_has_its_days_after_receipt(shop, reason, days):
    received = {"source_created_at": clock.now() - timedelta(days=20)}
    late = make_claimable(shop, delivered_at=clock.now() - timedelta(days=days, minutes=1), **received)
    field, message = refusal_of(late, reason=reason)
    assert field == "reason"
    assert f"possible for {days} days after receipt" in message
    assert ask_one(
        make_claimable(shop, delivered_at=clock.now() - timedelta(days=days, minutes=-1), **received), reason=reason
    )


def test_other_reasons_and_goods_not_received_have_no_such_days(shop):
    times = {"source_created_at": clock.now() - timedelta(days=29)}
    assert ask_one(make_claimable(shop, delivered_at=clock.now() - timedelta(days=28), **times), reason="other")
    assert ask_one(make_claimable(shop, delivered_at=None, **times), reason="dont_want")


@pytest.mark.parametrize("state", [CaseState.PENDING_APPROVAL, CaseState.UNKNOWN, CaseState.CS_INTERVENTION])
@pytest.mark.parametrize("line", ["line-1", "", "a line of another name"])
def test_an_open_case_of_a_marketplace_holds_its_line_and_one_that_names_none_holds_all(shop, state, line):
    order = make_claimable(shop, make_line(1, quantity=3), make_line(2, quantity=3), currency="VND")
    tell_case(order, state, line=line)
    assert refusal_of(order) == ("order_line_external_id", "Another case of this order line is open.")
    assert bool(preview_order(order)[1].types["return_refund"]) == (line != "line-1")


def test_an_ended_case_of_a_marketplace_leaves_what_it_did_not_take(shop):
    order = make_claimable(shop)
    tell_case(order, CaseState.COMPLETED, amount="60")
    (preview,) = preview_order(order)
    assert (preview.claimed_quantity, preview.left_quantity) == (1, 2)
    assert preview.refundable_amounts == (Decimal("33.33"), Decimal("40.00"))


def test_money_that_a_marketplace_gave_back_for_no_named_line_is_gone_for_all(shop):
    order = make_claimable(shop)
    tell_case(order, CaseState.COMPLETED, line="", amount="95")
    assert preview_order(order)[0].refundable_amount == Decimal(5)
    assert refusal_of(order, LineRequest("line-1", 1, Decimal("5.01")))[0] == "amount"


def test_a_line_has_as_many_cases_as_the_shop_says(shop):
    set_policy(shop, claims_per_line=2)
    order = make_claimable(shop)
    for _ in range(2):
        act(ask_one(order), Action.CANCEL)
    assert refusal_of(order) == ("order_line_external_id", "This order line had 2 cases, as many as it may.")


@pytest.mark.parametrize("quantity", [-1, 0, 4, 10**12])
def test_a_quantity_is_between_one_and_what_is_left(shop, quantity):
    said = refusal_of(make_claimable(shop), LineRequest("line-1", quantity))
    assert said == ("quantity", "Between 1 and 3: that many of 3 are left to claim.")


def test_where_all_pieces_are_claimed_it_says_so(shop):
    order = make_claimable(shop)
    make_case(shop, CaseType.REFUND_ONLY, CaseState.COMPLETED, order=order, quantity=3, amount=Decimal(100))
    assert refusal_of(order) == ("quantity", "All of this order line is claimed: 3 pieces.")


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("-0.01", "Between 0 and 33.33 USD"), ("33.34", "Between 0 and 33.33 USD"), ("1.001", "not an amount of USD"),
        ("NaN", "not an amount"), ("sNaN", "not an amount"), ("-Infinity", "not an amount"), ("1E+30", "not an amount"),
    ],
)  # fmt: skip
def test_an_amount_is_exact_and_within_what_was_paid(shop, amount, says):
    field, message = refusal_of(make_claimable(shop), LineRequest("line-1", 1, Decimal(amount)))
    assert field == "amount"
    assert says in message


def test_a_currency_without_decimals_takes_none(shop):
    order = make_claimable(shop, make_line(1, quantity=3, price=Decimal(1000)), currency="VND")
    assert "not an amount of VND" in refusal_of(order, LineRequest("line-1", 1, Decimal("999.5")))[1]
    assert ask_one(order, amount="1000.00").amount == 1000


def test_nothing_may_be_asked_for_and_all_may(shop):
    assert ask_one(make_claimable(shop), amount="0").amount == 0
    assert ask_one(make_claimable(shop), amount="33.33").amount == Decimal("33.33")


@pytest.mark.parametrize("case_type", [CaseType.EXCHANGE, CaseType.RESEND])
@pytest.mark.parametrize("amount", ["0.01", "-1", "NaN"])
def test_goods_for_goods_ask_for_no_money(shop, case_type, amount):
    field, message = refusal_of(make_claimable(shop), LineRequest("line-1", 1, Decimal(amount)), type=case_type)
    assert (field, "asks for no money" in message) == ("amount", True)
    assert ask_one(make_claimable(shop), amount="0", type=case_type).amount == 0


def test_money_is_not_given_back_where_the_price_is_not_known(shop):
    order = make_claimable(shop, make_line(1, quantity=3, price=None))
    assert refusal_of(order) == ("amount", "What was paid for this order line is not known.")
    assert preview_order(order)[0].refundable_amount is None
    assert ask_one(order, type=CaseType.EXCHANGE).amount == 0


def test_an_item_that_was_exchanged_is_not_exchanged_again(shop):
    order = make_claimable(shop)
    make_case(shop, CaseType.EXCHANGE, CaseState.COMPLETED, order=order, amount=Decimal(0))
    assert refusal_of(order, type=CaseType.EXCHANGE) == (
        "type", "This order line was exchanged already; that is possible once.",
    )  # fmt: skip
    assert ask_one(order).amount == Decimal("33.33")


def test_categories_that_the_shop_names_are_refused(shop):
    store_record(shop, "product", "product-1", category_external_id="perishable")
    store_record(make_shop(external_id="other"), "product", "product-2", category_external_id="perishable")
    lines = [make_line(number, product_external_id=f"product-{number}") for number in (1, 2)]
    order = make_claimable(shop, *lines, currency="VND")
    assert refusal_of(order)[1] == "Goods of the category “perishable” are not taken back."
    assert ask(order, "line-2").cases  # another shop's product of that number says nothing
    set_policy(shop, refused_categories=["toys"])
    assert ask(order).cases


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": CaseType.UNKNOWN}, "type"),
        ({"reason": "unknown"}, "reason"),
        ({"reason": "because"}, "reason"),
        ({"description": "x" * 501}, "description"),
        ({"images": ("https://img.example/1.jpg",) * 10}, "images"),
        ({"images": ("ftp://img.example/1.jpg",)}, "images"),
        ({"images": ("javascript:alert(1)",)}, "images"),
        ({"images": ("https://[::1/1.jpg",)}, "images"),
        ({"images": ("https://img.example/a b.jpg",)}, "images"),
        ({"images": ("https://",)}, "images"),
        ({"images": ("https://img.example/" + "x" * 2000,)}, "images"),
        ({"currency": "VND"}, "currency"),
        ({"number": "x" * 65}, "number"),
        ({"number": " 7"}, "number"),
        ({"number": "7\n8"}, "number"),
        ({"lines": ()}, "lines"),
        ({"lines": tuple(LineRequest(f"line-{number}") for number in range(201))}, "lines"),
    ],
)
def test_a_request_that_is_wrong_in_itself_names_the_field(shop, changes, field):
    order = make_claimable(shop)
    facts = {"type": CaseType.RETURN_REFUND, "reason": "other", "lines": (LineRequest("line-1"),), **changes}
    with pytest.raises(Unacceptable) as raised:
        create_cases(CaseRequest(order=order, **facts), CLERK)
    assert raised.value.field == field


def test_what_is_just_within_every_limit_is_taken(shop):
    address = "https://img.example/" + "x" * 1980
    case = ask_one(make_claimable(shop), description="x" * 500, images=(address,) * 9, currency="USD", number="x" * 64)
    assert len(case.images) == 9


def test_the_preview_tells_what_each_quantity_would_be(shop):
    order = make_claimable(shop)
    act(ask_one(order), Action.REJECT)
    (preview,) = preview_order(order)
    assert preview.refundable_amounts == (Decimal("33.33"), Decimal("66.66"), Decimal("100.00"))
    assert (preview.paid_amount, preview.refundable_amount, preview.currency) == (Decimal(100), Decimal(100), "USD")
    assert (preview.ordered_quantity, preview.claimed_quantity, preview.left_quantity) == (3, 0, 3)
    assert (preview.case_count, preview.product_name) == (1, "Áo thun")
    for quantity, amount in enumerate(preview.refundable_amounts, start=1):
        assert refusal_of(order, LineRequest("line-1", quantity, amount + Decimal("0.01")))[0] == "amount"


def test_the_preview_shows_amounts_for_no_more_than_a_hundred_quantities(shop):
    order = make_claimable(shop, make_line(1, quantity=5000, price=Decimal(1)))
    (preview,) = preview_order(order)
    assert len(preview.refundable_amounts) == 100
    assert preview.refundable_amount == 5000


def test_the_preview_takes_as_many_queries_for_many_lines_as_for_one(shop, django_assert_num_queries):
    lines = [make_line(number, product_external_id=f"product-{number}") for number in range(1, 40)]
    order = make_claimable(shop, *lines, currency="VND")
    with django_assert_num_queries(8):
        preview_order(order)
