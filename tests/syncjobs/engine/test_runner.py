"""How one chunk is read, and what is left behind by everything that can stop it."""

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

from backoffice.common import clock
from orders.models import Order
from shops.connections import Postponed
from shops.marketplaces import errors
from shops.models import Shop
from syncjobs import leases
from syncjobs.engine import reader, runner, writer
from syncjobs.engine.runner import work_on_chunk
from syncjobs.engine.worker import work_on_run
from syncjobs.intake import store_batch
from syncjobs.models import Chunk, ChunkState, RunEvent, Watermark
from tests.factories.sync import WINDOW_END, WINDOW_START, make_chunk
from tests.syncjobs.scripted import orders, page, stored

pytestmark = pytest.mark.django_db


def waits_for(chunk):
    """Seconds until the chunk is due again, to the nearest ten."""
    return round((chunk.due_at - clock.now()).total_seconds(), -1)


def test_it_stores_every_page_and_closes_the_chunk(chunk, work, settings):
    settings.SYNC_BATCH_SIZE_ORDERS = 2
    connector = work(
        chunk, page(*orders(1, 2), next_token="b"), page(*orders(3), next_token="c"), page(*orders(4), total=4)
    )
    assert stored() == ["order-1", "order-2", "order-3", "order-4"]
    assert (chunk.state, chunk.lease_owner, chunk.lease_expires_at) == (ChunkState.DONE, "", None)
    assert (chunk.fetched_count, chunk.inserted_count, chunk.call_count, chunk.received_bytes) == (4, 4, 3, 3000)
    assert [token for _, token in connector.asked] == ["", "b", "c"]
    assert {(query.window.start, query.window.end) for query, _ in connector.asked} == {(WINDOW_START, WINDOW_END)}


def test_it_stamps_the_run_on_the_rows(chunk, work):
    work(chunk, page(*orders(1)))
    assert Order.objects.get().last_run_id == chunk.run_id


def test_it_closes_an_empty_window_as_done(chunk, work):
    work(chunk, page())
    assert (chunk.state, chunk.fetched_count, chunk.call_count) == (ChunkState.DONE, 0, 1)


def test_it_waits_between_pages_but_not_after_the_last(chunk, work, waits):
    chunk.run.shop.app.page_spacing_seconds = 7
    chunk.run.shop.app.save()
    work(chunk, page(*orders(1), next_token="b"), page(*orders(2), next_token="c"), page(*orders(3)))
    assert waits == [7, 7]


def test_a_failed_page_fails_the_window_and_keeps_what_is_stored(chunk, work, settings):
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    work(chunk, page(*orders(1), next_token="b"), ValueError("the page makes no sense"))
    assert (chunk.state, chunk.error) == (ChunkState.DUE, "ValueError: the page makes no sense")
    assert (chunk.attempt_count, chunk.lease_owner, chunk.finished_at) == (1, "", None)
    assert stored() == ["order-1"]
    assert not Watermark.objects.exists()


def test_a_chunk_is_read_again_from_its_start(chunk, work, settings):
    settings.SYNC_BATCH_SIZE_ORDERS = 1
    work(chunk, page(*orders(1), next_token="b"), ValueError())
    Chunk.objects.update(due_at=clock.now())
    connector = work(chunk, page(*orders(1), next_token="b"), page(*orders(2), total=2))
    assert [token for _, token in connector.asked] == ["", "b"]
    assert (chunk.state, chunk.error, stored()) == (ChunkState.DONE, "", ["order-1", "order-2"])


def deadlock():
    error = OperationalError("deadlock detected")
    error.__cause__ = DeadlockDetected()
    return error


def test_a_batch_that_the_database_chose_as_victim_of_a_deadlock_is_written_again(chunk, work, monkeypatch):
    """Writers that meet on rows one of them found absent may each hold what the other needs."""
    victims = [deadlock(), deadlock()]

    def fall_victim(*args):
        if victims:
            raise victims.pop()
        return store_batch(*args)

    monkeypatch.setattr(writer, "store_batch", fall_victim)
    work(chunk, page(*orders(1)))
    assert (chunk.state, chunk.attempt_count, chunk.call_count, stored()) == (ChunkState.DONE, 1, 1, ["order-1"])


