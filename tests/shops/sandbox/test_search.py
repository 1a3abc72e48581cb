"""Searches find what their filters say, page by page, and a page token belongs to its search alone."""

import pytest

from tests.shops.sandbox.calling import DETAIL, control, lines_of
from tests.shops.sandbox.conftest import EPOCH

DAY = 86_400


def truth(sandbox, client, **query):
    query = {"marketplace": "tiktok", "shop": client.shop["external_id"], **query}
    target = "/truth/orders?" + "&".join(f"{key}={value}" for key, value in query.items())
    return lines_of(control(sandbox.control_url, "GET", target))


def test_all_pages_together_are_the_whole_shop(sandbox, client):
    pages = list(client.pages(page_size="40"))
    orders = [order for page in pages for order in page["orders"]]
    assert len(orders) == pages[0]["total_count"] == len({order["id"] for order in orders})
    assert {len(page["orders"]) for page in pages[:-1]} == {40}
    assert {order["id"] for order in orders} == {order["id"] for order in truth(sandbox, client)}
    assert [order["update_time"] for order in orders] == sorted(order["update_time"] for order in orders)


@pytest.mark.parametrize("sort_field", ["create_time", "update_time"])
def test_both_orders_of_both_fields(client, sort_field):
    upwards = [order["id"] for order in client.orders(sort_field=sort_field)]
    downwards = client.orders(sort_field=sort_field, sort_order="DESC")
    assert [order["id"] for order in downwards] == upwards[::-1]
    assert [order[sort_field] for order in downwards] == sorted((one[sort_field] for one in downwards), reverse=True)


def test_without_sort_the_oldest_come_first(client):
    orders = client.orders(sort_field=None, sort_order=None)
    assert [order["create_time"] for order in orders] == sorted(order["create_time"] for order in orders)


