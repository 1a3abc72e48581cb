"""Signatures, against published and independently computed vectors."""

from typing import Any

import pytest

from shops.marketplaces.tiktok.signing import sign
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("tiktok/sign_vectors")["request_vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_signs_as_published(vector: dict[str, Any]) -> None:
    body = (vector["body"] or "").encode()
    signed = sign(vector["path"], vector["query"], body, vector["content_type"], vector["app_secret"])
    assert signed == vector["sign"]


def test_the_media_type_alone_decides_whether_a_body_is_signed() -> None:
    multipart = sign("/p", {}, b"x", "Multipart/Form-Data; boundary=1", "s")
    assert multipart == sign("/p", {}, b"", "application/json", "s")
    assert multipart != sign("/p", {}, b"x", "application/json", "s")
