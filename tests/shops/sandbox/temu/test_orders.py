"""Order lists agree with the truth, page by page and filter by filter, and refuse what Temu refuses."""

from collections import Counter

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.temu.calling import AMOUNTS, BOTH, DETAIL, LIST, TemuClient

DAY = 86_400


def seen(row):
    """What an entry of the list tells, in the form of the truth."""
    parent = row["parentOrderMap"]
    lines = [
        (line["orderSn"], str(line["skuId"]), line["originalOrderQuantity"]) for line in row["orderList"]
    ]  # fmt: skip
    return str(parent["parentOrderStatus"]), parent["updateTime"], lines


def told(order):
    lines = [(line["id"], line["sku_id"], line["quantity"]) for line in order["lines"]]
    return order["status"], order["update_time"], lines


@pytest.mark.parametrize("shop_number", [0, 1, 2])
def test_the_list_agrees_with_the_truth(temu, shop_number):
    client = TemuClient(temu, shop_number)
    rows = client.orders(updateAtStart=0, updateAtEnd=EPOCH, sortby="updateTime")
    found = {row["parentOrderMap"]["parentOrderSn"]: seen(row) for row in rows}
    assert len(found) == len(rows) > 200
    assert found == {number: told(order) for number, order in client.truth("orders").items()}


def test_all_statuses_are_in_the_world_and_can_be_asked_for(client):
    counts = Counter(order["status"] for order in client.truth("orders").values())
    assert set(counts) == {"1", "2", "3", "4", "41", "5"}
    for status, count in counts.items():
        assert len(client.orders(parentOrderStatus=int(status))) == count
    assert client.orders(parentOrderStatus=51) == []


@pytest.mark.parametrize(("sort", "field"), [("createTime", "parentOrderTime"), ("updateTime", "updateTime")])
def test_the_latest_comes_first(client, sort, field):
    moments = [row["parentOrderMap"][field] for row in client.orders(sortby=sort)]
    assert moments == sorted(moments, reverse=True)
    assert moments != sorted(moments)


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (("createAfter", "createBefore"), "parentOrderTime"),
        (("updateAtStart", "updateAtEnd"), "updateTime"),
        (("parentConfirmTimeStart", "parentConfirmTimeEnd"), "parentConfirmTime"),
        (("expectShipLatestTimeStart", "expectShipLatestTimeEnd"), "expectShipLatestTime"),
    ],
)
def test_both_ends_of_a_window_belong_to_it(client, names, field):
    moments = sorted(row["parentOrderMap"][field] for row in client.orders() if row["parentOrderMap"][field])
    first, last = moments[50], moments[90]
    rows = client.orders(**{names[0]: first, names[1]: last})
    assert sorted(row["parentOrderMap"][field] for row in rows) == [one for one in moments if first <= one <= last]


def test_orders_by_number(client):
    numbers = list(client.truth("orders"))[:20]
    rows = client.orders(parentOrderSnList=[*numbers[:19], "PO-211-00000000000000000"])
    assert {row["parentOrderMap"]["parentOrderSn"] for row in rows} == set(numbers[:19])
    other = TemuClient(client.control_url, 1)
    assert other.orders(parentOrderSnList=numbers) == []


def test_an_order_with_a_sku_and_one_of_another_region(client):
    sku = next(iter(client.truth("orders").values()))["lines"][0]["sku_id"]
    rows = client.orders(skuId=int(sku))
    assert rows and all(any(str(line["skuId"]) == sku for line in row["orderList"]) for row in rows)
    assert client.orders(regionId=76) == []
    assert len(client.orders(regionId=211)) == len(client.truth("orders"))


def test_without_the_fulfilment_types_only_the_sellers_own_lines_are_listed(client, switch):
    everything = client.orders()
    kinds = {row["parentOrderMap"]["parentOrderSn"]: row["orderList"][0]["fulfillmentType"] for row in everything}
    assert set(kinds.values()) == set(BOTH)
    own = client.result(LIST, pageSize=1)["totalItemNum"]
    assert own == sum(kind == BOTH[0] for kind in kinds.values()) < len(everything)
    assert client.result(LIST, pageSize=1, fulfillmentTypeList=[])["totalItemNum"] == own
    switch(are_seller_lines_default=False)
    assert client.result(LIST, pageSize=1)["totalItemNum"] == len(everything)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pageSize": 101}, 3000000),
        ({"pageSize": 0}, 3000000),
        ({"pageNumber": 0}, 3000000),
        ({"pageNumber": "1"}, 3000000),
        ({"pageNumber": True}, 3000000),
        ({"parentOrderStatus": 6}, 3000000),
        ({"sortby": "price"}, 3000000),
        ({"parentOrderSnList": ["PO-211-00000000000000000"] * 21}, 3000000),
        ({"parentOrderSnList": "PO-211-00000000000000000"}, 3000000),
        ({"fulfillmentTypeList": ["byNobody"]}, 3000000),
        ({"hasPreSaleOrder": 1}, 3000000),
        ({"createAfter": EPOCH}, 140020013),
        ({"updateAtEnd": EPOCH}, 140020013),
        ({"createAfter": EPOCH * 1000, "createBefore": EPOCH * 1000}, 140020014),
        ({"createAfter": str(EPOCH), "createBefore": EPOCH}, 3000000),
        ({"parentConfirmTimeStart": EPOCH, "parentConfirmTimeEnd": EPOCH - 1}, 140020012),
        ({"updateAtStart": EPOCH, "updateAtEnd": EPOCH - 1}, 1000000),
        ({"somethingElse": 1, "pageNo": "x", "sortby": None}, 1000000),
    ],
)
def test_parameters_are_read_strictly_and_unknown_names_ignored(client, changes, code):
    assert client.code(LIST, **changes) == code


