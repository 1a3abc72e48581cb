"""The sandbox's own signature agrees with published examples and with other people's clients."""

import json
from pathlib import Path

import pytest

from shops.sandbox.lazada.signing import accepted_signs, push_authorization

VECTORS = json.loads((Path(__file__).parent / "sign_vectors.json").read_text(encoding="utf-8"))
REQUESTS, PUSHES, EMPTY = VECTORS["request_vectors"], VECTORS["push_vectors"], VECTORS["ambiguous"]


@pytest.mark.parametrize("vector", REQUESTS, ids=[vector["id"] for vector in REQUESTS])
def test_it_agrees_with_the_vector(vector):
    signs = accepted_signs(vector["app_secret"], vector["api_path"], {**vector["params"], "sign": "not signed"})
    assert signs == (vector["sign"],)


def test_an_empty_value_may_be_signed_or_left_out():
    signs = accepted_signs(EMPTY["app_secret"], EMPTY["api_path"], EMPTY["params"])
    assert signs == (EMPTY["sign_with_empty_name_included"], EMPTY["sign_with_empty_name_skipped"])


@pytest.mark.parametrize("vector", PUSHES, ids=[vector["id"] for vector in PUSHES])
def test_pushes_are_signed_over_the_raw_body(vector):
    header = push_authorization(vector["app_key"], vector["app_secret"], vector["raw_body"].encode())
    assert header == vector["authorization"]
