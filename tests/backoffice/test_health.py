"""Whether the process lives and whether it can work: for load balancers, without a login."""

from datetime import timedelta

import pytest
import redis
from django.db import OperationalError, connection

from backoffice import health
from backoffice.common import clock
from syncjobs.models import Heartbeat


def test_it_lives_whatever_else_is_down(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_it_is_ready_when_database_and_redis_answer_and_the_schedule_is_alive(client):
    Heartbeat.objects.create(name="schedule", sent_at=clock.now(), executed_at=clock.now())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_it_names_beat_and_workers_that_are_silent_without_asking_them(client):
    """Through the database alone, which is where a monitoring system can find it when Celery hangs."""
    Heartbeat.objects.create(name="schedule", sent_at=clock.now() - timedelta(minutes=9), executed_at=clock.now())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (
        200,
        b"ready, degraded: beat silent for 9 minutes. What is due waits in the database.\n",
    )


@pytest.fixture
def no_redis(monkeypatch):
    monkeypatch.setattr(health, "client", lambda: redis.Redis.from_url("unix:///nowhere/valkey.sock"))


@pytest.fixture
def no_database(monkeypatch):
    def refuse(*_):
        raise OperationalError("connection refused for password=hidden")

    monkeypatch.setattr(connection, "cursor", refuse)


@pytest.mark.django_db
def test_without_redis_it_stays_ready_and_says_what_suffers(client, no_redis):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert text.startswith("ready, degraded: redis does not answer.")
    assert "Rate limits are local and conservative" in text


@pytest.mark.django_db
def test_it_is_not_ready_without_the_database(client, no_database):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready: the database does not answer\n")


@pytest.mark.django_db
def test_it_is_not_ready_without_both(client, no_redis, no_database):
    assert client.get("/readyz").status_code == 503
