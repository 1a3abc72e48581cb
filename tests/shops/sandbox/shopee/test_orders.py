"""Shopee's order list and order detail: windows, pages, optional fields, and agreement with the truth."""

from collections import Counter
from decimal import Decimal

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.shopee.calling import DAY, Client

HOUR = 3600


def as_truth(order):
    total = order["total_amount"]
    return {
        "id": order["order_sn"],
        "status": order["order_status"],
        "update_time": order["update_time"],
        "total_amount": None if total is None else Decimal(str(total)),
        "currency": order["currency"],
        "lines": [
            {
                "id": str(line["line_item_id"]),
                "sku_id": str(line["model_id"] or line["item_id"]),
                "quantity": line["model_quantity_purchased"],
                "price": Decimal(str(line["model_discounted_price"])),
            }
            for line in order["item_list"]
        ],
    }


def exact(truth):
    lines = [{**line, "price": Decimal(line["price"])} for line in truth["lines"]]
    total = None if truth["total_amount"] is None else Decimal(truth["total_amount"])
    return {**truth, "total_amount": total, "lines": lines}


@pytest.mark.parametrize("number", [0, 2], ids=["VND", "THB"])
def test_all_orders_agree_with_the_truth(control_url, number):
    one = Client(control_url, number)
    read = sorted((as_truth(order) for order in one.orders()), key=lambda order: order["id"])
    assert read == sorted((exact(truth) for truth in one.truth("orders")), key=lambda order: order["id"])
    assert len(read) > 200


def test_every_status_occurs_and_a_total_is_known_once_paid(client, thai_client, control_url):
    orders = client.orders() + Client(control_url, 1).orders() + thai_client.orders()
    assert set(Counter(order["order_status"] for order in orders)) >= {
        "PENDING", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE", "TO_RETURN", "COMPLETED",
        "CANCELLED",
    }  # fmt: skip
    for order in orders:
        assert (order["total_amount"] is None) == (not order["cod"] and order["pay_time"] is None)
        for line in order["item_list"]:
            assert line["model_discounted_price"] <= line["model_original_price"]
    assert any(line["model_quantity_purchased"] > 1 for order in orders for line in order["item_list"])


@pytest.mark.parametrize(
    ("buyer_reason", "age", "status"), [("", 60, "UNPAID"), ("CHANGE_MIND", 3 * HOUR + 5 * 60, "IN_CANCEL")]
)
def test_the_statuses_that_do_not_last(client, buyer_reason, age, status):
    reason = ("BUYER_REQUEST" if buyer_reason else "UNPAID_ORDER", buyer_reason)
    lived = (
        order
        for order in client.orders()
        if (order["cancel_reason"], order["buyer_cancel_reason"]) == reason
        and order["update_time"] > order["create_time"] + age
    )
    order = next(lived)
    control(client.control_url, "POST", "/clock", {"now": order["create_time"] + age})
    shown = client.details([order["order_sn"]])[0]
    assert (shown["order_status"], shown["cancel_reason"]) == (status, "")


def test_amounts_have_the_decimals_of_the_currency(client, thai_client):
    assert all(isinstance(order["total_amount"], int | None) for order in client.orders())
    assert any(isinstance(order["total_amount"], float) for order in thai_client.orders())


def test_a_listing_without_variants_has_model_id_zero(client):
    lines = [line for order in client.orders() for line in order["item_list"]]
    singles = [line for line in lines if line["model_id"] == 0]
    assert 0 < len(singles) < len(lines)
    assert all(line["item_sku"] and not line["model_sku"] for line in singles)


def test_line_item_ids_can_be_switched_off(client):
    numbers = client.order_numbers()[:50]
    ids = [line["line_item_id"] for order in client.details(numbers) for line in order["item_list"]]
    assert len(set(ids)) == len(ids) >= 50
    client.switch(has_line_item_ids=False)
    assert all("line_item_id" not in line for order in client.details(numbers) for line in order["item_list"])


