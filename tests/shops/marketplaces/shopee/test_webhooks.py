"""Push messages: believed only with the right signature, read only after that."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces.errors import WebhookBodyUnreadable, WebhookHeaderUnreadable, WebhookSignatureMismatch
from shops.marketplaces.shopee.webhooks import parse, verify
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("shopee/sign_vectors")["push_vectors"]
EXAMPLES = payloads.load("shopee/pushes")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_accepts_published_signatures(vector: dict[str, Any]) -> None:
    verify(vector["raw_body"].encode(), vector["authorization"], vector["callback_url"], vector["push_partner_key"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_refuses_another_body_address_or_key(vector: dict[str, Any]) -> None:
    body, header = vector["raw_body"].encode(), vector["authorization"]
    address, key = vector["callback_url"], vector["push_partner_key"]
    for wrong in ((body + b" ", address, key), (body, address + "/", key), (body, address, "another")):
        with pytest.raises(WebhookSignatureMismatch):
            verify(wrong[0], header, *wrong[1:])


@pytest.mark.parametrize("header", ["", "Bearer abc", "z" * 64, "é" * 64, "a" * 63, "A" * 64])
def test_says_that_a_header_is_no_signature(header: str) -> None:
    with pytest.raises(WebhookHeaderUnreadable):
        verify(b"{}", header, "https://erp.example.test", "key")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_reads_the_envelope_of_every_kind(example: dict[str, Any]) -> None:
    body = example["body"]
    event = parse(json.dumps(body).encode())
    assert event.kind == str(body["code"])
    assert event.sent_at == datetime.fromtimestamp(body["timestamp"], UTC)
    assert event.data == body["data"]
    shop = body.get("shop_id") or body["data"].get("shop_id")
    assert event.shop_external_id == ("" if shop is None else str(shop))
    assert event.notification_id == body.get("msg_id", event.notification_id)


def test_without_a_message_id_two_changes_of_one_order_still_differ() -> None:
    first, again, second = (
        parse(json.dumps({"code": 3, "shop_id": 7, "data": {"ordersn": "A", "update_time": at}}).encode())
        for at in (1705300300, 1705300300, 1705300301)
    )
    assert first.notification_id == again.notification_id != second.notification_id
    assert len(first.notification_id) == 32


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"code":"x","shop_id":7}', b'{"shop_id":1}', b"\xff", b"NaN"])
def test_refuses_what_is_no_envelope(body: bytes) -> None:
    with pytest.raises(WebhookBodyUnreadable):
        parse(body)
