"""Signatures, against independently computed vectors."""

from typing import Any

import pytest

from shops.marketplaces.shopee.signing import sign, sign_push
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("shopee/sign_vectors")


@pytest.mark.parametrize("vector", VECTORS["request_vectors"], ids=lambda vector: vector["id"])
def test_signs_as_published(vector: dict[str, Any]) -> None:
    signed = sign(
        str(vector["partner_id"]),
        vector["path"],
        str(vector["timestamp"]),
        vector["partner_key"],
        vector["access_token"] or "",
        str(vector["shop_id"] or ""),
    )
    assert signed == vector["sign"]


@pytest.mark.parametrize("vector", VECTORS["push_vectors"], ids=lambda vector: vector["id"])
def test_signs_pushes_as_published(vector: dict[str, Any]) -> None:
    signed = sign_push(vector["callback_url"], vector["raw_body"].encode(), vector["push_partner_key"])
    assert signed == vector["authorization"]


def test_the_vectors_cover_public_calls_shop_calls_and_pushes() -> None:
    kinds = [vector["kind"] for vector in VECTORS["request_vectors"]]
    assert (kinds.count("public"), kinds.count("shop"), len(VECTORS["push_vectors"])) == (3, 5, 2)
