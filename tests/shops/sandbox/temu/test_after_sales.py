"""Refunds, returns and cancellations agree with the truth over the calls that together tell of them."""

from collections import Counter

import pytest

from tests.shops.sandbox.conftest import EPOCH

PARENTS, CHILDREN = "bg.aftersales.parentaftersales.list.get", "bg.aftersales.aftersales.list.get"
DETAIL, LOGISTICS = "temu.aftersales.parentaftersales.detail.get", "bg.aftersales.parentreturnorder.get"
CANCELS = "bg.aftersales.cancel.list.get"
ALWAYS = {"updateAtStart": 0, "updateAtEnd": EPOCH}


def parents(client, **filters):
    return client.pages(PARENTS, "data", "total", "pageNo", **{"pageSize": 200, **ALWAYS, **filters})


def cancels(client, **filters):
    return client.pages(CANCELS, "data", "total", "pageNo", **{"pageSize": 200, **filters})


def told(client, *, cancelled):
    return {number: one for number, one in client.truth("returns").items() if (one["kind"] == "cancel") == cancelled}


def test_the_list_of_requests_agrees_with_the_truth(client):
    found = {
        row["parentAfterSalesSn"]: (
            row["parentOrderSn"], str(row["afterSalesType"]), str(row["parentAfterSalesStatus"]), row["updateAt"]
        )
        for row in parents(client)
    }  # fmt: skip
    assert len(found) >= 5
    assert found == {
        number: (one["order"], one["kind"], one["status"], one["update_time"])
        for number, one in told(client, cancelled=False).items()
    }


def test_details_agree_with_the_truth(client):
    for number, truth in told(client, cancelled=False).items():
        detail = client.result(DETAIL, parentOrderSn=truth["order"], parentAfterSalesSn=number)
        money = detail["refundSummary"]["buyerTotalRefund"]
        assert (f"{money['amount'] / 100:.2f}", money["currency"]) == (truth["refund_amount"], truth["currency"])
        assert detail["lastUpdateAtMillis"] == truth["update_time"] * 1000
        assert [
            {
                "order_line": line["orderSn"],
                "sku_id": str(line["afterSalesGoodsInfo"]["skuId"]),
                "quantity": line["applyAfterSalesGoodsNumber"],
                "refund_amount": f"{line['applyRefundAmount']['amount'] / 100:.2f}",
            }
            for line in detail["afterSalesList"]
        ] == truth["lines"]
        assert sum(line["applyRefundAmount"]["amount"] for line in detail["afterSalesList"]) == money["amount"]


def test_only_goods_on_their_way_back_have_a_parcel(client):
    seen = set()
    for number, truth in told(client, cancelled=False).items():
        found = client.result(LOGISTICS, parentAfterSalesSn=number)["logisticsInfoList"]
        assert [one["trackingNumber"] for one in found] == ([truth["tracking_number"]] if found else [])
        assert bool(found) == bool(truth["tracking_number"])
        seen.add(bool(found))
    assert seen == {True, False}


def test_children_tell_goods_but_no_child_order(client):
    truth = told(client, cancelled=False)
    rows = client.pages(CHILDREN, "data", "total", "pageNo", pageSize=200, parentAfterSalesSnList=list(truth))
    counts = Counter(row["parentAfterSalesSn"] for row in rows)
    assert counts == {number: len(one["lines"]) for number, one in truth.items()}
    assert all("orderSn" not in row for row in rows)
    assert client.code(CHILDREN) == 130010001


def test_cancellations_agree_with_the_truth(client):
    rows = cancels(client)
    truth = told(client, cancelled=True)
    assert len(rows) == len(truth) > 5
    for row in rows:
        one = truth[row["parentAfterSalesSn"]]
        assert str(row["parentAfterSalesStatus"]) == one["status"]
        assert [(line["orderSn"], line["applyGoodsNumber"]) for line in row["afterSalesInfoList"]] == [
            (line["order_line"], line["quantity"]) for line in one["lines"]
        ]
        assert all(line["createAtMillis"] > 10**12 for line in row["afterSalesInfoList"])


