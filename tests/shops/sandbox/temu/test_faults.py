"""Faults show as they do at Temu, mostly with HTTP 200, and rows move between pages only when told to."""

import http.client
from collections import Counter

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.temu.calling import AMOUNTS, DETAIL, INFO, LIST, sign

ALWAYS = {"updateAtStart": 0, "updateAtEnd": EPOCH, "sortby": "updateTime"}


def numbers(rows):
    return [row["parentOrderMap"].get("parentOrderSn") for row in rows]


@pytest.mark.parametrize(
    ("kind", "code", "outcome"),
    [
        ("throttled", 4000004, "throttled"),
        ("throttled_silent", 4000004, "throttled"),
        ("server_error", 4000000, "faulted"),
    ],
)
def test_errors_come_with_http_200(client, fault, kind, code, outcome):
    fault(kind, endpoint=INFO)
    assert client.code(INFO) == code
    assert client.code(INFO) == 1000000
    assert client.counts(INFO)[outcome] == 1


@pytest.mark.parametrize(("kind", "status"), [("throttled", 429), ("server_error", 502)])
def test_errors_can_come_from_the_edge(client, fault, switch, kind, status):
    switch(do_errors_come_from_edge=True)
    fault(kind, endpoint=INFO)
    body = client.body(INFO)
    answer = client.post({**body, "sign": sign(client.app["app_secret"], body)})
    assert (answer.status, answer.body[:6]) == (status, b"<html>")
    assert client.code(INFO) == 1000000


def test_an_answer_can_be_no_json_or_cut_off(client, fault):
    body = client.body(INFO)
    signed = {**body, "sign": sign(client.app["app_secret"], body)}
    fault("not_json")
    assert client.post(signed).body.startswith(b"<html>")
    fault("cut_off")
    with pytest.raises(http.client.IncompleteRead):
        client.post(signed)


def test_every_so_many_orders_are_still_being_calculated(client, switch):
    number = numbers(client.orders(parentOrderStatus=5))[0]
    switch(calculating_every=3)
    codes = Counter(client.code(AMOUNTS, parentOrderSn=number) for _ in range(9))
    assert codes == {1000000: 6, 140020008: 3}
    codes = Counter(client.code(DETAIL, parentOrderSn=number, fulfillmentTypeList=["fulfillBySeller",
        "fulfillByCooperativeWarehouse"]) for _ in range(3))  # fmt: skip
    assert codes == {1000000: 2, 140020009: 1}


def test_a_shifted_page_skips_rows(client, fault):
    plain = numbers(client.orders(**ALWAYS))
    assert client.result(LIST, **ALWAYS, pageSize=100)["totalItemNum"]
    fault("page_shift", endpoint=LIST, rows=2)
    found = numbers(client.orders(**ALWAYS))
    assert found == plain[:100] + plain[102:]
    assert numbers(client.orders(**ALWAYS)) == plain


def test_repeated_rows_come_twice(client, fault):
    plain = numbers(client.orders(**ALWAYS))
    fault("repeated_rows", endpoint=LIST, rows=3)
    found = numbers(client.orders(**ALWAYS))
    assert found[:103] == plain[:100] + plain[97:100]


@pytest.mark.parametrize(
    ("kind", "rows", "id_field", "filters"),
    [
        (LIST, "pageItems", "parentOrderSn", {}),
        ("bg.aftersales.parentaftersales.list.get", "data", "parentAfterSalesSn", {"updateAtStart": 0,
            "updateAtEnd": EPOCH}),
        ("bg.aftersales.cancel.list.get", "data", "parentAfterSalesSn", {}),
        ("bg.order.unshipped.package.get", "unshippedPackage", "packageSn", {"pageNumber": 1, "pageSize": 5}),
        ("bg.local.goods.list.query", "goodsList", "goodsId", {}),
        ("bg.local.goods.sku.list.query", "skuList", "skuId", {}),
        ("temu.local.goods.list.retrieve", "goodsList", "goodsId", {}),
        ("temu.local.sku.list.retrieve", "skuList", "skuId", {}),
    ],
)  # fmt: skip
def test_one_record_can_be_impossible(client, fault, kind, rows, id_field, filters):
    plain = client.result(kind, **filters)[rows]
    fault("impossible_record", endpoint=kind)
    bent = client.result(kind, **filters)[rows]
    assert len(bent) == len(plain)
    assert sum(one != other for one, other in zip(plain, bent, strict=True)) == 1
    assert client.counts(kind)["faulted"] == 1
    assert client.result(kind, **filters)[rows] == plain


def test_pages_fit_together_while_the_world_goes_on(client):
    now = EPOCH - 3600
    control(client.control_url, "POST", "/clock", {"now": now})
    window = {"updateAtStart": 0, "updateAtEnd": now, "sortby": "updateTime", "pageSize": 100,
              "fulfillmentTypeList": ["fulfillBySeller", "fulfillByCooperativeWarehouse"]}  # fmt: skip
    expected = set(client.truth("orders"))
    found = numbers(client.result(LIST, **window)["pageItems"])
    control(client.control_url, "POST", "/clock", {"now": EPOCH})
    page = 2
    while rows := client.result(LIST, pageNumber=page, **window)["pageItems"]:
        found += numbers(rows)
        page += 1
    assert sorted(found) == sorted(expected)


def test_rows_move_between_pages_when_switched(client, switch):
    switch(are_pages_stable=False)
    now = EPOCH - 24 * 3600
    control(client.control_url, "POST", "/clock", {"now": now})
    window = {"updateAtStart": 0, "updateAtEnd": now, "sortby": "updateTime", "pageSize": 100}
    total = client.result(LIST, **window)["totalItemNum"]
    control(client.control_url, "POST", "/clock", {"now": EPOCH})
    assert client.result(LIST, pageNumber=2, **window)["totalItemNum"] < total
