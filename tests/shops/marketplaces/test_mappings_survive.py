"""Mutated payloads through every mapping: never an exception, never a guess, always a record or the reason why not.

MUTATIONS is how many payloads of each kind are tried: 300 unless the environment says otherwise (`make fuzz`).
"""

import copy
import math
import os
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from shops.marketplaces import values
from shops.marketplaces.records import Payload, Resource, UnreadableRecord
from tests.shops.marketplaces import shapes
from tests.shops.marketplaces.building import build
from tests.shops.marketplaces.samples import COMPUTED, SAMPLES

MUTATIONS = int(os.environ.get("MUTATIONS", "300"))
KINDS = [
    pytest.param(code, resource, number, id=f"{code}-{resource}-{number}")
    for code, samples in SAMPLES.items()
    for resource, payloads in samples().items()
    for number in range(len(payloads))
]
REMOVED = object()
LONG = "x7" * 40  # longer than any id may be
MARK = "x7x7x7x7"
VALUES: tuple[Any, ...] = (
    *(REMOVED, None, "", "   ", 0, "0", [], {}),  # nothing
    *(["x"], {"a": "b"}, [[]], [None], [{}], [7, {"id": []}], {"": None}, {"id": {"id": 1}}),  # of another shape
    *(True, False, "perhaps", "1,5", "NaN", "Infinity", "*", "a\0b", "\ud800", "đ", math.nan, math.inf),
    *(LONG, "x7" * 3000, "9" * 400, 10**30, -(10**18), 1e300),  # too long, too large
    *(-1, 1.5, "12.34567", "1e-9", 7, "12.34"),
    *(4_200_000_000, "4200000000", 9_999_999_999_999, "2150-01-01 00:00:00 +0700"),  # from the future
    *(1_785_571_999, 1_785_571_999_000, "1785571999"),
)
# One number says which value is put where: drawing more takes longer than all the mapping.
CHANGES = st.lists(st.integers(0, 2**24), min_size=1, max_size=4)


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a payload with every key or index in it."""
    if not isinstance(value, dict | list):
        return []
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    return [(value, key) for key, _ in inner] + [place for _, item in inner for place in places_in(item)]


def put(payload: Payload, change: int) -> tuple[Any, Any, Any]:
    """Make one change to a payload; say where, what was there, and what is there now."""
    places = places_in(payload)
    if not places:
        return None, None, None
    value = VALUES[change % len(VALUES)]
    container, key = places[change // len(VALUES) % len(places)]
    before = container[key]
    if value is not REMOVED:
        container[key] = copy.deepcopy(value)
    else:
        del container[key]
    return key, before, value


@pytest.mark.parametrize(("code", "resource", "number"), KINDS)
def test_a_sample_is_mapped_whole(code: str, resource: Resource, number: int) -> None:
    payload = SAMPLES[code]()[resource][number]
    record = build(code).map_payload(resource, payload)
    assert not isinstance(record, UnreadableRecord)
    assert record.problems == ()
    assert shapes.faults_of(record) == []
    assert record.payload == payload


@pytest.mark.parametrize(("code", "resource", "number"), KINDS)
def test_mutated_payloads_are_neither_fatal_nor_guessed_at(code: str, resource: Resource, number: int) -> None:
    connector = build(code)
    whole = SAMPLES[code]()[resource][number]
    expected = dict(shapes.typed_values(connector.map_payload(resource, copy.deepcopy(whole))))
    computed = COMPUTED.get(code, frozenset())

    @settings(max_examples=MUTATIONS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(CHANGES)
    def attempt(changes: list[int]) -> None:
        payload = copy.deepcopy(whole)
        made = [put(payload, change) for change in changes]
        note(f"{made}")
        record = connector.map_payload(resource, payload)
        if isinstance(record, UnreadableRecord):
            assert record.error.endswith(".")
            assert record.payload is payload
            return
        assert shapes.faults_of(record) == []
        assert all(problem.endswith(".") for problem in record.problems)
        found = dict(shapes.typed_values(record))
        assert cut_ids(found) == []
        if len(made) == 1:
            assert guesses(expected, found, payload, computed) == []
            _, before, value = made[0]
            if is_unreadable(value, before):
                assert record.problems or not unexplained(expected, found, value, before, computed)

    attempt()


@pytest.mark.parametrize(("code", "resource", "number"), KINDS)
def test_rows_that_come_twice_are_told_apart_or_left_out(code: str, resource: Resource, number: int) -> None:
    payload = copy.deepcopy(SAMPLES[code]()[resource][number])
    for container, key in places_in(payload):
        if isinstance(container[key], list):
            container[key] = [*container[key], *copy.deepcopy(container[key])]
    record = build(code).map_payload(resource, payload)
    for name in ("lines", "packages", "skus", "events"):
        ids = [row.external_id for row in getattr(record, name, None) or ()]
        assert len(ids) == len(set(ids)), f"{name}: the writer keeps one of two and says nothing: {ids}"


def cut_ids(found: Mapping[shapes.Place, Any]) -> list[str]:
    """Name ids that are too long, or a piece of the text that was too long to be one: two ids could become one."""
    named = [(place, text) for place, text in found.items() if place[-1].endswith("external_id")]
    named += [(place, text) for place, texts in found.items() if place[-1] == "order_external_ids" for text in texts]
    return [f"{place}: {text}" for place, text in named if MARK in text or len(text) > longest_id(place)]


def longest_id(place: shapes.Place) -> int:
    """Give how many characters the column of an id holds: those of movements are put together from several words."""
    return values.IDENTIFIER_LENGTH * 2 if place == ("external_id",) else values.IDENTIFIER_LENGTH


def guesses(
    expected: Mapping[shapes.Place, Any], found: Mapping[shapes.Place, Any], payload: Payload, computed: frozenset[str]
) -> list[str]:
    """Name amounts, times and states that are neither what they were, nor empty, nor a value of the payload."""
    told = {reading for leaf in shapes.leaves_of(payload) for reading in shapes.readings_of(leaf)}
    known = set(map(_hashable, expected.values()))
    guessed = []
    for place, value in found.items():
        if not isinstance(value, Decimal | datetime | StrEnum) or shapes.is_empty(value) or place[-1] in computed:
            continue  # the clarity of a recipient is no StrEnum: a clear name beside a masked one shows more
        if place in expected:
            if value != expected[place] and not (isinstance(value, Decimal | datetime) and value in told):
                guessed.append(f"{place} is {value!r}, was {expected[place]!r}")
        elif value not in told and value not in known:
            guessed.append(f"{place} is {value!r}, which stands nowhere")
    return guessed


def is_unreadable(value: Any, before: Any) -> bool:
    """Tell whether a value is there and can be read as nothing but text: not as what stood in its place."""
    if value is REMOVED or value in (None, "", 0, "0") or (type(value) in (list, dict) and type(value) is type(before)):
        return False
    if isinstance(value, str) and not value.strip():
        return False
    return all(reading is None for reading in shapes.readings_of(value)) and values.boolean(value) is None


def unexplained(
    expected: Mapping[shapes.Place, Any],
    found: Mapping[shapes.Place, Any],
    value: Any,
    before: Any,
    computed: frozenset[str],
) -> list[str]:
    """Name what is not as it was after an unreadable value came in; words and numbers can be ids and states.

    What follows from a word may become empty with another one.
    """
    is_word = type(value) in (str, int) and not isinstance(before, list | dict)
    changed = []
    for place, was in expected.items():
        now = found.get(place)
        is_figure = isinstance(was, Decimal | datetime) or type(was) is int
        if place[-1] in computed and is_word and shapes.is_empty(now):
            continue
        if now != was and (not is_word or (is_figure and place in found)):
            changed.append(f"{place} is {now!r}, was {was!r}")
    return changed


def _hashable(value: Any) -> Any:
    return value if isinstance(value, Decimal | datetime | Enum) else repr(value)
