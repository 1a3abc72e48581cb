"""Signatures against vectors: the vendor's example, and calls that several clients sign alike."""

from typing import Any

import pytest

from shops.marketplaces.temu.signing import sign
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("temu/sign_vectors")


@pytest.mark.parametrize(
    "vector", VECTORS["request_sign"] + VECTORS["vendor_request_sign"], ids=lambda each: each["id"]
)
def test_a_request_is_signed_as_in_the_vectors(vector: dict[str, Any]) -> None:
    assert sign(vector["body"], vector["app_secret"]) == vector["sign"]
    assert sign({**vector["body"], "sign": "ignored"}, vector["app_secret"]) == vector["sign"]


@pytest.mark.parametrize("vector", VECTORS["file_download"], ids=lambda each: each["id"])
def test_a_download_is_signed_by_the_same_rule(vector: dict[str, Any]) -> None:
    assert sign(vector["headers"], vector["app_secret"]) == vector["toa-sign"]


def test_objects_within_keep_their_order_and_names_at_the_top_do_not() -> None:
    assert sign({"a": {"y": 1, "x": 2}, "b": 1}, "s") == sign({"b": 1, "a": {"y": 1, "x": 2}}, "s")
    assert sign({"a": {"y": 1, "x": 2}}, "s") != sign({"a": {"x": 2, "y": 1}}, "s")
