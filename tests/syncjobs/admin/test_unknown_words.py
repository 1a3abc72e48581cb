"""The page of words that nobody here knows, and its count on the home page."""

from typing import Any

import pytest
from django.urls import reverse

from shops.marketplaces import records
from syncjobs.admin.unknown_words import count_unknown, list_unknown_words
from tests.factories.orders import store_order
from tests.factories.pages import log_in
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db

ODD: dict[str, dict[str, Any]] = {
    "product": {"status": records.ProductStatus.UNKNOWN, "raw_status": "NEW_P"},
    "shipment": {"status": records.ShipmentStatus.UNKNOWN, "raw_status": "NEW_S"},
    "return": {"status": records.ReturnStatus.UNKNOWN, "raw_status": "NEW_R"},
    "transaction": {"kind": records.TransactionKind.UNKNOWN, "raw_kind": "NEW_T"},
}
PERMISSIONS = (
    "orders.view_order", "orders.view_product", "orders.view_shipment", "orders.view_transaction",
    "aftersales.view_syncedreturn", "shops.view_shop",
)  # fmt: skip
PAGE = reverse("admin:unknown_words")


@pytest.fixture
def rows(shop):
    for kind, facts in ODD.items():
        store_record(shop, kind, f"{kind}-1", **facts)
        store_record(shop, kind, f"{kind}-2")
    for number in ("o1", "o2"):
        store_order(shop, number, status=records.OrderStatus.UNKNOWN, raw_status="NEW_O")
    store_order(shop, "o3")


def test_each_word_is_counted_by_resource_and_marketplace(rows, shop):
    found = list_unknown_words(make_person(*PERMISSIONS, shops=[shop]))
    assert {(word.resource, word.marketplace, word.raw_word, word.count) for word in found} == {
        ("orders", "tiktok", "NEW_O", 2),
        ("products", "tiktok", "NEW_P", 1),
        ("shipments", "tiktok", "NEW_S", 1),
        ("returns", "tiktok", "NEW_R", 1),
        ("transactions", "tiktok", "NEW_T", 1),
    }


def test_the_page_leads_to_the_rows_with_the_word(client, rows, shop):
    person = log_in(client, *PERMISSIONS, shops=[shop])
    assert client.get(PAGE).status_code == 200
    for word in list_unknown_words(person):
        listed = client.get(word.address).context["cl"].result_list
        assert len(listed) == word.count, word.resource


def test_an_empty_word_leads_to_its_rows_as_well(client, shop):
    person = log_in(client, *PERMISSIONS, shops=[shop])
    store_record(shop, "product", "p1", status=records.ProductStatus.UNKNOWN, raw_status="")
    [word] = list_unknown_words(person)
    assert len(client.get(word.address).context["cl"].result_list) == 1
    assert "(empty)" in client.get(PAGE).content.decode()


def test_nobody_sees_words_of_other_shops_or_of_what_they_may_not_see(client, rows, shop):
    stranger = make_person(*PERMISSIONS, shops=[make_shop()], name="stranger")
    packer = make_person("orders.view_order", shops=[shop], name="packer")
    assert (list_unknown_words(stranger), count_unknown(stranger)) == ([], 0)
    assert ([word.resource for word in list_unknown_words(packer)], count_unknown(packer)) == (["orders"], 2)


def test_who_may_see_nothing_synced_gets_no_page(client, shop):
    log_in(client, "shops.view_shop", shops=[shop])
    assert client.get(PAGE).status_code == 403


def test_home_counts_the_rows_and_says_nothing_where_all_words_are_known(client, shop):
    log_in(client, *PERMISSIONS, shops=[shop])
    home = reverse("admin:index")
    assert "Unknown words</div>" not in client.get(home).content.decode()
    store_record(shop, "product", "p1", **ODD["product"])
    page = client.get(home).content.decode()
    assert "Unknown words</div>" in page
    assert PAGE in page