@pytest.mark.parametrize("error", [deadlock(), OperationalError("the connection is gone")], ids=str)
def test_a_database_that_keeps_failing_costs_no_try(chunk, work, monkeypatch, settings, error):
    settings.SYNC_BUFFER_ENABLED = False

    def fail(*_):
        raise error

    monkeypatch.setattr(writer, "store_batch", fail)
    work(chunk, page(*orders(1)))
    assert (chunk.state, chunk.attempt_count) == (ChunkState.DUE, 0)
    assert chunk.error == f"The database could not be written: {error}"


def test_two_unexpected_errors_are_enough_for_a_person_to_look(chunk, work):
    work(chunk, ValueError("of any kind"))
    assert (chunk.state, chunk.unexpected_count) == (ChunkState.DUE, 1)
    Chunk.objects.update(due_at=clock.now())
    work(chunk, KeyError("of another kind"))
    assert (chunk.state, chunk.unexpected_count, chunk.attempt_count) == (ChunkState.FAILED, 2, 2)


def test_what_went_wrong_is_noted_on_the_run(chunk, work):
    work(chunk, ValueError("the page makes no sense"))
    event = RunEvent.objects.get()
    assert (event.run_id, event.chunk_number, event.level) == (chunk.run_id, chunk.number, "warning")
    assert event.text == "ValueError: the page makes no sense"


def test_each_try_waits_twice_as_long_and_the_last_one_fails(chunk, work, settings):
    settings.MAX_REQUEST_RETRIES = 0
    waited = []
    for _ in range(settings.SYNC_MAX_ATTEMPTS):
        Chunk.objects.update(due_at=clock.now())
        work(chunk, errors.ServerError("It broke."))
        waited.append(waits_for(chunk))
    assert waited[:2] == [30, 60]
    assert (chunk.state, chunk.attempt_count) == (ChunkState.FAILED, 3)
    assert chunk.error == f"It broke. {errors.ServerError.advice}"


@pytest.mark.parametrize("error", [errors.BadSignature, errors.ScopeMissing, errors.ClockWrong, errors.UnknownShop])
def test_what_cannot_succeed_is_tried_once_and_says_what_to_do(chunk, work, error):
    connector = work(chunk, error("Refused."))
    assert (chunk.state, chunk.error) == (ChunkState.FAILED, f"Refused. {error.advice}")
    assert len(connector.asked) == 1


def test_calls_that_failed_are_counted_too(chunk, work):
    work(chunk, errors.BadSignature("Refused."))
    assert (chunk.call_count, chunk.failed_call_count) == (1, 1)


def test_an_ended_authorisation_takes_the_shop_off_the_schedule(chunk, work):
    work(chunk, errors.AuthorisationEnded("Gone."))
    shop = Shop.objects.get()
    assert (chunk.state, shop.state) == (ChunkState.FAILED, "needs_reauthorisation")
    assert shop.state_reason == f"Gone. {errors.AuthorisationEnded.advice}"


def test_a_long_wait_puts_the_chunk_back_without_counting_a_try(chunk, work):
    work(chunk, Postponed(600, "Too many calls."))
    assert (chunk.state, chunk.attempt_count, chunk.error) == (ChunkState.DUE, 0, "Too many calls.")
    assert waits_for(chunk) == 600


def test_a_stop_puts_the_chunk_back_at_once_without_counting_a_try(chunk, work, monkeypatch):
    asked_to_stop = iter([False, True])
    monkeypatch.setattr(reader, "is_stopping", lambda: next(asked_to_stop))
    connector = work(chunk, page(*orders(1), next_token="b"))
    assert (chunk.state, chunk.attempt_count, chunk.error, waits_for(chunk)) == (ChunkState.DUE, 0, "", 0)
    assert len(connector.asked) == 1


def test_a_worker_that_lost_its_lease_stores_nothing(chunk, work):
    def hand_on():
        Chunk.objects.update(lease_owner="elsewhere:2:b")
        return page(*orders(1))

    work(chunk, hand_on)
    assert (stored(), chunk.fetched_count) == ([], 0)
    assert (chunk.state, chunk.lease_owner) == (ChunkState.RUNNING, "elsewhere:2:b")


