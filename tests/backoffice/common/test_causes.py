"""One fault is one group, whatever the record says; two faults are two."""

import random
import uuid

import pytest

from backoffice.common.causes import LEFT_OUT, LONGEST_CAUSE, name_cause

SEED = 4
FAULTS = (
    "id is missing.",
    "id is {value} instead of an id.",
    "line_items[{number}].price is {value} instead of a number.",
    "line_items[{number}].quantity is {value} instead of a number.",
    "update_time is in the future: 2026-08-{day} 12:{day}:00 UTC",
    'The database refused it: null value in column "status" of relation "orders_order" violates not-null constraint\n'
    "DETAIL:  Failing row contains ({number}, {value}).",
    'The database refused it: null value in column "raw_status" of relation "orders_order" violates not-null constraint'
    "\nDETAIL:  Failing row contains ({number}).",
    'The database refused it: invalid input syntax for type numeric: "{key}"',
    "The database refused it: numeric field overflow\nDETAIL:  Must round to less than 10^{day}.",
    "The marketplace counts {number} orders in this window but showed {day} in each of 3 readings.",
    "Too many calls (code 36009036, HTTP 429, request {key})",
    "Internal error (code 36009003, HTTP 500, request {key})",
    "Internal error (HTTP 502, request {uuid})",
    "KeyError: {number}",
    "No answer from https://api.example/order/{number}?sign={key} within {number}.5 seconds",
    "The seller's app can't be reached at '{key}'; nothing was read, {number} times",
    "Object <Thing at 0x7f{day}> of shop “{key}” is gone",
)


def fill(fault, chance):
    """A fault as one record shows it."""
    values = [
        "null", "a list", "an object", "a very large number", "'1'", "'it\\'s 5 o\\'clock; \"late\"'", '"O\'Neill"',
        repr(chance.random()), repr("".join(chance.choices("abcdé €;.:(", k=12))),
    ]  # fmt: skip
    facts = {
        "value": chance.choice(values),
        "number": chance.choice([7, 12, 3_000, 584000000000000001]),
        "day": f"{chance.randint(10, 31)}",
        "key": "".join(chance.choices("abcdef0123456789", k=11)) + chance.choice("abc") + chance.choice("123"),
        "uuid": uuid.UUID(int=chance.getrandbits(128)),
    }
    return fault.format(**facts)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_one_group_whatever_the_record_says(fault):
    chance = random.Random(SEED)
    assert len({name_cause(fill(fault, chance)) for _ in range(200)}) == 1


def test_different_faults_are_different_groups():
    chance = random.Random(SEED)
    assert len({name_cause(fill(fault, chance)) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize(("error", "cause"), [
    ("", ""), (" \n ", ""),
    ("id is 5 instead of an id.", "id is … instead of an id."),
    ("total is missing.; line_items[2].price is missing.", "total is missing."),
    ("line_items[2].price is missing.", "line_items[…].price is missing."),
    ("Refused (code 105002, HTTP 401, request 2026aa)", "Refused (code 105002, HTTP 401, request …)"),
    ('bad column "a_b" of \'x\'', 'bad column "a_b" of …'),
    ("The seller's token isn't 'good'", "The seller's token isn't …"),
])  # fmt: skip
def test_what_stays_is_what_a_person_needs(error, cause):
    assert name_cause(error) == cause


def test_any_text_has_a_short_cause_that_names_itself():
    chance = random.Random(SEED)
    letters = "ab 1'\"“”…;:.,()\n\\-0xTZ€é\x00 is null instead of HTTP code"
    for _ in range(3_000):
        cause = name_cause("".join(chance.choices(letters, k=chance.randint(0, 400))))
        assert len(cause) <= LONGEST_CAUSE
        assert "\n" not in cause


def test_a_long_cause_ends_with_a_whole_word_and_shows_that_more_was_said():
    cause = name_cause("The marketplace refused it. " * 9)
    assert cause == "The marketplace refused it. " * 7 + LEFT_OUT
    assert name_cause(cause) == cause


def test_a_cause_is_its_own_cause():
    chance = random.Random(SEED)
    for fault in FAULTS:
        cause = name_cause(fill(fault, chance))
        assert name_cause(cause) == cause