def test_pages_of_every_size_hold_the_same_orders(client):
    whole = client.order_numbers(100)
    assert len(set(whole)) == len(whole) == len(client.truth("orders"))
    assert client.order_numbers(17) == whole
    client.switch(newest_first=True)
    assert client.order_numbers(50) == whole[::-1]


def test_pages_fit_together_while_the_world_goes_on(client):
    whole = set(client.order_numbers(100))
    pages = client.order_pages(20)
    seen = {row["order_sn"] for row in next(pages)["order_list"]}
    control(client.control_url, "POST", "/clock", {"mode": "scaled", "speed": 100_000, "now": client.now - HOUR})
    control(client.control_url, "POST", "/clock", {"mode": "frozen", "now": client.now})
    for page in pages:
        seen |= {row["order_sn"] for row in page["order_list"]}
    assert seen == whole


def test_the_list_has_numbers_alone_unless_the_status_is_asked_for(client):
    page = next(client.order_pages(3, response_optional_fields=None))
    assert [list(row) for row in page["order_list"]] == [["order_sn"]] * 3


@pytest.mark.parametrize("field", ["create_time", "update_time"])
def test_a_window_holds_what_its_field_says_both_ends_included(client, field):
    orders = client.orders()
    moments = sorted(order[field] for order in orders)
    start, end = moments[40], moments[90]
    found = client.order_numbers(time_range_field=field, time_from=start, time_to=end)
    assert sorted(found) == sorted(order["order_sn"] for order in orders if start <= order[field] <= end)


def test_each_status_can_be_searched_for(client):
    orders = client.details(client.order_numbers())
    for status in ("UNPAID", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "COMPLETED", "IN_CANCEL", "CANCELLED"):
        wanted = {order["order_sn"] for order in orders if order["order_status"] == status}
        assert set(client.order_numbers(order_status=status)) == wanted


def test_pending_shows_only_to_those_who_ask(client):
    pending = [order["id"] for order in client.truth("orders") if order["status"] == "PENDING"]
    assert pending
    assert {order["order_status"] for order in client.details(pending)} == {"READY_TO_SHIP"}
    asked = client.details(pending, request_order_status_pending="true")
    assert {(order["order_status"], *order["pending_terms"]) for order in asked} == {("PENDING", "SYSTEM_PENDING")}
    client.switch(has_pending_orders=False)
    assert {order["order_status"] for order in client.details(pending, request_order_status_pending="true")} == {
        "READY_TO_SHIP"
    }
    assert not [order for order in client.truth("orders") if order["status"] == "PENDING"]


def test_an_open_return_is_a_status_of_the_order_and_moves_its_update_time(client, thai_client):
    found = 0
    for one in (client, thai_client):
        open_returns = {
            row["order"]: row["update_time"]
            for row in one.truth("returns")
            if row["status"] in ("REQUESTED", "PROCESSING", "ACCEPTED")
        }
        orders = {order["id"]: order for order in one.truth("orders")}
        to_return = {key for key, order in orders.items() if order["status"] == "TO_RETURN"}
        assert to_return == set(open_returns)
        assert all(orders[key]["update_time"] == moment for key, moment in open_returns.items())
        found += len(to_return)
    assert found


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"page_size": 101}, "error_param"),
        ({"page_size": 0}, "error_param"),
        ({"page_size": None}, "error_param"),
        ({"page_size": "many"}, "error_param"),
        ({"time_from": None}, "error_param"),
        ({"time_from": 5, "time_to": 4}, "order.order_list_invalid_time"),
        ({"time_from": 5, "time_to": 5}, "order.order_list_invalid_time"),
        ({"time_from": 0, "time_to": 15 * DAY + 1}, "order.order_list_invalid_time"),
        ({"time_range_field": "pay_time"}, "error_param"),
        ({"order_status": "TO_RETURN"}, "error_param"),
        ({"cursor": "20"}, "error_param"),
    ],
)
def test_what_the_list_refuses(client, changes, error):
    query = {"time_range_field": "update_time", "time_from": client.now - DAY, "time_to": client.now, "page_size": 5}
    answer = client.call("/order/get_order_list", {**query, **changes})
    assert (answer.status, answer.json["error"]) == (200, error)
    assert client.call("/order/get_order_list", query).json["error"] == ""