def test_half_a_pair_is_named(client):
    assert client.call(LIST, createAfter=EPOCH)["errorMsg"] == "createBefore not passed in"


def test_a_list_has_ten_rows_a_page_by_default_and_ends_in_empty_pages(client):
    first = client.result(LIST, fulfillmentTypeList=BOTH)
    assert len(first["pageItems"]) == 10
    assert first["totalItemNum"] == len(client.truth("orders"))
    assert client.result(LIST, fulfillmentTypeList=BOTH, pageNumber=1000)["pageItems"] == []


def test_amounts_agree_with_the_truth_and_with_their_formulas(client):
    for number, order in list(client.truth("orders").items())[::5]:
        result = client.result(AMOUNTS, parentOrderSn=number)
        sums = {
            name: value["amount"]
            for name, value in result["parentOrderMap"].items()
            if isinstance(value, dict) and value["currency"] == order["currency"]
        }
        assert f"{sums['customerPaid'] / 100:.2f}" == order["total_amount"]
        assert sums["customerPaid"] == (
            sums["retailPriceTotal"] + sums["shippingAmountTotal"] + sums["taxTotal"] - sums["refundsTotal"]
            - sums["totalDiscount"]
        )  # fmt: skip
        assert sums["estimatedRevenue"] == sums["basePriceTotal"] + sums["shippingAmountTotal"]
        retail = 0
        for line, truth in zip(result["orderList"], order["lines"], strict=True):
            discount = line["discountFromSeller"]["amount"] + line["discountFromTEMU"]["amount"]
            each, rest = divmod(discount, line["quantity"])
            assert rest == 0
            assert f"{(line['unitRetailPrice']['amount'] - each) / 100:.2f}" == truth["price"]
            assert (line["orderSn"], line["quantity"]) == (truth["id"], truth["quantity"])
            retail += line["unitRetailPrice"]["amount"] * line["quantity"]
        assert retail == sums["retailPriceTotal"]


def test_tax_inside_the_price_has_fields_of_its_own(temu):
    client = TemuClient(temu, 1)
    number = next(iter(client.truth("orders")))
    result = client.result(AMOUNTS, parentOrderSn=number)
    totals = result["parentOrderMap"]
    assert totals["taxTotal"] == {"currency": "EUR", "amount": 0}
    assert totals["retailPriceTotalTaxIncl"] == totals["retailPriceTotal"]
    tax = totals["retailPriceTotalTaxIncl"]["amount"] - totals["retailPriceTotalTaxExcl"]["amount"]
    assert tax == totals["retailPriceTotal"]["amount"] * 19 // 119
    assert result["orderList"][0]["unitRetailPriceVatIncl"] == result["orderList"][0]["unitRetailPrice"]


def test_a_cancelled_order_that_was_paid_has_its_money_back(client):
    rows = client.orders(parentOrderStatus=3)
    amounts = [client.result(AMOUNTS, parentOrderSn=row["parentOrderMap"]["parentOrderSn"]) for row in rows[:30]]
    paid = [one["parentOrderMap"]["customerPaid"]["amount"] for one in amounts]
    assert 0 in paid
    for row in rows:
        for line in row["orderList"]:
            assert line["quantity"] == line["originalOrderQuantity"] - line["canceledQuantityBeforeShipment"] == 0


def test_the_detail_has_what_the_list_has_but_no_update_time(client):
    row = client.orders(parentOrderStatus=4)[0]
    number = row["parentOrderMap"]["parentOrderSn"]
    detail = client.result(DETAIL, parentOrderSn=number, fulfillmentTypeList=BOTH)
    del row["parentOrderMap"]["updateTime"]
    assert row["parentOrderMap"].items() <= detail["parentOrderMap"].items()
    assert "updateTime" not in detail["parentOrderMap"]
    assert detail["parentOrderMap"]["regionName1"] == "United States"
    for line, shown in zip(row["orderList"], detail["orderList"], strict=True):
        assert {name: shown[name] for name in line} == line


