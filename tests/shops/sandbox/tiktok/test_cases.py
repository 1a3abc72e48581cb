"""Returns and cancellations agree with the truth and with their orders."""

import pytest

from tests.shops.sandbox.calling import Client, control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.tiktok.reading import BY_UPDATE, CANCELLATIONS, RETURNS, by_id, get, post, rows, truth

DAY = 86_400


def all_returns(client, filters=None, path=RETURNS):
    return rows(client, "POST", path, "return_orders", filters, page_size="50", **BY_UPDATE)


def all_cancellations(client, filters=None):
    return rows(client, "POST", CANCELLATIONS, "cancellations", filters, page_size="50", **BY_UPDATE)


def as_truth(row, prefix):
    refund = row.get("refund_amount", {})
    return {
        "id": row[f"{prefix}_id"],
        "order": row["order_id"],
        "kind": row[f"{prefix}_type"],
        "status": row[f"{prefix}_status"],
        "update_time": row["update_time"],
        "refund_amount": refund.get("refund_total"),
        "currency": refund.get("currency"),
        "lines": [
            {
                "order_line": line["order_line_item_id"],
                "sku_id": line["sku_id"],
                "quantity": 1,
                "refund_amount": line.get("refund_amount", {}).get("refund_total"),
            }
            for line in row[f"{prefix}_line_items"]
        ],
        "tracking_number": row.get("return_tracking_number", ""),
    }


def test_every_case_agrees_with_the_truth(sandbox, each_client):
    found = [as_truth(row, "return") for row in all_returns(each_client)]
    assert len(found) >= 2
    found += [as_truth(row, "cancel") for row in all_cancellations(each_client)]
    assert by_id(found) == by_id(truth(sandbox, "returns", each_client))
    assert {case["kind"] for case in found} >= {"RETURN_AND_REFUND", "CANCEL", "BUYER_CANCEL"}


def test_cases_name_lines_of_their_orders(client):
    orders = by_id(client.orders())
    for row in all_returns(client) + all_cancellations(client):
        order = orders[row["order_id"]]
        lines = {line["id"]: line["sku_id"] for line in order["line_items"]}
        for line in row.get("return_line_items") or row["cancel_line_items"]:
            assert lines[line["order_line_item_id"]] == line["sku_id"]


def test_a_cancelled_order_has_its_money_back(client):
    orders = by_id(client.orders())
    for row in all_cancellations(client):
        order = orders[row["order_id"]]
        if row["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE":
            assert order["status"] == "CANCELLED"
            expected = "0" if order["is_cod"] else order["payment"]["total_amount"]
            assert row["refund_amount"]["refund_total"] == expected
        else:
            assert order["status"] != "CANCELLED"
            assert "refund_amount" not in row


def test_the_newer_version_is_an_alias(client):
    assert all_returns(client, path=RETURNS.replace("202309", "202602")) == all_returns(client)


def test_days_of_updates_hold_every_case_once(client):
    for read, field in ((all_returns, "return_id"), (all_cancellations, "cancel_id")):
        split = []
        for day in range(6):
            end = EPOCH - (5 - day) * DAY
            split += read(client, {"update_time_ge": end - DAY, "update_time_lt": end + (day == 5)})
        assert [row[field] for row in split] == [row[field] for row in read(client)]


def test_a_case_goes_on_while_time_does(sandbox):
    seen: dict[str, list[tuple[int, str]]] = {}
    for hours in range(60, -1, -3):
        control(sandbox.control_url, "POST", "/clock", {"mode": "frozen", "now": EPOCH - hours * 3600})
        client = Client(control(sandbox.control_url, "GET", "/world").json)
        for row in all_returns(client):
            seen.setdefault(row["return_id"], []).append((row["update_time"], row["return_status"]))
    stories = {tuple(dict.fromkeys(status for _, status in states)) for states in seen.values()}
    assert any(story[:2] == ("RETURN_OR_REFUND_REQUEST_PENDING", "AWAITING_BUYER_SHIP") for story in stories)
    assert all(states == sorted(states, key=lambda state: state[0]) for states in seen.values())


def test_filters_by_order_and_status(client):
    every = all_returns(client)
    assert all_returns(client, {"order_ids": [every[0]["order_id"]]}) == [every[0]]
    assert all_returns(client, {"return_ids": [every[-1]["return_id"]]}) == [every[-1]]
    status = every[0]["return_status"]
    assert all_returns(client, {"return_status": [status]}) == [row for row in every if row["return_status"] == status]
    first = every[0]["create_time"]
    assert every[0] in all_returns(client, {"create_time_ge": first, "create_time_lt": first + 1})


@pytest.mark.parametrize("size", ["9", "51"])
def test_page_sizes_of_the_return_search_are_limited(sandbox, client, size):
    answer = post(client, RETURNS, page_size=size)
    assert (answer.status, answer.code) == (400, 36009004)
    control(sandbox.control_url, "POST", "/switches", {"marketplace": "tiktok", "least_return_page_size": 1})
    assert post(client, RETURNS, page_size="9").code == 0
    assert len(post(client, CANCELLATIONS).json["data"]["cancellations"]) == 10


def test_records_and_reasons(client):
    row = all_returns(client)[0]
    records = get(client, f"/return_refund/202309/returns/{row['return_id']}/records").json["data"]["records"]
    assert [records[0]["create_time"], records[-1]["create_time"]] == [row["create_time"], row["update_time"]]
    reasons = get(client, "/return_refund/202309/reject_reasons", return_or_cancel_id=row["return_id"])
    assert {reason["name"] for reason in reasons.json["data"]["reasons"]} >= {"reverse_reject_return_parcel_reason_1"}
    assert get(client, "/return_refund/202309/reject_reasons", return_or_cancel_id="4041").code == 25001001


def test_an_impossible_case(client, fault):
    fault("impossible_record", endpoint="return_search", times=4)
    pages = [post(client, RETURNS, page_size="50").json["data"]["return_orders"] for _ in range(4)]
    assert any("return_id" not in row for page in pages for row in page)
    assert any(row["return_status"] == "BEING_PONDERED" for page in pages for row in page)
