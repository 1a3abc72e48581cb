"""How many messages wait in each queue."""

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from backoffice.celery import app
from backoffice.common.queues import QUEUES, count_messages


@pytest.fixture
def empty_queues():
    with app.connection_for_write() as connection:
        for name in QUEUES:
            app.amqp.queues[name](connection.default_channel).purge()
    yield
    with app.connection_for_write() as connection:
        app.amqp.queues["backfill"](connection.default_channel).purge()


def test_messages_are_counted_by_queue(empty_queues):
    for _ in range(3):
        app.send_task("any.task", queue="backfill")
    assert count_messages() == {**dict.fromkeys(QUEUES, 0), "backfill": 3}


def test_a_broker_that_is_away_is_said(monkeypatch):
    monkeypatch.setitem(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app, "connection_for_read", lambda: app.broker_connection("redis://127.0.0.1:1/0"))
    with pytest.raises(OperationalError):
        count_messages()