def test_a_detail_of_a_warehouse_order_must_be_asked_for(client):
    row = next(row for row in client.orders() if row["orderList"][0]["fulfillmentType"] == BOTH[1])
    number = row["parentOrderMap"]["parentOrderSn"]
    assert client.code(DETAIL, parentOrderSn=number) == 140020002
    assert client.code(DETAIL, parentOrderSn=number, fulfillmentTypeList=BOTH) == 1000000


@pytest.mark.parametrize("kind", [DETAIL, AMOUNTS, "bg.order.shippinginfo.v2.get"])
def test_an_order_of_another_shop_or_of_none_is_not_found(client, kind):
    other = next(iter(TemuClient(client.control_url, 1).truth("orders")))
    for number in (other, "PO-211-00000000000000000", "nonsense", "PO-211-99999999999999999"):
        assert client.code(kind, parentOrderSn=number) == 140020002
    assert client.code(kind) == 3000000


def test_an_order_in_the_future_is_not_found(client):
    last = max(client.truth("orders").values(), key=lambda order: order["update_time"])
    control(client.control_url, "POST", "/clock", {"now": EPOCH - 3 * DAY})
    assert client.code(DETAIL, parentOrderSn=last["id"], fulfillmentTypeList=BOTH) in (1000000, 140020002)
    numbers = set(client.truth("orders"))
    control(client.control_url, "POST", "/clock", {"now": EPOCH})
    gone = next(number for number in client.truth("orders") if number not in numbers)
    control(client.control_url, "POST", "/clock", {"now": EPOCH - 3 * DAY})
    assert client.code(DETAIL, parentOrderSn=gone, fulfillmentTypeList=BOTH) == 140020002


def test_the_address_is_invented_and_whole(client):
    number = next(iter(client.truth("orders")))
    address = client.result("bg.order.shippinginfo.v2.get", parentOrderSn=number)
    assert address["receiptName"] and address["addressLineAll"] and address["mail"].endswith(".example.test")
    assert address["warning"] == {"isRestriction": False, "reason": None}


def test_fields_can_be_null_and_labels_empty(client, switch):
    plain = client.orders(parentOrderStatus=2)[0]
    assert len(plain["parentOrderMap"]["parentOrderLabel"]) == 6
    switch(are_labels_empty=True)
    assert client.orders(parentOrderStatus=2)[0]["parentOrderMap"]["parentOrderLabel"] == []
    switch(are_fields_null=True)
    row = client.orders(parentOrderStatus=2)[0]
    assert row["parentOrderMap"]["parentConfirmTime"] is None and row["orderList"][0]["productList"] is None
    assert seen(row) == seen(plain)


def test_what_could_not_be_delivered_stays_shipped(temu):
    # Cash is paid at the door in Mexico: only such orders are refused there.
    client = TemuClient(temu, 2)
    shipments, orders = client.truth("shipments").values(), client.truth("orders")
    returned = [one["orders"][0] for one in shipments if one["events"][-1]["text"].startswith("Returned")]
    assert returned and {orders[number]["status"] for number in returned} == {"4"}


def test_a_buyer_who_wants_to_cancel_is_labelled(temu):
    client = TemuClient(temu, 0)
    asked = [
        row for row in client.orders()
        if {"name": "pending_buyer_cancellation", "value": 1} in row["parentOrderMap"]["parentOrderLabel"]
    ]  # fmt: skip
    pending = client.result("bg.aftersales.cancel.list.get", afterSalesStatusGroup=8, pageSize=200)["data"]
    assert {row["parentOrderMap"]["parentOrderSn"] for row in asked} == {
        row["parentAfterSalesSn"].rpartition("-D")[0] for row in pending
    }


def test_calls_are_counted_beside_the_least_possible(client):
    numbers = [row["parentOrderMap"]["parentOrderSn"] for row in client.orders(createAfter=0, createBefore=EPOCH)]
    pages = -(-len(numbers) // 100)
    assert client.counts(LIST) == {"ok": pages, "refused": 0, "throttled": 0, "faulted": 0, "least_possible": pages}
    client.orders(createAfter=0, createBefore=EPOCH, pageSize=50)
    assert client.counts(LIST)["least_possible"] == pages < client.counts(LIST)["ok"]
    for number in (numbers[0], numbers[1], numbers[0]):
        client.result(AMOUNTS, parentOrderSn=number)
    assert (client.counts(AMOUNTS)["ok"], client.counts(AMOUNTS)["least_possible"]) == (3, 2)


def test_an_order_that_changed_is_a_new_need(client):
    number = next(one["id"] for one in client.truth("orders").values() if one["status"] == "2")
    client.result(AMOUNTS, parentOrderSn=number)
    control(client.control_url, "POST", "/clock", {"now": EPOCH + 5 * DAY})
    assert client.truth("orders")[number]["status"] != "2"
    client.result(AMOUNTS, parentOrderSn=number)
    assert client.counts(AMOUNTS)["least_possible"] == 2
