"""Signatures, against published and independently computed vectors."""

from typing import Any

import pytest

from shops.marketplaces.lazada.signing import sign
from tests.shops.marketplaces import payloads

VECTORS = payloads.load("lazada/sign_vectors")["request_vectors"]
AMBIGUOUS = payloads.load("lazada/sign_vectors")["ambiguous"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_signs_as_published(vector: dict[str, Any]) -> None:
    assert sign(vector["api_path"], vector["params"], vector["app_secret"]) == vector["sign"]


def test_the_signature_itself_is_not_signed() -> None:
    vector = VECTORS[0]
    assert sign(vector["api_path"], vector["params"] | {"sign": "X"}, vector["app_secret"]) == vector["sign"]


def test_empty_values_are_left_out_where_implementations_differ() -> None:
    signed = sign(AMBIGUOUS["api_path"], AMBIGUOUS["params"], AMBIGUOUS["app_secret"])
    assert signed == AMBIGUOUS["sign_with_empty_name_skipped"]
