"""The sandbox's own signature agrees with published examples and with other people's clients."""

import json
from pathlib import Path

import pytest

from shops.sandbox.tiktok.gateway import expected_sign

VECTORS = json.loads((Path(__file__).parent / "sign_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_it_agrees_with_the_vector(vector):
    body = (vector["body"] or "").encode()
    query = list(vector["query"].items())
    sign = expected_sign(vector["app_secret"], vector["path"], query, body, vector["content_type"])
    assert sign == vector["sign"]


def test_a_key_that_comes_twice_is_signed_twice_in_its_order():
    forwards = expected_sign("s", "/p", [("ids", "1"), ("ids", "2"), ("a", "0")], b"", None)
    joined = expected_sign("s", "/p", [("a", "0"), ("ids", "1ids2")], b"", None)
    backwards = expected_sign("s", "/p", [("ids", "2"), ("ids", "1"), ("a", "0")], b"", None)
    assert forwards == joined != backwards


def test_the_media_type_is_compared_without_case_and_parameters():
    plain = expected_sign("s", "/p", [], b"", None)
    assert expected_sign("s", "/p", [], b"body", "Multipart/Form-Data; boundary=x") == plain
    assert expected_sign("s", "/p", [], b"body", "multipart/form-database") != plain
