"""Shopee's returns: list and detail agree with the truth and with the orders they are about."""

from decimal import Decimal

import pytest

from tests.shops.sandbox.shopee.calling import DAY, Client

LIST = "/returns/get_return_list"


def rows_of(client, **query):
    return client.numbered(LIST, "return", **query)


def detail_of(client, row):
    return client.get("/returns/get_return_detail", {"return_sn": row["return_sn"]})


def as_truth(detail):
    return {
        "id": detail["return_sn"],
        "order": detail["order_sn"],
        "kind": str(detail["return_solution"]),
        "status": detail["status"],
        "update_time": detail["update_time"],
        "refund_amount": Decimal(str(detail["refund_amount"])),
        "currency": detail["currency"],
        "lines": [
            {
                "order_line": "",
                "sku_id": str(item["model_id"] or item["item_id"]),
                "quantity": item["amount"],
                "refund_amount": Decimal(str(item["refund_amount"])),
            }
            for item in detail["item"]
        ],
        "tracking_number": detail["tracking_number"],
    }


@pytest.mark.parametrize("number", [0, 2], ids=["VND", "THB"])
def test_all_returns_agree_with_the_truth(control_url, number):
    one = Client(control_url, number)
    read = [as_truth(detail_of(one, row)) for row in rows_of(one)]
    truth = one.truth("returns")
    for row in truth:
        row["refund_amount"] = Decimal(row["refund_amount"])
        for line in row["lines"]:
            line["refund_amount"] = Decimal(line["refund_amount"])
    assert read == truth
    assert {row["kind"] for row in truth} == {"0", "1"}


def test_parts_of_a_return_add_up_and_belong_to_the_order(client):
    orders = {order["order_sn"]: order for order in client.orders()}
    for row in rows_of(client):
        detail = detail_of(client, row)
        assert sum(item["refund_amount"] for item in detail["item"]) == detail["refund_amount"]
        sold = {(line["item_id"], line["model_id"]) for line in orders[row["order_sn"]]["item_list"]}
        assert {(item["item_id"], item["model_id"]) for item in detail["item"]} <= sold


def test_the_list_is_flat_where_the_detail_nests(client):
    row = rows_of(client)[0]
    detail = detail_of(client, row)
    assert row["negotiation_status"] == detail["negotiation"]["negotiation_status"]
    assert row["seller_proof_status"] == detail["seller_proof"]["seller_proof_status"]
    assert all("refund_amount" not in item for item in row["item"])


@pytest.mark.parametrize("field", ["create_time", "update_time"])
def test_windows(client, thai_client, field):
    for one in (client, thai_client):
        rows = rows_of(one)
        moments = sorted(row[field] for row in rows)
        start, end = moments[1], moments[-2]
        found = rows_of(one, **{f"{field}_from": start, f"{field}_to": end})
        assert {row["return_sn"] for row in found} == {row["return_sn"] for row in rows if start <= row[field] <= end}


def test_filters(client):
    rows = rows_of(client)
    for status in {row["status"] for row in rows}:
        assert rows_of(client, status=status) == [row for row in rows if row["status"] == status]
    waiting = rows_of(client, negotiation_status="PENDING_RESPOND")
    assert waiting == [row for row in rows if row["status"] == "REQUESTED"]


def test_pages_may_begin_with_one(client):
    whole = rows_of(client)
    client.switch(first_return_page=1)
    assert client.numbered(LIST, "return", first=1) == whole
    assert client.call(LIST, {"page_no": 0, "page_size": 5}).json["error"] == "error_param"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"page_size": 101}, "error_param"),
        ({"update_time_from": 0, "update_time_to": 15 * DAY + 1}, "time_period_too_large"),
        ({"create_time_from": 5, "create_time_to": 4}, "time_invalid"),
        ({"create_time_from": 5, "update_time_from": 4}, "error_param"),
        ({"status": "COMPLETED"}, "error_param"),
    ],
)
def test_what_the_list_refuses(client, query, error):
    assert client.call(LIST, {"page_no": 0, "page_size": 5, **query}).json["error"] == error


def test_unknown_returns_are_refused(client, thai_client):
    foreign = rows_of(thai_client)[0]["return_sn"]
    mine = rows_of(client)[0]["return_sn"]
    for number in ("", "5", foreign, mine[:-1], mine[:-1] + "9"):
        assert client.call("/returns/get_return_detail", {"return_sn": number}).json["error"] == "error_not_found"
