"""Disputes of returns, in a world of their own: a decision stays, and other tests count on theirs."""

import pytest

from shops.sandbox.server import start
from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.shopee.calling import Client


@pytest.fixture
def own_client():
    with start(port=0, seed=7, orders=8_000, shops=1, now=EPOCH) as own:
        yield Client(own.control_url)


def test_a_dispute_needs_a_known_reason_an_address_and_the_images_that_the_reason_demands(own_client):
    waiting = own_client.get("/returns/get_return_list", {"page_no": 0, "page_size": 1, "status": "REQUESTED"})
    number = waiting["return"][0]["return_sn"]
    reasons = own_client.get("/returns/get_return_dispute_reason", {"return_sn": number})["dispute_reason_list"]
    wanting, free = (
        [int(one["dispute_reason"]) for one in reasons if one["evidence_module_list"][0]["is_required"] is demanded]
        for demanded in (True, False)
    )

    def dispute(**given):
        body = {"return_sn": number, "email": "seller@example.test", **given}
        return own_client.call("/returns/dispute", method="POST", body=body).json["error"]

    refused = [{"dispute_reason_id": reason} for reason in (7, [50], "50", wanting[0])]
    assert [dispute(**given) for given in refused] == ["error_param"] * len(refused)
    assert dispute(dispute_reason_id=free[0], email="") == "error_param"
    assert dispute(dispute_reason_id=wanting[0], image_list=[{"module_index": 1, "image_url": ["a"]}]) == ""
    detail = own_client.get("/returns/get_return_detail", {"return_sn": number})
    assert detail["status"] == "SELLER_DISPUTE"
