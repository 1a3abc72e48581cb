"""Cancellations, refunds and returns: minor units except in Vietnam, other names in the detail, the truth."""

from decimal import Decimal

import pytest

from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.lazada.calling import REVERSE, REVERSE_DETAIL, code

DAY = 86_400
HISTORY = "/order/reverse/return/history/list"
# Minor units of the answers for one major unit: 100 = 1.00, but plain in Vietnam, also where the currency has no cents.
MINOR = {"VN": 1, "TH": 100, "ID": 100}


def test_reverse_orders_agree_with_the_truth(clients):
    for client in clients:
        truth = {int(line["id"]): line for line in client.truth("returns")}
        rows = client.reverse_orders()
        assert {row["reverse_order_id"] for row in rows} == set(truth) and len(rows) == len(truth)
        minor = MINOR[client.shop["region"]]
        for row in rows:
            agreed, lines = truth[row["reverse_order_id"]], row["reverse_order_lines"]
            assert (str(row["trade_order_id"]), row["request_type"]) == (agreed["order"], agreed["kind"])
            assert {line["reverse_status"] for line in lines} == {agreed["status"]}
            assert {line["return_order_line_gmt_modified"] for line in lines} == {agreed["update_time"]}
            assert {line["tracking_number"] for line in lines} == {agreed["tracking_number"]}
            amounts = [Decimal(line["refund_amount"]) / minor for line in lines]
            assert amounts == [Decimal(line["refund_amount"]) for line in agreed["lines"]]
            assert sum(amounts) == Decimal(agreed["refund_amount"])
            assert [str(line["trade_order_line_id"]) for line in lines] == [o["order_line"] for o in agreed["lines"]]
            assert [line["platform_sku_id"].rpartition("-")[2] for line in lines] == [
                line["sku_id"] for line in agreed["lines"]
            ]


def test_every_kind_occurs_and_goods_are_told_apart_from_money(clients):
    rows = [row for client in clients for row in client.reverse_orders()]
    assert {row["request_type"] for row in rows} == {"CANCEL", "RETURN", "ONLY_REFUND"}
    lines = [(row, line) for row in rows for line in row["reverse_order_lines"]]
    assert {"REQUEST_INITIATE", "REQUEST_REJECT", "CANCEL_SUCCESS", "REFUND_SUCCESS"} <= {
        line["reverse_status"] for _, line in lines
    }
    assert all(row["request_type"] == "RETURN" for row, line in lines if line["ofc_status"])
    assert any(line["tracking_number"] for _, line in lines)
    assert all(line["refund_amount"] <= line["item_unit_price"] for _, line in lines)
    assert any(0 < line["refund_amount"] < line["item_unit_price"] for _, line in lines)


def test_a_cancelled_order_is_cancelled_in_both_lists(client):
    cancelled = {row["trade_order_id"] for row in client.reverse_orders(reverse_status_list='["CANCEL_SUCCESS"]')}
    assert cancelled
    statuses = {order["order_id"]: order["statuses"] for order in client.orders()}
    assert all(statuses[order] == ["canceled"] for order in cancelled)


def test_the_detail_says_the_same_under_other_names(client):
    row = next(row for row in client.reverse_orders() if row["request_type"] == "RETURN")
    detail = client.data(REVERSE_DETAIL, reverse_order_id=str(row["reverse_order_id"]))
    lines, dtos = row.pop("reverse_order_lines"), detail.pop("reverseOrderLineDTOList")
    assert detail == row
    for line, dto in zip(lines, dtos, strict=True):
        product, buyer = line.pop("product"), line.pop("buyer")
        other_product, other_buyer = dto.pop("productDTO"), dto.pop("buyer")
        assert (product["product_id"], buyer["buyer_id"]) == (other_product["product_id"], other_buyer["user_id"])
        assert set(product) == {"product_id", "product_sku"} and set(other_product) == {"product_id", "sku"}
        assert line == dto


