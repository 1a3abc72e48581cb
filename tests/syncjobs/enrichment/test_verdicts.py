"""What becomes of a task after an answer or an error."""

import pytest

from syncjobs.enrichment.verdicts import LONGEST_WAIT_SECONDS, Asked, Found, judge_answer, judge_error, postpone

LINES = {"line-1": 1, "line-2": 3}
BOTH = Found("package-1", LINES)
FIRST = Found("package-1", {"line-1": 1})
SECOND = Found("package-2", {"line-2": 3})
A_PIECE = Found("package-1", {"line-1": 1, "line-2": 1})
TWO_PIECES = Found("package-2", {"line-2": 2})
UNCOUNTED = Found("package-2", {"line-2": None})
UNTOLD = Found("package-3")


def asked(order_status="in_transit", *, retries=0, looks=0):
    return Asked(order_status, LINES, retries, 5, looks)


def judge(order_status, *found, looks=0):
    return judge_answer(asked(order_status, looks=looks), found, look_again_seconds=300)


@pytest.mark.parametrize(("order_status", "found", "status", "numbers"), [
    ("in_transit", [BOTH], "completed", ("package-1",)),
    ("in_transit", [FIRST, SECOND], "completed", ("package-1", "package-2")),
    ("in_transit", [FIRST], "pending", ("package-1",)),  # the other line comes later
    ("completed", [FIRST], "completed", ("package-1",)),  # or never
    ("in_transit", [A_PIECE], "pending", ("package-1",)),  # the other pieces of the line come later
    ("in_transit", [A_PIECE, A_PIECE, A_PIECE], "pending", ("package-1",)),
    ("in_transit", [A_PIECE, TWO_PIECES], "completed", ("package-1", "package-2")),
    ("in_transit", [FIRST, UNCOUNTED], "completed", ("package-1", "package-2")),
    ("in_transit", [UNTOLD], "completed", ("package-3",)),
    ("in_transit", [], "pending", ()),
    ("delivered", [], "pending", ()),
    ("completed", [], "failed", ()),
    ("cancelled", [], "cancelled", ()),
    ("cancelled", [FIRST], "completed", ("package-1",)),
    ("in_transit", [BOTH] * 3, "completed", ("package-1",)),
    ("in_transit", [Found(f"p{n:03}", LINES) for n in range(100)], "completed", tuple(f"p{n:03}" for n in range(100))),
])  # fmt: skip
def test_an_answer(order_status, found, status, numbers):
    verdict = judge(order_status, *found)
    assert (verdict.status, verdict.package_sns) == (status, numbers)
    assert bool(verdict.message) == (status != "completed")


def test_no_number_yet_is_looked_at_later_and_later_and_is_no_error():
    waits = [judge("in_transit", looks=looks).wait_seconds for looks in range(60)]
    assert waits[:3] == [300, 600, 1200]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_SECONDS
    assert judge("in_transit", looks=1_000).status == "pending"
    assert judge("in_transit", looks=7).looks == 8
    assert judge("in_transit").retry_count == 0


def test_an_answer_forgives_the_errors_before_it():
    assert judge_answer(asked(retries=4), [], look_again_seconds=300).retry_count == 0


def test_errors_are_tried_again_until_the_tries_are_used_up():
    verdicts = [judge_error(asked(retries=n), "HTTP 500", is_final=False, retry_after_seconds=30) for n in range(5)]
    assert [verdict.status for verdict in verdicts] == ["pending"] * 4 + ["failed"]
    assert [verdict.wait_seconds for verdict in verdicts[:4]] == [30, 60, 120, 240]
    assert [verdict.retry_count for verdict in verdicts] == [1, 2, 3, 4, 5]
    assert judge_error(asked(), "gone", is_final=True, retry_after_seconds=30).status == "failed"


def test_equal_errors_of_different_orders_have_one_cause():
    said = [judge_error(asked(), f"Order {number} is not there (code 42).", is_final=True, retry_after_seconds=1)
            for number in ("584000000000000001", "211123456789")]  # fmt: skip
    assert said[0].cause == said[1].cause != ""


def test_what_is_put_off_is_as_it_was():
    verdict = postpone(asked(retries=3, looks=2), "Held back.", 40)
    assert (verdict.status, verdict.retry_count, verdict.looks, verdict.wait_seconds) == ("pending", 3, 2, 40)
