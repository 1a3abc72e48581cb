"""Orders and their lines: filters, limits, types, and the truth that a reader must arrive at."""

import json
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.lazada.calling import ITEMS, LONG_AGO, ORDERS, TRACE, Client, code

DAY = 86_400


def iso(moment, hours=7, colon=True):
    text = datetime.fromtimestamp(moment, timezone(timedelta(hours=hours))).isoformat()
    return text if colon else re.sub(r":(\d\d)$", r"\1", text)


def seconds(text):
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").timestamp())


def test_lists_and_lines_agree_with_the_truth(clients):
    for client in clients:
        orders = client.orders()
        lines = client.lines([order["order_id"] for order in orders])
        truth = {int(line["id"]): line for line in client.truth("orders")}
        assert len(orders) == len(truth) == len({order["order_id"] for order in orders})
        for order in orders:
            agreed, items = truth[order["order_id"]], lines[order["order_id"]]
            assert agreed["status"] == ",".join(order["statuses"]) == ",".join(sorted({i["status"] for i in items}))
            assert agreed["update_time"] == seconds(order["updated_at"])
            paid = Decimal(order["price"]) - Decimal(str(order["voucher"])) + Decimal(str(order["shipping_fee"]))
            assert Decimal(agreed["total_amount"]) == paid
            paid_prices = sum(Decimal(str(item["paid_price"])) for item in items)
            assert paid_prices == paid - Decimal(str(order["shipping_fee"]))
            assert sum(Decimal(str(item["shipping_amount"])) for item in items) == Decimal(str(order["shipping_fee"]))
            assert order["items_count"] == len(items)
            assert [(line["id"], line["sku_id"], Decimal(line["price"])) for line in agreed["lines"]] == [
                (str(item["order_item_id"]), item["sku_id"], Decimal(str(item["paid_price"]))) for item in items
            ]
            assert {item["currency"] for item in items} == {agreed["currency"]} == {client.shop["currency"]}


def test_types_are_mixed_as_in_live_answers(thai_client):
    order = thai_client.orders()[0]
    line = thai_client.lines([order["order_id"]])[order["order_id"]][0]
    assert isinstance(order["price"], str) and isinstance(order["voucher"], float)
    assert isinstance(order["order_id"], int) and order["gift_option"] is False
    assert isinstance(line["item_price"], float) and isinstance(line["sku_id"], str)
    assert isinstance(line["order_item_id"], int) and line["is_digital"] == 0
    # Numbers that clients with floating point keep exactly.
    assert 10**14 < order["order_id"] < line["order_item_id"] < 2**53
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0700", order["created_at"])
    thai_client.switch(iso_dates=True)
    again = thai_client.data("/order/get", order_id=str(order["order_id"]))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", again["created_at"])
    assert {**again, "created_at": 0, "updated_at": 0, "address_updated_at": 0} == {
        **order, "created_at": 0, "updated_at": 0, "address_updated_at": 0
    }  # fmt: skip


def test_every_status_and_shape_occurs_and_people_are_masked(clients):
    orders = [order for client in clients for order in client.orders()]
    words = Counter(",".join(order["statuses"]) for order in orders)
    assert {"unpaid", "pending", "ready_to_ship", "shipped", "delivered", "confirmed", "canceled"} <= set(words)
    assert "pending,ready_to_ship" in words
    assert {order["payment_method"] == "COD" for order in orders} == {True, False}
    for order in orders:
        address = order["address_shipping"]
        assert "*" in address["first_name"] and "*" in address["phone"] and "*" in address["address1"]
    client = clients[0]
    client.switch(completed_status="delivered")
    assert not any("confirmed" in order["statuses"] for order in client.orders())


