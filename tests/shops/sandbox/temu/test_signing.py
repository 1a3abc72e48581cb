"""The sandbox's own signature agrees with published examples and with other people's clients."""

import json
from pathlib import Path

import orjson
import pytest

from shops.sandbox.temu.signing import expected_sign

VECTORS = json.loads((Path(__file__).parent / "sign_vectors.json").read_text(encoding="utf-8"))
REQUESTS = VECTORS["request_sign"] + VECTORS["vendor_request_sign"]


@pytest.mark.parametrize("vector", REQUESTS, ids=[vector["id"] for vector in REQUESTS])
def test_it_agrees_with_the_vector(vector):
    assert expected_sign(vector["app_secret"], vector["body"]) == vector["sign"]


@pytest.mark.parametrize("vector", REQUESTS, ids=[vector["id"] for vector in REQUESTS])
def test_blanks_and_escapes_of_the_body_do_not_count(vector):
    received = orjson.loads(json.dumps({**vector["body"], "sign": "anything"}, indent=2, ensure_ascii=True))
    assert expected_sign(vector["app_secret"], received) == vector["sign"]


def test_a_file_download_is_signed_the_same_way():
    (vector,) = VECTORS["file_download"]
    assert expected_sign(vector["app_secret"], vector["headers"]) == vector["toa-sign"]


def test_nested_keys_stay_in_their_order():
    one, other = {"list": [{"b": 1, "a": 2}]}, {"list": [{"a": 2, "b": 1}]}
    assert expected_sign("s", one) != expected_sign("s", other)


def test_a_long_of_nineteen_digits_keeps_them():
    assert expected_sign("s", {"id": 9223372036854775807}) == expected_sign("s", {"id": "9223372036854775807"})
