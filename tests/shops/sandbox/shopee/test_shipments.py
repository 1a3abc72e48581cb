"""Shopee's packages: in the order's detail, with tracking numbers and events that agree with the truth."""

from tests.shops.sandbox.shopee.calling import Client


def packages_of(client: Client):
    for order in client.orders():
        for package in order["package_list"]:
            yield order, package


def tracked(client, order, package):
    query = {"order_sn": order["order_sn"], "package_number": package["package_number"]}
    number = client.get("/logistics/get_tracking_number", query)["tracking_number"]
    return number, client.get("/logistics/get_tracking_info", query)


def test_packages_agree_with_the_truth(client):
    truth = {row["id"]: row for row in client.truth("shipments")}
    shown = list(packages_of(client))
    assert len(truth) == len(shown)
    for order, package in shown[::7]:
        number, info = tracked(client, order, package)
        events = [{"time": one["update_time"], "text": one["description"]} for one in info["tracking_info"][::-1]]
        assert truth[package["package_number"]] == {
            "id": package["package_number"],
            "orders": [order["order_sn"]],
            "status": package["logistics_status"],
            "tracking_number": number,
            "carrier": package["shipping_carrier"],
            "events": events,
        }
        assert info["logistics_status"] == package["logistics_status"]
    assert {row["status"] for row in truth.values()} >= {
        "LOGISTICS_READY", "LOGISTICS_REQUEST_CREATED", "LOGISTICS_PICKUP_DONE", "LOGISTICS_DELIVERY_DONE",
        "LOGISTICS_REQUEST_CANCELED",
    }  # fmt: skip


def test_packages_hold_all_pieces_of_their_order(client):
    for order, _ in packages_of(client):
        ordered = sum(line["model_quantity_purchased"] for line in order["item_list"])
        packed = sum(line["model_quantity"] for package in order["package_list"] for line in package["item_list"])
        assert ordered == packed


def test_an_order_in_two_packages_must_name_one(client):
    order = next(order for order, _ in packages_of(client) if len(order["package_list"]) == 2)
    assert order["split_up"]
    for path in ("/logistics/get_tracking_number", "/logistics/get_tracking_info"):
        answer = client.call(path, {"order_sn": order["order_sn"]})
        assert answer.json["error"] == "logistics.package_number_not_exist"
    numbers = {tracked(client, order, package)[0] for package in order["package_list"]}
    assert len(numbers) == 2 or numbers == {""}


def test_an_order_in_one_package_need_not(client):
    order, package = next(found for found in packages_of(client) if len(found[0]["package_list"]) == 1)
    info = client.get("/logistics/get_tracking_info", {"order_sn": order["order_sn"]})
    assert info["package_number"] == package["package_number"]
    empty = client.call("/logistics/get_tracking_info", {"order_sn": order["order_sn"], "package_number": ""})
    assert empty.json["error"] == "logistics.package_number_not_exist"


def test_a_tracking_number_is_empty_before_the_package_is_arranged(client):
    order, package = next(one for one in packages_of(client) if one[1]["logistics_status"] == "LOGISTICS_READY")
    query = {"order_sn": order["order_sn"], "package_number": package["package_number"]}
    reply = client.get("/logistics/get_tracking_number", query)
    assert reply["tracking_number"] == "" and reply["hint"]


def test_unknown_orders_are_refused(client, thai_client):
    foreign = thai_client.order_numbers()[0]
    answer = client.call("/logistics/get_tracking_info", {"order_sn": foreign})
    assert (answer.json["error"], answer.json["message"]) == ("logistics.invalid_error", "The order is not exist.")


def test_the_least_possible_asks_once_for_each_state_of_a_package(client):
    order, package = next(packages_of(client))
    for _ in range(3):
        tracked(client, order, package)
    counted = client.counted()
    for name in ("tracking_number", "tracking_info"):
        assert (counted[name]["ok"], counted[name]["least_possible"]) == (3, 1)