def test_every_filter(client):
    everything = client.orders()
    buyer = everything[5]["user_id"]
    warehouse = everything[0]["warehouse_id"]
    cases = [
        ({"order_status": "IN_TRANSIT"}, lambda order: order["status"] == "IN_TRANSIT"),
        ({"shipping_type": "SELLER"}, lambda order: order["shipping_type"] == "SELLER"),
        ({"buyer_user_id": buyer}, lambda order: order["user_id"] == buyer),
        ({"is_buyer_request_cancel": True}, lambda order: order.get("is_buyer_request_cancel", False)),
        ({"is_buyer_request_cancel": False}, lambda order: not order.get("is_buyer_request_cancel", False)),
        ({"warehouse_ids": [warehouse, "1"]}, lambda _order: True),
        ({"warehouse_ids": ["1"]}, lambda _order: False),
        ({"create_time_ge": EPOCH - DAY}, lambda order: order["create_time"] >= EPOCH - DAY),
        ({"create_time_lt": EPOCH - DAY}, lambda order: order["create_time"] < EPOCH - DAY),
        (
            {"update_time_ge": EPOCH - DAY, "update_time_lt": EPOCH - DAY // 2, "create_time_lt": EPOCH - 3 * DAY},
            lambda order: (
                EPOCH - DAY <= order["update_time"] < EPOCH - DAY // 2 and order["create_time"] < EPOCH - 3 * DAY
            ),
        ),
        ({"no_such_filter": 1}, lambda _order: True),
    ]
    for filters, fits in cases:
        for sort_field in ("create_time", "update_time"):
            found = client.orders(filters, sort_field=sort_field)
            assert sorted(order["id"] for order in found) == sorted(order["id"] for order in everything if fits(order))


def test_an_empty_result_is_one_empty_page(client):
    answer = client.search({"create_time_lt": 5}).json["data"]
    assert answer == {"next_page_token": "", "orders": [], "total_count": 0}


def test_a_page_token_belongs_to_its_search_and_shop(client, us_client):
    filters = {"create_time_ge": EPOCH - 2 * DAY}
    token = client.search(filters, page_size="5").json["data"]["next_page_token"]
    assert client.search(filters, page_size="7", page_token=token).status == 200
    assert client.search(dict(filters), page_size="5", page_token=token).json["data"]["orders"]
    for answer in (
        client.search({"create_time_ge": EPOCH - 2 * DAY + 1}, page_token=token),
        client.search(filters, page_token=token, sort_order="DESC"),
        client.search(filters, page_token=token[:-4] + "AAAA"),
        client.search(filters, page_token="bm9uc2Vuc2U="),
        client.search(filters, page_token="é"),
        us_client.search(filters, page_token=token),
    ):
        assert (answer.status, answer.code) == (400, 36009004)
        assert "page_token" in answer.json["message"]


def test_rows_are_settled_at_the_first_page_and_served_as_of_now(sandbox, client):
    control(sandbox.control_url, "POST", "/clock", {"now": EPOCH - DAY})
    settled = [order["id"] for order in client.orders()]
    pages = client.pages(page_size="30")
    first = next(pages)
    moved = control(sandbox.control_url, "POST", "/clock", {"advance_seconds": DAY}).json["now"]
    rest = [order for page in pages for order in page["orders"]]
    assert [order["id"] for order in first["orders"] + rest] == settled
    assert any(order["update_time"] > moved - DAY for order in rest)
    later = {order["id"]: order for order in client.orders()}
    assert len(later) > len(settled)
    assert all(later[order["id"]] == order for order in rest)


def test_orders_that_do_not_exist_yet_are_left_out_when_the_clock_goes_back(sandbox, client):
    token = client.search(page_size="10").json["data"]["next_page_token"]
    control(sandbox.control_url, "POST", "/clock", {"now": EPOCH - 5 * DAY})
    answer = client.search(page_size="100", page_token=token).json["data"]
    assert len(answer["orders"]) < 90
    assert all(order["create_time"] <= EPOCH - 5 * DAY for order in answer["orders"])


def test_detail_takes_both_forms_and_leaves_unknown_ids_out(client, us_client):
    ids = [order["id"] for order in client.orders()[:4]]
    foreign = us_client.orders()[0]["id"]
    wanted = [ids[2], "1", "abc", foreign, ids[0], ids[2], str(int(ids[0]) + 65536)]
    answer = client.detail(",".join(wanted)).json["data"]
    assert [order["id"] for order in answer["orders"]] == [ids[2], ids[0]]
    repeated = client.call("GET", DETAIL, more=(("ids", ids[3]), ("ids", ids[1])))
    assert [order["id"] for order in repeated.json["data"]["orders"]] == [ids[3], ids[1]]


def test_truth_agrees_with_search(sandbox, client, us_client):
    for caller in (client, us_client):
        served = {order["id"]: order for order in caller.orders()}
        lines = truth(sandbox, caller)
        assert len(lines) == len(served)
        for line in lines:
            order = served[line["id"]]
            assert set(line) == {"id", "status", "update_time", "total_amount", "currency", "lines"}
            assert (line["status"], line["update_time"]) == (order["status"], order["update_time"])
            assert line["total_amount"] == order["payment"]["total_amount"]
            assert line["currency"] == order["payment"]["currency"]
            assert line["lines"] == [
                {"id": one["id"], "sku_id": one["sku_id"], "quantity": 1, "price": one["sale_price"]}
                for one in order["line_items"]
            ]


def test_truth_of_the_past_is_what_search_said_then(sandbox, client):
    now = {line["id"]: line for line in truth(sandbox, client)}
    control(sandbox.control_url, "POST", "/clock", {"now": EPOCH - DAY})
    then = {order["id"]: order for order in client.orders()}
    control(sandbox.control_url, "POST", "/clock", {"now": EPOCH})
    past = {line["id"]: line for line in truth(sandbox, client, as_of=EPOCH - DAY)}
    assert {key: (line["status"], line["update_time"]) for key, line in past.items()} == {
        key: (order["status"], order["update_time"]) for key, order in then.items()
    }
    assert len(past) < len(now)
