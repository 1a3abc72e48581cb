"""What an error makes of a chunk: due again, when, at whose cost; or left to a person."""

import pytest
from django.db import InterfaceError, OperationalError

from backoffice.common.errors import BackofficeError, NotPossible
from shops.connections import Postponed
from shops.marketplaces import errors
from syncjobs.engine.outcomes import NoRoom, SetAside, Stopping, decide_outcome, is_credential_dead
from syncjobs.models import ChunkState


def decide(error, attempt=1, unexpected=0, **options):
    return decide_outcome(error, attempt=attempt, unexpected=unexpected, most_attempts=3, most_unexpected=2, **options)


@pytest.mark.parametrize("attempt", [1, 3, 30])
@pytest.mark.parametrize(
    "error",
    [Stopping(), SetAside(), Postponed(600, "x"), NoRoom("x"), OperationalError("gone"), InterfaceError("closed")],
    ids=lambda error: type(error).__name__,
)
def test_what_is_nobodys_fault_costs_no_try(error, attempt):
    outcome = decide(error, attempt, unexpected=1)
    assert (outcome.state, outcome.counts_as_try, outcome.is_unexpected) == (ChunkState.DUE, False, False)


def test_a_wait_lasts_as_long_as_was_asked_for():
    assert (decide(Postponed(600, "Too many calls.")).wait_seconds, decide(Stopping()).wait_seconds) == (600, 0)


@pytest.mark.parametrize("error", [errors.ServerError("x"), errors.Throttled("x"), errors.TokenExpired("x"),
                                   BackofficeError("x")])  # fmt: skip
def test_what_may_pass_is_tried_again_with_growing_waits_and_then_left_to_a_person(error):
    outcomes = [decide(error, attempt) for attempt in (1, 2, 3)]
    assert [outcome.state for outcome in outcomes] == [ChunkState.DUE, ChunkState.DUE, ChunkState.FAILED]
    assert [outcome.wait_seconds for outcome in outcomes[:2]] == [30, 60]


def test_chunks_that_failed_together_come_back_apart():
    waits = [decide(ValueError(), 2, jitter=draw).wait_seconds for draw in (0, 0.5, 1)]
    assert waits == [60, 75, 90]


@pytest.mark.parametrize("error", [errors.BadSignature("x"), errors.AuthorisationEnded("x"), NotPossible("x")])
def test_what_can_never_succeed_is_left_to_a_person_at_once(error):
    assert decide(error).state == ChunkState.FAILED


def test_what_a_setting_names_is_not_tried_again_nor_is_a_kind_of_it():
    assert decide(errors.OwnLimitReached("x"), never_again=["Throttled"]).state == ChunkState.FAILED
    assert decide(ValueError(), never_again=["ValueError"]).state == ChunkState.FAILED
    assert decide(errors.ServerError("x"), never_again=["Throttled", "Error"]).state == ChunkState.DUE
    assert decide(Stopping(), never_again=["Exception"]).state == ChunkState.DUE


@pytest.mark.parametrize(("unexpected", "state"), [(0, ChunkState.DUE), (1, ChunkState.FAILED)])
def test_the_second_unexpected_error_is_left_to_a_person(unexpected, state):
    outcome = decide(ZeroDivisionError("by zero\nsecond line"), unexpected=unexpected)
    assert (outcome.state, outcome.is_unexpected, outcome.text) == (state, True, "ZeroDivisionError: by zero")


@pytest.mark.parametrize(("error", "attempt", "is_dead"), [
    (errors.AuthorisationEnded("x"), 1, True), (errors.TokenExpired("x"), 1, False),
    (errors.TokenExpired("x"), 3, True), (errors.ServerError("x"), 3, False), (ValueError(), 3, False),
])  # fmt: skip
def test_a_token_that_is_refused_to_the_last_try_is_as_dead_as_one_that_has_ended(error, attempt, is_dead):
    assert is_credential_dead(error, decide(error, attempt)) is is_dead