def test_groups_of_cancellations_and_of_requests_are_others(client):
    by_group = {group: cancels(client, afterSalesStatusGroup=group) for group in (8, 9, 10, 11)}
    assert sum(map(len, by_group.values())) == len(cancels(client))
    assert {row["parentAfterSalesStatus"] for row in by_group[9]} == {5}
    assert client.code(CANCELS, afterSalesStatusGroup=1) == 130010001
    assert client.code(PARENTS, **ALWAYS, afterSalesStatusGroup=9) == 130010001
    for group in range(1, 8):
        rows = parents(client, afterSalesStatusGroup=group)
        assert {row["afterSalesStatusGroup"] for row in rows} <= {group}


def test_both_ends_of_a_window_belong_to_it(client):
    for names, field in (
        (("createAtStart", "createAtEnd"), "createAt"),
        (("updateAtStart", "updateAtEnd"), "updateAt"),
    ):
        moments = sorted(row[field] for row in parents(client))
        first, last = moments[1], moments[-2]
        rows = client.pages(
            PARENTS, "data", "total", "pageNo", pageSize=200, **{names[0]: first, names[1]: last}
        )  # fmt: skip
        assert sorted(row[field] for row in rows) == [one for one in moments if first <= one <= last]


def test_requests_by_order_and_by_number(client):
    number, truth = next(iter(told(client, cancelled=False).items()))
    by_order = client.result(PARENTS, parentOrderSnList=[truth["order"]])["data"]
    by_number = client.result(PARENTS, parentAfterSalesSnList=[number])["data"]
    assert [row["parentAfterSalesSn"] for row in by_number] == [number]
    assert by_number == [row for row in by_order if row["parentAfterSalesSn"] == number]
    cancelled = next(iter(told(client, cancelled=True).values()))
    assert [row["parentAfterSalesSn"] for row in cancels(client, parentOrderSnList=[cancelled["order"]])] == [
        cancelled["id"]
    ]
    assert client.result(PARENTS, parentAfterSalesSnList=[cancelled["id"], "nonsense"])["data"] == []


def test_one_pair_of_times_is_required_unless_switched(client, switch):
    assert client.code(PARENTS) == 130010001
    assert client.code(PARENTS, createAtStart=0) == 140020013
    switch(do_after_sales_need_times=False)
    assert client.result(PARENTS, pageSize=200)["total"] == len(told(client, cancelled=False))


@pytest.mark.parametrize("changes", [{"pageSize": 201}, {"pageNo": 0}, {"parentAfterSalesSnList": ["x"] * 201}])
def test_limits_are_those_of_the_lists(client, changes):
    for kind in (PARENTS, CANCELS):
        assert client.code(kind, **{**ALWAYS, **changes}) == 130010001


def test_the_page_asked_for_as_pageno_comes_back_as_pagenumber(client):
    first = client.result(PARENTS, **ALWAYS)
    second = client.result(PARENTS, **ALWAYS, pageNo=2)
    assert (first["pageNumber"], second["pageNumber"]) == (1, 2)
    assert len(first["data"]) == 10


def test_a_detail_needs_both_numbers_and_a_request_that_is_no_cancellation(client):
    number, truth = next(iter(told(client, cancelled=False).items()))
    cancelled = next(iter(told(client, cancelled=True).values()))
    assert client.code(DETAIL, parentAfterSalesSn=number) == 130010001
    assert client.code(DETAIL, parentOrderSn=cancelled["order"], parentAfterSalesSn=number) == 130010001
    assert client.code(DETAIL, parentOrderSn=truth["order"], parentAfterSalesSn="nonsense") == 130010001
    assert client.code(DETAIL, parentOrderSn=cancelled["order"], parentAfterSalesSn=cancelled["id"]) == 130010001
