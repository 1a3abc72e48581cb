"""Push messages: believed only with the right signature, read only after that."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shops.marketplaces.errors import WebhookBodyUnreadable, WebhookHeaderUnreadable, WebhookSignatureMismatch
from shops.marketplaces.tiktok.webhooks import parse, verify
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("tiktok/sign_vectors")["webhook_vectors"]
EXAMPLES = payloads.load("tiktok/webhooks")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_accepts_published_signatures(vector: dict[str, Any]) -> None:
    verify(vector["raw_body"].encode(), vector["authorization"], vector["app_key"], vector["app_secret"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_refuses_a_body_changed_by_one_space(vector: dict[str, Any]) -> None:
    body = vector["raw_body"].encode() + b" "
    with pytest.raises(WebhookSignatureMismatch):
        verify(body, vector["authorization"], vector["app_key"], vector["app_secret"])


def test_refuses_another_secret() -> None:
    vector = VECTORS[0]
    with pytest.raises(WebhookSignatureMismatch):
        verify(vector["raw_body"].encode(), vector["authorization"], vector["app_key"], "another")


@pytest.mark.parametrize("header", ["", "Bearer abc", "z" * 64, "é" * 64, "a" * 63, "A" * 64])
def test_says_that_a_header_is_no_signature(header: str) -> None:
    with pytest.raises(WebhookHeaderUnreadable):
        verify(b"{}", header, "key", "secret")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_reads_the_envelope_of_every_kind(example: dict[str, Any]) -> None:
    event = parse(json.dumps(example).encode())
    assert (event.kind, event.notification_id) == (str(example["type"]), example["tts_notification_id"])
    assert event.shop_external_id == example["shop_id"]
    assert event.sent_at == datetime.fromtimestamp(example["timestamp"], UTC)
    assert event.data == example["data"]


def test_an_old_message_has_no_notification_id() -> None:
    assert parse(b'{"type":1,"shop_id":"7","timestamp":1718305585,"data":{}}').notification_id == ""


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type":"x","shop_id":"7"}', b'{"type":1}', b"\xff", b"NaN"])
def test_refuses_what_is_no_envelope(body: bytes) -> None:
    with pytest.raises(WebhookBodyUnreadable):
        parse(body)
