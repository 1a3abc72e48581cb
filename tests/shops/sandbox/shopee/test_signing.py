"""The sandbox's own Shopee signature agrees with other people's clients."""

import json
from pathlib import Path

import pytest

from shops.sandbox.shopee.gateway import expected_sign, push_sign

VECTORS = json.loads((Path(__file__).parent / "sign_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["id"])
def test_it_agrees_with_the_request(vector):
    token, shop = vector["access_token"] or "", str(vector["shop_id"] or "")
    sign = expected_sign(
        vector["partner_key"], str(vector["partner_id"]), vector["path"], str(vector["timestamp"]), token, shop
    )
    assert sign == vector["sign"]


@pytest.mark.parametrize("vector", VECTORS["pushes"], ids=lambda vector: vector["id"])
def test_it_agrees_with_the_push(vector):
    sign = push_sign(vector["push_partner_key"], vector["callback_url"], vector["raw_body"].encode())
    assert sign == vector["authorization"]
