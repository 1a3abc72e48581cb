"""Push messages: decrypted, believed only with the right signature, read as they are."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shops.marketplaces import errors
from shops.marketplaces.temu.webhooks import parse, verify
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("temu/sign_vectors")["webhook"]
FORMS = [
    pytest.param(vector, vector[name], id=f"{vector['id']}-{name}")
    for vector in VECTORS
    for name in ("signature_with_ext_param", "signature_without_ext_param")
    if vector[name]
]
SECRET = "00112233445566778899aabbccddeeff01234567"


def body_of(vector: dict[str, Any]) -> bytes:
    return orjson.dumps(vector["body"])


@pytest.mark.parametrize(("vector", "signature"), FORMS)
def test_both_forms_of_the_signature_are_taken_in_either_case(vector: dict[str, Any], signature: str) -> None:
    for written in (signature, signature.upper()):
        headers = {name.title(): value for name, value in vector["headers"].items()} | {"X-TM-Signature": written}
        verify(body_of(vector), headers, vector["app_secret"])


@pytest.mark.parametrize("push", payloads.load("temu/webhook_push")["pushes"])
def test_a_recorded_push_is_believed_and_read(push: dict[str, Any]) -> None:
    raw = orjson.dumps(push["body"])
    verify(raw, push["headers"], SECRET)
    event = parse(raw, push["headers"], SECRET)
    assert (event.kind, event.shop_external_id) == (push["headers"]["x-tm-event-code"], "634400000000001")
    assert event.data == push["decrypted"]
    assert event.notification_id == ""
    milliseconds = int(push["headers"]["x-tm-timestamp"])
    assert event.sent_at is not None
    assert event.sent_at.replace(microsecond=0) == datetime.fromtimestamp(milliseconds // 1000, UTC)


@pytest.mark.parametrize("name", ["x-tm-app-key", "x-tm-event-code", "x-tm-timestamp"])
def test_a_changed_header_is_refused(name: str) -> None:
    vector = VECTORS[1]
    headers = {**vector["headers"], name: "1", "x-tm-signature": vector["signature_with_ext_param"]}
    with pytest.raises(errors.WebhookSignatureMismatch):
        verify(body_of(vector), headers, SECRET)


def test_a_changed_body_or_another_secret_is_refused() -> None:
    vector = VECTORS[1]
    headers = {**vector["headers"], "x-tm-signature": vector["signature_with_ext_param"]}
    with pytest.raises(errors.WebhookSignatureMismatch):
        verify(body_of(VECTORS[2]), headers, SECRET)
    for secret in ("f" * 40, "short"):
        with pytest.raises(errors.WebhookSignatureMismatch):
            verify(body_of(vector), headers, secret)


@pytest.mark.parametrize("given", ["", "zz", "a" * 63, None])
def test_a_missing_signature_is_told_apart_from_a_wrong_one(given: str | None) -> None:
    headers = dict(VECTORS[1]["headers"]) | ({} if given is None else {"x-tm-signature": given})
    with pytest.raises(errors.WebhookHeaderUnreadable):
        verify(body_of(VECTORS[1]), headers, SECRET)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"eventData": "%%%"}', b'{"eventData": "YWJj"}', b'{"eventData": 7}']
)
def test_a_body_without_encrypted_content_is_unreadable(raw: bytes) -> None:
    headers = {**VECTORS[1]["headers"], "x-tm-signature": "a" * 64}
    with pytest.raises(errors.WebhookBodyUnreadable):
        verify(raw, headers, SECRET)


def test_a_message_that_names_no_shop_is_read_only_from_the_test_button() -> None:
    vector = VECTORS[0]
    with pytest.raises(errors.WebhookBodyUnreadable):
        parse(body_of(vector), vector["headers"], vector["app_secret"])
    event = parse(body_of(vector), {"x-tm-event-code": "bg_open_event_test"}, vector["app_secret"])
    assert (event.shop_external_id, event.data["orderSn"], event.sent_at) == ("", "XXYYZZ", None)
