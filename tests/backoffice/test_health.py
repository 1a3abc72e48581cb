"""Whether the process lives and whether it can work: for load balancers, without a login."""

import pytest
import redis
from django.db import OperationalError, connection

from backoffice import health


def test_it_lives_whatever_else_is_down(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_it_is_ready_when_database_and_redis_answer(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_it_is_not_ready_without_redis(client, monkeypatch):
    gone = redis.Redis(unix_socket_path="/nowhere/valkey.sock")
    monkeypatch.setattr(health, "client", lambda: gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready: redis\n")


@pytest.mark.django_db
def test_it_is_not_ready_without_the_database(client, monkeypatch):
    def refuse(*_):
        raise OperationalError("connection refused for password=hidden")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready: database\n")


@pytest.mark.django_db
def test_it_names_everything_that_is_silent(client, monkeypatch):
    monkeypatch.setattr(health, "client", lambda: redis.Redis(unix_socket_path="/nowhere/valkey.sock"))
    monkeypatch.setattr(connection, "cursor", lambda: (_ for _ in ()).throw(OperationalError("gone")))
    assert client.get("/readyz").content == b"not ready: database, redis\n"