def test_windows_in_milliseconds_and_lists_of_words(client):
    everything = client.reverse_orders()
    modified = sorted(row["reverse_order_lines"][0]["return_order_line_gmt_modified"] for row in everything)
    start, end = modified[len(modified) // 3], modified[2 * len(modified) // 3]
    fields = {
        "ReverseOrderLineModifiedTimeRange": "return_order_line_gmt_modified",
        "ReverseOrderLineTimeRange": "return_order_line_gmt_create",
        "TradeOrderLineCreatedTimeRange": "trade_order_gmt_create",
    }
    for name, field in fields.items():
        found = client.reverse_orders(**{f"{name}Start": f"{start}000", f"{name}End": f"{end}000"})
        expected = [row for row in everything if start <= row["reverse_order_lines"][0][field] <= end]
        assert found == expected and found
    kinds = client.reverse_orders(request_type_list='["RETURN","ONLY_REFUND"]')
    assert kinds == [row for row in everything if row["request_type"] != "CANCEL"]
    to_seller = client.reverse_orders(return_to_type="RTM", dispute_in_progress="false")
    assert to_seller and to_seller == [row for row in everything if row["is_rtm"]]
    assert client.reverse_orders(QC_Decision="scrap") == []
    one = everything[3]
    assert client.reverse_orders(reverse_order_id=str(one["reverse_order_id"])) == [one]
    assert client.reverse_orders(trade_order_id=str(one["trade_order_id"]), ofc_status_list='[""]') == [
        row for row in everything if row["trade_order_id"] == one["trade_order_id"]
    ]


def test_times_may_be_milliseconds(client):
    seconds = client.reverse_orders()[0]["reverse_order_lines"][0]
    client.switch(reverse_times_in_ms=True)
    milliseconds = client.reverse_orders()[0]["reverse_order_lines"][0]
    for field in ("trade_order_gmt_create", "return_order_line_gmt_create", "return_order_line_gmt_modified"):
        assert milliseconds[field] == seconds[field] * 1000
    assert milliseconds["sla"] == seconds["sla"] > 10**12


def test_the_history_of_a_line(client):
    row = next(row for row in client.reverse_orders() if row["request_type"] == "RETURN")
    line = row["reverse_order_lines"][0]
    history = client.data(HISTORY, reverse_order_line_id=str(line["reverse_order_line_id"]))
    assert history["list"][0]["time"] == line["return_order_line_gmt_create"]
    assert history["list"][-1]["time"] == line["return_order_line_gmt_modified"]
    assert history["page_info"]["total"] == len(history["list"])
    assert code(client.get(HISTORY, reverse_order_line_id="first")) == "103"
    assert code(client.get(HISTORY, reverse_order_line_id=str(line["reverse_order_line_id"] + 9))) == "106"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"page_no": None}, "MissingParameter"),
        ({"page_size": None}, "MissingParameter"),
        ({"page_no": "0"}, "121"),
        ({"page_size": "51"}, "120"),
        ({"request_type_list": "RETURN"}, "InvalidParameter"),
        ({"ReverseOrderLineTimeRangeStart": "2026-01-01"}, "InvalidParameter"),
    ],
)
def test_what_cannot_be_listed_is_refused(client, parameters, expected):
    assert code(client.get(REVERSE, **{"page_no": "1", "page_size": "10", **parameters})) == expected


def test_details_of_others_are_refused(client, thai_client):
    foreign = thai_client.reverse_orders()[0]["reverse_order_id"]
    assert code(client.get(REVERSE_DETAIL, reverse_order_id=str(foreign))) == "106"
    assert code(client.get(REVERSE_DETAIL, reverse_order_id="1")) == "106"
    assert code(client.get(REVERSE_DETAIL, reverse_order_id="first")) == "105"


def test_the_truth_of_the_past_is_what_the_list_said_then(client):
    client.move_clock(now=EPOCH - DAY)
    then = {
        str(row["reverse_order_id"]): row["reverse_order_lines"][0]["reverse_status"] for row in client.reverse_orders()
    }
    client.move_clock(now=EPOCH)
    assert {line["id"]: line["status"] for line in client.truth("returns", as_of=EPOCH - DAY)} == then
