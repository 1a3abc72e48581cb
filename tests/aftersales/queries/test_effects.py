"""What cases mean for an order's lines: under review, approved, done, or as they were."""

import pytest

from aftersales.queries.effects import Effect, is_order_done, judge_effect, judge_lines
from aftersales.states import CaseState

S = CaseState


@pytest.mark.parametrize("state", list(CaseState))
def test_every_state_means_something_or_nothing(state):
    expected = {
        S.COMPLETED: Effect.DONE, S.REJECTED: Effect.NONE, S.CANCELLED: Effect.NONE, S.TIMEOUT: Effect.NONE,
        S.APPROVED: Effect.APPROVED, S.PENDING_RETURN: Effect.APPROVED, S.PENDING_RECEIVE: Effect.APPROVED,
        S.PENDING_REFUND: Effect.APPROVED, S.PENDING_EXCHANGE: Effect.APPROVED,
    }  # fmt: skip
    assert judge_effect(state) is expected.get(state, Effect.UNDER_REVIEW)


def test_of_several_cases_of_a_line_the_open_one_counts():
    cases = [(S.PENDING_APPROVAL, ["a"]), (S.COMPLETED, ["a", "b"]), (S.REJECTED, ["c"])]
    assert judge_lines(cases) == {"a": Effect.UNDER_REVIEW, "b": Effect.DONE, "c": Effect.NONE}


def test_an_order_is_done_when_every_line_has_a_completed_case():
    assert is_order_done(["a", "b"], [(S.COMPLETED, ["a"]), (S.COMPLETED, ["b"])])
    assert not is_order_done(["a", "b"], [(S.COMPLETED, ["a"]), (S.PENDING_REFUND, ["b"])])
    assert not is_order_done([], [(S.COMPLETED, ["a"])])
