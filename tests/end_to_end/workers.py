"""A Celery worker in a process of its own, on the database and the broker of the test that asks for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection

from backoffice.celery import app
from backoffice.env import BASE_DIR

SECONDS_TO_START = 60
SECONDS_TO_END = 30


def database_url() -> str:
    """The test's own database, as the environment names it."""
    facts = connection.settings_dict
    login = quote(facts["USER"], safe="") + (f":{quote(facts['PASSWORD'], safe='')}" if facts["PASSWORD"] else "")
    port = f":{facts['PORT']}" if facts["PORT"] else ""
    return f"postgresql://{login}@{quote(facts['HOST'], safe='')}{port}/{facts['NAME']}"


@contextmanager
def running_worker(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Wait until it takes work; end it before the database goes away."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "backoffice", "worker", "--pool", "solo", "--loglevel", "INFO",
         "--without-gossip", "--without-mingle", *arguments],
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url(), "CELERY_BROKER_URL": app.conf.broker_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    try:
        wait_for(process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: "subprocess.Popen[str]") -> None:
    for _ in range(SECONDS_TO_START):
        assert process.poll() is None, "the worker ended at once"
        if app.control.inspect(timeout=1, limit=1).ping():  # without a limit it waits for more answers
            return
    raise AssertionError("the worker did not answer")
