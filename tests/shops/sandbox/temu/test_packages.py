"""Packages and their tracking agree with the truth, whichever call shows them."""

import pytest

from tests.shops.sandbox.temu.calling import BOTH, DETAIL

SHIPMENT, UNSHIPPED = "bg.logistics.shipment.v2.get", "bg.order.unshipped.package.get"
TRACKING, COMPANIES = "temu.track.trackinginfo.get", "bg.logistics.companies.get"


def shipped(client, rows):
    """Package numbers by parent order, from the details."""
    found = {}
    for row in rows:
        number = row["parentOrderMap"]["parentOrderSn"]
        detail = client.result(DETAIL, parentOrderSn=number, fulfillmentTypeList=BOTH)
        packages = {one["packageSn"] for line in detail["orderList"] for one in line["packageSnInfo"]}
        found[number] = packages
    return found


def unshipped(client, **filters):
    return client.pages(UNSHIPPED, "unshippedPackage", "totalItemNum", "pageNumber", **filters)


def test_details_and_unshipped_packages_together_are_the_truth(client):
    found: dict[str, str] = {}
    for number, packages in shipped(client, client.orders()).items():
        found |= dict.fromkeys(packages, number)
    for row in unshipped(client):
        orders = row["packageDetail"]["shippableOrders"] + row["packageDetail"]["canceledOrders"]
        assert row["packageSn"] not in found
        found[row["packageSn"]] = orders[0]["parentOrderSn"]
    assert found == {package: one["orders"][0] for package, one in client.truth("shipments").items()}


def test_a_partly_shipped_order_has_one_package_on_the_way_and_children_of_both_states(client):
    rows = client.orders(parentOrderStatus=41)
    assert all(len(packages) == 1 for packages in shipped(client, rows).values())
    statuses = {frozenset(line["orderStatus"] for line in row["orderList"]) for row in rows}
    assert statuses <= {frozenset({2, 4}), frozenset({41}), frozenset({4, 41}), frozenset({2, 4, 41})}
    assert statuses


def test_what_is_in_the_packages_of_an_order_is_what_was_ordered(client):
    truth = client.truth("shipments")
    rows = client.orders(parentOrderStatus=4)
    package_counts = {number: len(packages) for number, packages in shipped(client, rows).items()}
    assert set(package_counts.values()) == {1, 2}
    for row in rows[:80]:
        for line in row["orderList"]:
            packages = client.result(
                SHIPMENT, parentOrderSn=row["parentOrderMap"]["parentOrderSn"], orderSn=line["orderSn"]
            )["shipmentInfoDTO"]
            assert sum(one["quantity"] for one in packages) == line["quantity"]
            for one in packages:
                known = truth[one["packageSn"]]
                assert (one["trackingNumber"], one["carrierName"]) == (known["tracking_number"], known["carrier"])
                assert one["skuId"] == line["skuId"]
                assert str(line["orderStatus"]) in known["status"].split(",")


def test_a_child_of_another_parent_is_refused(client):
    one, other = client.orders(parentOrderStatus=4)[:2]
    number, child = one["parentOrderMap"]["parentOrderSn"], other["orderList"][0]["orderSn"]
    assert client.code(SHIPMENT, parentOrderSn=number, orderSn=child) == 120012016
    assert client.code(SHIPMENT, parentOrderSn="PO-211-00000000000000000", orderSn=child) == 120012016
    assert client.code(SHIPMENT, parentOrderSn=number) == 3000000


def test_an_order_without_a_shipment_has_no_package(client):
    row = client.orders(parentOrderStatus=1)[0]
    number, child = row["parentOrderMap"]["parentOrderSn"], row["orderList"][0]["orderSn"]
    assert client.result(SHIPMENT, parentOrderSn=number, orderSn=child) == {"shipmentInfoDTO": []}


def test_unshipped_packages_by_order(client):
    rows = unshipped(client)
    orders = rows[0]["packageDetail"]["shippableOrders"] or rows[0]["packageDetail"]["canceledOrders"]
    by_parent = unshipped(client, parentOrderSnList=[orders[0]["parentOrderSn"]])
    assert rows[0] in by_parent
    assert unshipped(client, orderSnList=[orders[0]["orderSn"]]) == by_parent
    assert unshipped(client, orderSnList=["211-00000000000000000", "nonsense"]) == []


@pytest.mark.parametrize("changes", [{}, {"pageNumber": 1}, {"pageNumber": 1, "pageSize": 101}])
def test_unshipped_packages_need_page_and_size(client, changes):
    assert client.code(UNSHIPPED, **changes) == 3000000


def test_a_label_for_an_order_that_was_cancelled_is_told_apart(client):
    statuses = {number: order["status"] for number, order in client.truth("orders").items()}
    seen = set()
    for row in unshipped(client):
        detail = row["packageDetail"]
        assert bool(detail["canceledOrders"]) != bool(detail["shippableOrders"])
        for order in detail["canceledOrders"] + detail["shippableOrders"]:
            assert (statuses[order["parentOrderSn"]] == "3") == bool(detail["canceledOrders"])
            seen.add(bool(detail["canceledOrders"]))
    assert seen == {True, False}


@pytest.mark.parametrize(("in_milliseconds", "factor"), [(False, 1), (True, 1000)])
def test_tracking_agrees_with_the_truth(client, switch, in_milliseconds, factor):
    switch(are_tracking_times_milliseconds=in_milliseconds)
    for package, truth in list(client.truth("shipments").items())[::10]:
        found = client.result(TRACKING, packageSn=package, language="en")
        assert (found["packageSn"], found["trackingNum"]) == (package, truth["tracking_number"])
        assert [(int(one["logisticsUpdatedAt"]), one["statusText"]) for one in found["trackingInfo"]] == [
            (event["time"] * factor, event["text"]) for event in truth["events"]
        ]


def test_a_package_that_is_not_there_is_not_found(client):
    assert client.code(TRACKING, packageSn="PK-0000000000000000041") == 170070011
    assert client.code(TRACKING, packageSn="nonsense") == 170070011
    assert client.code(TRACKING) == 170070010


def test_the_carriers_are_an_array(client):
    companies = client.result(COMPANIES, regionId=211)
    names = {one["logisticsServiceProviderName"] for one in companies}
    assert {one["carrier"] for one in client.truth("shipments").values()} <= names
    assert client.result(COMPANIES, regionId=76) == []


def test_tracking_is_needed_once_for_each_version_of_a_parcel(client):
    packages = list(client.truth("shipments"))[:2]
    for package in (*packages, packages[0]):
        client.result(TRACKING, packageSn=package)
    assert (client.counts(TRACKING)["ok"], client.counts(TRACKING)["least_possible"]) == (3, 2)


def test_packages_that_come_late_are_shown_after_so_many_looks_and_each_look_counts_as_needed(client, switch):
    switch(late_packages=2)
    row = client.orders(parentOrderStatus=4)[0]
    asked = {"parentOrderSn": row["parentOrderMap"]["parentOrderSn"], "orderSn": row["orderList"][0]["orderSn"]}
    shown = [len(client.result(SHIPMENT, **asked)["shipmentInfoDTO"]) for _ in range(3)]
    assert shown[:2] == [0, 0]
    assert shown[2] > 0
    assert (client.counts(SHIPMENT)["ok"], client.counts(SHIPMENT)["least_possible"]) == (3, 3)