def test_windows_hold_both_their_bounds(client):
    everything = client.orders()
    start, end = EPOCH - 2 * DAY, EPOCH - DAY
    some = sorted(seconds(order["updated_at"]) for order in everything)
    start, end = some[len(some) // 3], some[2 * len(some) // 3]
    expected = [o["order_id"] for o in everything if start <= seconds(o["updated_at"]) <= end]
    found = client.orders(update_after=iso(start), update_before=iso(end, colon=False))
    assert [order["order_id"] for order in found] == expected
    made = client.orders(update_after=None, created_after=iso(start, hours=0), created_before=iso(end), sort_by=None)
    assert [order["order_id"] for order in made] == [
        o["order_id"]
        for o in sorted(everything, key=lambda o: o["created_at"])
        if start <= seconds(o["created_at"]) <= end
    ]


def test_lists_are_sorted_and_filtered(client):
    everything = client.orders()
    times = [seconds(order["updated_at"]) for order in everything]
    assert times == sorted(times)
    assert [order["order_id"] for order in client.orders(sort_direction="DESC")] == [
        order["order_id"] for order in reversed(everything)
    ]
    for status, words in (("pending", {"pending"}), ("shipping", {"shipped"}), ("returned", {"returned"})):
        expected = [order["order_id"] for order in everything if words & set(order["statuses"])]
        assert [order["order_id"] for order in client.orders(status=status)] == expected
    assert len(client.orders(status="all")) == len(everything)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"update_after": None}, "MissingParameter"),
        ({"update_after": "2024-13-01T00:00:00+07:00"}, "17"),
        ({"update_after": "2024-01-01"}, "17"),
        ({"update_before": "yesterday"}, "17"),
        ({"limit": "101"}, "19"),
        ({"limit": "0"}, "19"),
        ({"limit": "many"}, "19"),
        ({"offset": "5001"}, "14"),
        ({"offset": "-1"}, "14"),
        ({"status": "lost in thought"}, "36"),
        ({"sort_by": "price"}, "75"),
        ({"sort_direction": "UP"}, "74"),
    ],
)
def test_what_cannot_be_listed_is_refused_by_number(client, parameters, expected):
    assert code(client.get(ORDERS, **{"update_after": LONG_AGO, **parameters})) == expected


def test_the_highest_limit_and_offset_pass(client):
    assert code(client.get(ORDERS, update_after=LONG_AGO, limit="100", offset="5000")) == "0"


def test_one_order_and_its_lines_are_those_of_the_lists(client):
    order = client.orders()[7]
    number = str(order["order_id"])
    assert client.data("/order/get", order_id=number) == order
    assert client.data("/order/items/get", order_id=number) == client.lines([order["order_id"]])[order["order_id"]]


def test_ids_of_other_shops_are_refused(client, thai_client):
    own, foreign = client.orders()[0]["order_id"], thai_client.orders()[0]["order_id"]
    for path in ("/order/get", "/order/items/get", TRACE):
        for wrong in (str(foreign), "1", "abc", str(own + 1)):
            assert code(client.get(path, order_id=wrong)) == "16"
    assert code(client.get(ITEMS, order_ids=f"[{own},{foreign}]")) == "37"
    assert code(client.get(ITEMS, order_ids=f"[{foreign}]")) == "39"
    client.switch(unknown_ids_are_left_out=True)
    assert [order["order_id"] for order in client.data(ITEMS, order_ids=f"[{own}, {foreign}]")] == [own]


def test_ids_come_as_an_array_of_at_most_fifty(client):
    own = [order["order_id"] for order in client.orders()[:51]]
    assert len(client.data(ITEMS, order_ids=json.dumps(own[:50]))) == 50
    assert len(client.data(ITEMS, order_ids=json.dumps([str(one) for one in own[:2]]))) == 2
    for wrong, expected in ((json.dumps(own), "38"), ("[]", "39"), ("1,2", "56"), ('{"a": 1}', "56"), ("[[1]]", "56")):
        assert code(client.get(ITEMS, order_ids=wrong)) == expected
    assert code(client.get(ITEMS)) == "MissingParameter"


