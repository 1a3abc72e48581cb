"""Packages and their tracking agree with the truth and with the lines of the orders."""

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.tiktok.reading import BY_UPDATE, PACKAGES, by_id, get, post, rows, truth

DAY = 86_400


def all_packages(client, filters=None):
    return rows(client, "POST", PACKAGES, "packages", filters, page_size="50", **BY_UPDATE)


def tracking(client, order):
    return get(client, f"/fulfillment/202309/orders/{order}/tracking").json["data"]["tracking"]


def test_every_package_agrees_with_the_truth(sandbox, each_client):
    found, known = by_id(all_packages(each_client)), by_id(truth(sandbox, "shipments", each_client))
    assert found.keys() == known.keys()
    assert len(found) > 150
    for number, package in found.items():
        true = known[number]
        assert package["status"] == true["status"]
        assert package["tracking_number"] == true["tracking_number"]
        assert package["shipping_provider_name"] == true["carrier"]
        assert [order["id"] for order in package["orders"]] == true["orders"]
    assert {package["status"] for package in found.values()} == {"PROCESSING", "FULFILLING", "COMPLETED", "CANCELLED"}
    assert any(len(package["orders"]) == 2 for package in found.values())


def test_the_tracking_of_a_package_is_that_of_its_first_order(sandbox, client):
    for true in truth(sandbox, "shipments", client)[:40]:
        events = [
            {"time": row["update_time_millis"] // 1000, "text": row["description"]}
            for row in tracking(client, true["orders"][0])
        ]
        assert events == true["events"]
        assert events == sorted(events, key=lambda event: -event["time"])
        assert events[-1]["text"] == "Order placed."


def test_packages_agree_with_the_lines_of_their_orders(client):
    lines = {}
    for order in client.orders():
        for line in order["line_items"]:
            if "package_id" in line:
                lines[line["id"]] = (line["package_id"], line["tracking_number"], line["shipping_provider_name"])
    found = {
        line: (package["id"], package["tracking_number"], package["shipping_provider_name"])
        for package in all_packages(client)
        for line in package["order_line_item_ids"]
    }
    assert found == lines


def test_days_of_updates_hold_every_package_once(sandbox, client):
    everything = all_packages(client)
    split = []
    for day in range(6):
        window = {"update_time_ge": EPOCH - (6 - day) * DAY, "update_time_lt": EPOCH - (5 - day) * DAY + (day == 5)}
        split += all_packages(client, window)
    assert [package["id"] for package in split] == [package["id"] for package in everything]
    some = post(client, PACKAGES, {"package_status": "FULFILLING"}, page_size="50").json["data"]["packages"]
    assert some
    assert {package["status"] for package in some} == {"FULFILLING"}


def test_what_changed_has_a_new_update_time(sandbox, client):
    before = by_id(truth(sandbox, "shipments", client, as_of=EPOCH - 6 * 3600))
    window = {"update_time_ge": EPOCH - 6 * 3600 + 1}
    changed = {package["id"] for package in all_packages(client, window)}
    after = by_id(truth(sandbox, "shipments", client))
    assert changed
    assert {number for number, package in after.items() if before.get(number) != package} == changed


def test_the_detail_names_its_fields_differently(client):
    package = all_packages(client)[0]
    detail = get(client, f"/fulfillment/202309/packages/{package['id']}").json["data"]
    assert (detail["package_id"], detail["package_status"]) == (package["id"], package["status"])
    assert "id" not in detail
    assert detail["orders"] == package["orders"]
    assert get(client, "/fulfillment/202309/packages/1152000000000000001").code == 21001001


@pytest.mark.parametrize(
    "query", [{}, {"page_size": "51"}, {"page_size": "0"}, {"page_size": "50", "sort_field": "id"}]
)
def test_limits_are_refused(client, query):
    answer = post(client, PACKAGES, **query)
    assert (answer.status, answer.code) == (400, 36009004)


def test_the_newest_come_first_unless_asked_otherwise(client):
    found = post(client, PACKAGES, page_size="50").json["data"]["packages"]
    created = [package["create_time"] for package in found]
    assert created == sorted(created, reverse=True)


def test_tracking_is_needed_once_per_state_of_a_parcel(sandbox, client):
    order = truth(sandbox, "shipments", client)[0]["orders"][0]
    control(sandbox.control_url, "DELETE", "/calls")
    for _ in range(3):
        tracking(client, order)
    counted = control(sandbox.control_url, "GET", "/calls").json["tiktok"]["shops"][client.shop["external_id"]]
    assert (counted["tracking"]["ok"], counted["tracking"]["least_possible"]) == (3, 1)
    assert get(client, "/fulfillment/202309/orders/1/tracking").code == 21001002
