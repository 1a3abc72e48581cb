"""Push messages: believed only with the right signature, read only after that."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces.errors import WebhookBodyUnreadable, WebhookHeaderUnreadable, WebhookSignatureMismatch
from shops.marketplaces.lazada.webhooks import parse, verify
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("lazada/sign_vectors")["push_vectors"]
EXAMPLES = payloads.load("lazada/pushes")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_accepts_published_signatures_in_either_case(vector: dict[str, Any]) -> None:
    body = vector["raw_body"].encode()
    verify(body, vector["authorization"], vector["app_key"], vector["app_secret"])
    verify(body, vector["authorization"].upper(), vector["app_key"], vector["app_secret"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_refuses_a_body_changed_by_one_space(vector: dict[str, Any]) -> None:
    body = vector["raw_body"].encode() + b" "
    with pytest.raises(WebhookSignatureMismatch):
        verify(body, vector["authorization"], vector["app_key"], vector["app_secret"])


def test_refuses_the_secret_or_key_of_another_app() -> None:
    vector = VECTORS[0]
    for key, secret in ((vector["app_key"], "another"), ("another", vector["app_secret"])):
        with pytest.raises(WebhookSignatureMismatch):
            verify(vector["raw_body"].encode(), vector["authorization"], key, secret)


@pytest.mark.parametrize("header", ["", "Bearer abc", "z" * 64, "é" * 64, "a" * 63])
def test_says_that_a_header_is_no_signature(header: str) -> None:
    with pytest.raises(WebhookHeaderUnreadable):
        verify(b"{}", header, "key", "secret")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_reads_the_envelope_of_every_kind(example: dict[str, Any]) -> None:
    event = parse(json.dumps(example["body"]).encode())
    assert (event.kind, event.notification_id) == (str(example["message_type"]), "")
    assert event.shop_external_id == "100000000001"  # also of the one that says "null" for it
    assert event.region == "TH"
    assert event.data == example["body"]["data"]


@pytest.mark.parametrize("timestamp", [1705800340, 1705800340000, "1705800340"])
def test_the_size_of_the_time_tells_its_unit(timestamp: object) -> None:
    body = json.dumps({"message_type": 0, "seller_id": "7", "timestamp": timestamp})
    assert parse(body.encode()).sent_at == datetime.fromtimestamp(1705800340, UTC)


def test_a_broadcast_has_no_shop_and_a_site_may_have_a_dash() -> None:
    event = parse(b'{"message_type": 12, "site": "lazada-sg", "data": {"status": "x"}}')
    assert (event.shop_external_id, event.region, event.sent_at) == ("", "SG", None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"message_type":"x","seller_id":"7"}', b"\xff", b"NaN"])
def test_refuses_what_is_no_envelope(body: bytes) -> None:
    with pytest.raises(WebhookBodyUnreadable):
        parse(body)
