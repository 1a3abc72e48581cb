"""Shared by all tests: real servers, and no sleeping."""

import gc
import os
import re
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from backoffice import embedded
from backoffice.celery import app
from tests.emptying import empty_tables
from tests.migrating import without_building_models_anew

embedded.ensure()  # so that plain `pytest` works too; `make test` starts servers of their own


TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]


def broker_of(test_worker: str, url: str) -> str:
    """Give each of the parallel test workers its own numbered database of the broker: messages name rows of theirs."""
    number = str(int(test_worker.removeprefix("gw") or 0) + 1)
    return re.sub(r"(virtual_host=|/)\d*$", rf"\g<1>{number}", url)


# A password is hashed for each test with a person who is logged in; the usual hash is slow on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
app.conf.update(broker_url=broker_of(os.environ.get("PYTEST_XDIST_WORKER", ""), app.conf.broker_url))


def pytest_collection_finish():
    """Thousands of tests and modules stay to the end; the collector need not look through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The last that is asked for before the database is made, which `django_db_setup` ends the short way of."""
    with ExitStack() as until_made:
        until_made.enter_context(without_building_models_anew())
        yield until_made


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_modify_db_settings, django_db_blocker):
    """Have commits not wait for the disk, as no test takes the power away from this database.

    Close at the end what threads of live servers left open: dropping the database would wait for it, and fail.
    """
    django_db_modify_db_settings.close()
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        connection.close()  # it holds for connections that are made from now on
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session", autouse=True)
def own_fast_queue():
    """Each of the parallel test workers has a queue of its own in Redis, as items name rows of its database."""
    from syncjobs.intake import QUEUE

    QUEUE.name = f"enrichment-of-tests-{os.environ.get('PYTEST_XDIST_WORKER', '')}"


@pytest.fixture
def shop(db):
    from tests.factories.shops import ShopFactory

    return ShopFactory()


@pytest.fixture
def caller(shop):
    """Calls the API as a person who may do all in the shop."""
    from tests.factories.api import make_caller

    return make_caller(shop)


@pytest.fixture
def noon(monkeypatch):
    """It is noon and stays noon: no day ends while a test counts by days."""
    from backoffice.common import clock

    now = timezone.localtime(clock.now()).replace(hour=12)
    monkeypatch.setattr(clock, "now", lambda: now)
    return now
