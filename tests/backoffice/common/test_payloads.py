"""Payloads become bytes that are equal exactly when the payloads are, and that PostgreSQL can keep."""

import json

import pytest
from django.db import connection

from backoffice.common.payloads import TOO_DEEP, digest, dump_payload


def test_the_order_of_keys_does_not_matter():
    assert dump_payload({"b": [{"y": 1, "x": 2}], "a": 1}) == dump_payload({"a": 1, "b": [{"x": 2, "y": 1}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": 1}, {"a": "1"}), ({"a": [1, 2]}, {"a": [2, 1]}), ({"a": None}, {}), ({"a": 0}, {"a": False})],
)
def test_different_payloads_have_different_digests(one, other):
    assert digest(dump_payload(one)) != digest(dump_payload(other))


def test_a_digest_is_sixteen_bytes():
    assert len(digest(dump_payload({}))) == 16


def nested(depth):
    return [] if depth == 0 else [nested(depth - 1)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        ({"a": "x\x00y"}, {"a": "xy"}),
        ({"a\x00": 1}, {"a": 1}),
        ({"a": "\ud83d"}, {"a": ""}),
        ({"a": ["ok", {"b": "\udc00\x00z"}]}, {"a": ["ok", {"b": "z"}]}),
        ({"a": "\\u0000"}, {"a": "\\u0000"}),
        ({"a": 2**80}, {"a": 2**80}),
        ({"a": float("nan"), "b": float("inf")}, {"a": None, "b": None}),
        ({1: "number"}, {"1": "number"}),
        ({"a": 1.5, "b": True, "c": None, "d": "ổ 💶"}, {"a": 1.5, "b": True, "c": None, "d": "ổ 💶"}),
        (nested(300), nested(300)),
        ([], []),
    ],
    ids=repr,
)
def test_what_is_written_is_what_postgresql_keeps(payload, kept):
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::jsonb)::text", [dump_payload(payload).decode()])
        assert json.loads(cursor.fetchone()[0]) == kept


def wrapped(value, depth):
    for _ in range(depth):
        value = {"in": [value]}
    return value


@pytest.mark.parametrize("value", [1, 2**80, "\x00"], ids=repr)
def test_nesting_without_end_is_cut_off_and_does_not_raise(value):
    dumped = dump_payload({"kept": 1, "deep": wrapped(value, 480)})
    assert json.loads(dumped)["kept"] == 1
    assert TOO_DEEP in dumped.decode()


def test_a_number_that_python_would_not_write_out_is_kept_as_text():
    assert json.loads(dump_payload({"a": 10**5000})) == {"a": hex(10**5000)}