def test_a_window_of_exactly_fifteen_days_passes(client):
    assert client.order_numbers(time_from=client.now - 15 * DAY, time_to=client.now)


def test_optional_fields_come_only_when_named(client):
    number = client.order_numbers()[0]
    plain = client.details([number], fields="")[0]
    assert set(plain) - {"pending_terms"} == {
        "order_sn", "region", "currency", "cod", "order_status", "message_to_seller", "create_time", "update_time",
        "days_to_ship", "ship_by_date", "advance_package",
    }  # fmt: skip
    assert set(client.details([number], fields="total_amount,nonsense")[0]) - set(plain) == {"total_amount"}


def test_numbers_may_come_in_any_form_of_list(client):
    first, second = client.order_numbers()[:2]
    forms = [
        [("order_sn_list", f"{first},{second}")],
        [("order_sn_list", first), ("order_sn_list", second)],
        [("order_sn_list", f'["{first}", "{second}"]')],
        [("order_sn_list[]", first), ("order_sn_list[]", second)],
    ]
    for form in forms:
        found = client.get("/order/get_order_detail", form)["order_list"]
        assert [order["order_sn"] for order in found] == [first, second]


def test_unknown_numbers_are_missing_unless_all_are(client, thai_client):
    mine, foreign = client.order_numbers()[0], thai_client.order_numbers()[0]
    other_day = ("20" if mine[4:6] != "20" else "21").join((mine[:4], mine[6:]))
    unknown = ["nonsense", foreign, other_day, "260101ÄÄÄÄÄÄÄÄ"]
    assert [order["order_sn"] for order in client.details([*unknown, mine])] == [mine]
    answer = client.call("/order/get_order_detail", {"order_sn_list": ",".join(unknown)})
    assert (answer.status, answer.json["error"]) == (200, "error_not_found")


def test_fifty_numbers_at_most(client):
    numbers = client.order_numbers()
    answer = client.call("/order/get_order_detail", {"order_sn_list": ",".join(numbers[:51])})
    assert answer.json["error"] == "error_param"


def test_buyers_are_masked_unless_switched_off(client):
    numbers = [order["id"] for order in client.truth("orders") if order["status"] == "COMPLETED"][:20]
    names = {order["recipient_address"]["name"] for order in client.details(numbers)}
    assert "****" in names and all("*" in name for name in names)
    client.switch(masks_buyers=False)
    assert not any("*" in order["recipient_address"]["name"] for order in client.details(numbers))


def test_the_least_possible_counts_pages_once_and_each_version_of_an_order(client):
    numbers = client.order_numbers(20)
    client.details(numbers)
    client.details(numbers)
    counted = client.counted()
    assert counted["order_list"]["ok"] == -(-len(numbers) // 20)
    assert counted["order_list"]["least_possible"] == -(-len(numbers) // 100)
    assert counted["order_detail"]["ok"] == 2 * counted["order_detail"]["least_possible"] == 2 * -(-len(numbers) // 50)
    control(client.control_url, "POST", "/clock", {"now": client.now - 2 * DAY})
    client.details(numbers[-50:])
    changed = client.counted()["order_detail"]["least_possible"]
    assert changed > counted["order_detail"]["least_possible"]


def test_orders_in_two_windows_are_needed_by_both_as_their_list_tells_no_time_of_change(client):
    numbers = client.order_numbers()[:50]
    for piece in ("chunk 1", "chunk 2"):
        client.user_agent = f"backoffice (orders; {piece})"
        client.details(numbers)
    counted = client.counted()["order_detail"]
    assert counted["ok"] == counted["least_possible"] == 2


def test_reading_the_same_orders_for_other_fields_is_a_need_of_its_own(client):
    numbers = client.order_numbers()[:50]
    for fields in ("item_list,total_amount", "total_amount,item_list", "package_list"):
        client.details(numbers, fields=fields)
    counted = client.counted()["order_detail"]
    assert (counted["ok"], counted["least_possible"]) == (3, 2)