def test_packages_and_traces_agree_with_the_truth(clients):
    for client in clients:
        orders = client.orders()
        lines = client.lines([order["order_id"] for order in orders])
        packages: dict[str, list] = {}
        for items in lines.values():
            for item in items:
                if item["package_id"]:
                    packages.setdefault(item["package_id"], []).append(item)
        truth = {line["id"]: line for line in client.truth("shipments")}
        assert set(packages) == set(truth)
        assert any(len({i["package_id"] for i in items} - {""}) == 2 for items in lines.values())
        for number, agreed in list(truth.items())[::9]:
            items = packages[number]
            assert agreed["orders"] == [str(items[0]["order_id"])]
            assert {item["tracking_code"] for item in items} == {agreed["tracking_number"]}
            assert {item["status"] for item in items} == {agreed["status"]}
            assert {item["shipment_provider"] for item in items} == {agreed["carrier"]}
            trace = client.data(TRACE, order_id=agreed["orders"][0], ofcPackageIdList=json.dumps([number]))
            (package,) = trace["module"][0]["package_detail_info_list"]
            assert (package["ofc_package_id"], package["tracking_number"]) == (number, agreed["tracking_number"])
            told = package["logistic_detail_info_list"]
            events = sorted((one["event_time"] // 1000, f"{one['title']}: {one['description']}") for one in told)
            assert events == [(event["time"], event["text"]) for event in agreed["events"]]


def test_an_order_that_is_not_packed_has_no_trace_yet(client):
    order = next(order for order in client.orders() if order["statuses"] == ["pending"])
    assert client.data(TRACE, order_id=str(order["order_id"]))["module"] == []


def test_the_truth_of_the_past_is_what_the_list_said_then(client):
    client.move_clock(now=EPOCH - DAY)
    then = {str(order["order_id"]): ",".join(order["statuses"]) for order in client.orders()}
    client.move_clock(now=EPOCH)
    assert {line["id"]: line["status"] for line in client.truth("orders", as_of=EPOCH - DAY)} == then


def test_pages_fit_together_while_the_world_goes_on(client):
    client.move_clock(now=EPOCH - DAY)
    settled = [order["order_id"] for order in client.orders()]
    wanted = {"update_after": LONG_AGO, "sort_by": "updated_at", "limit": "50"}
    found = client.data(ORDERS, **wanted, offset="0")["orders"]
    client.move_clock(advance_seconds=DAY)
    while len(found) < len(settled):
        found += client.data(ORDERS, **wanted, offset=str(len(found)))["orders"]
    assert [order["order_id"] for order in found] == settled
    assert max(seconds(order["updated_at"]) for order in found) > EPOCH - DAY
    assert client.data(ORDERS, **wanted, offset="0")["countTotal"] > len(settled)


def test_the_least_calls_are_pages_of_a_hundred_and_fifty_orders_a_detail(client):
    orders = client.orders(limit=20)
    client.lines([order["order_id"] for order in orders])
    client.lines([order["order_id"] for order in orders[:5]])
    calls = client.calls()
    count = len(orders)
    assert calls["orders_get"]["ok"] == -(-count // 20)
    assert calls["orders_get"]["least_possible"] == -(-count // 100)
    assert calls["orders_items_get"]["least_possible"] == -(-count // 50)
    assert calls["orders_items_get"]["ok"] == -(-count // 50) + 1


def test_an_order_that_has_changed_is_a_new_need(client):
    client.move_clock(now=EPOCH - DAY)
    order = next(order for order in client.orders() if order["statuses"] == ["shipped"])
    client.data("/order/items/get", order_id=str(order["order_id"]))
    client.data("/order/items/get", order_id=str(order["order_id"]))
    assert client.calls()["order_items_get"]["least_possible"] == 1
    client.move_clock(now=EPOCH)
    client.data("/order/items/get", order_id=str(order["order_id"]))
    changed = Client(client.control_url).data("/order/get", order_id=str(order["order_id"]))
    expected = 1 + (changed["updated_at"] != order["updated_at"])
    assert client.calls()["order_items_get"]["least_possible"] == expected == 2