def test_a_worker_that_lost_its_lease_before_an_error_changes_nothing(chunk, work):
    def hand_on():
        Chunk.objects.update(lease_owner="elsewhere:2:b")
        return ValueError("it broke")

    work(chunk, hand_on)
    assert (chunk.state, chunk.lease_owner, chunk.error) == (ChunkState.RUNNING, "elsewhere:2:b", "")


@pytest.mark.parametrize("stop", [Postponed(600, ""), errors.BadSignature(), errors.AuthorisationEnded()])
def test_whatever_ends_the_work_after_the_lease_was_lost_is_swallowed(chunk, monkeypatch, stop):
    claimed = leases.claim_next_chunk("here:1:a", run_id=chunk.run_id)
    assert claimed is not None
    Chunk.objects.update(lease_owner="elsewhere:2:b")

    def stopped(_):
        raise stop

    monkeypatch.setattr(runner, "open_connection", stopped)
    work_on_chunk(claimed, "here:1:a")
    assert Chunk.objects.get().lease_owner == "elsewhere:2:b"


def test_a_chunk_that_takes_too_long_is_given_back_with_advice(chunk, work, settings):
    settings.SYNC_CHUNK_TIMEOUT_SECONDS = -1
    connector = work(chunk, page(*orders(1)))
    assert (chunk.state, connector.asked) == (ChunkState.DUE, [])
    assert "SYNC_CHUNK_DAYS" in chunk.error


@pytest.mark.parametrize(("tries_before", "state"), [(0, "active"), (2, "needs_reauthorisation")])
def test_a_token_refused_to_the_last_try_takes_the_shop_off_the_schedule(chunk, work, tries_before, state):
    Chunk.objects.update(attempt_count=chunk.attempt_count + tries_before)
    chunk.refresh_from_db()
    work(chunk, *[errors.TokenInvalid("It is not accepted.")] * 10)
    assert Shop.objects.get().state == state


def test_a_status_is_read_by_all_of_the_marketplaces_words_for_it(db, work):
    chunk = make_chunk(run__status_filter="in_transit")
    connector = work(chunk, page(*orders(1)), page(*orders(2)))
    assert [query.raw_status for query, _ in connector.asked] == ["IN_TRANSIT", "ON_THE_WAY"]
    assert stored() == ["order-1", "order-2"]


def test_a_status_that_the_marketplace_has_no_word_for_is_not_taken_for_read(db, work):
    chunk = make_chunk(run__status_filter="unknown")
    connector = work(chunk)
    assert (chunk.state, connector.asked) == (ChunkState.FAILED, [])
    assert chunk.error == "TikTok Shop cannot search for orders in status 'unknown'."


def test_a_shop_without_credential_fails_with_a_sentence(chunk):
    chunk.run.shop.credential.delete()
    work_on_run(chunk.run_id, seconds=0)
    chunk.refresh_from_db()
    assert chunk.state == ChunkState.FAILED  # at once: another try would find none either
    assert "no credential" in chunk.error


def test_a_secret_that_cannot_be_read_is_said_and_holds_no_chunk(chunk, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert work_on_run(chunk.run_id, seconds=0) is False
    chunk.refresh_from_db()
    assert chunk.state == ChunkState.DUE
    assert "cannot be decrypted with the keys in CREDENTIAL_KEYS" in chunk.error


def test_a_chunk_is_given_back_as_soon_as_a_lost_database_answers(chunk, work, monkeypatch):
    waits: list[float] = []
    give_back, outages = leases.give_back, [OperationalError("gone"), OperationalError("starting up")]

    def give_back_after_outages(*args, **kwargs):
        if outages:
            raise outages.pop()
        give_back(*args, **kwargs)

    monkeypatch.setattr(leases, "give_back", give_back_after_outages)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction hangs on it
    monkeypatch.setattr(clock, "sleep", waits.append)
    work(chunk, ValueError("of any kind"))
    assert (chunk.state, waits) == (ChunkState.DUE, [1, 2])
