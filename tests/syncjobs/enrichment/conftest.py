"""An empty queue for each test: locks of the one before name rows with the same numbers."""

import pytest

from backoffice.common.redis import client
from syncjobs.intake import QUEUE


@pytest.fixture(autouse=True)
def empty_queue():
    for key in client().scan_iter(f"{QUEUE.name}:*"):
        client().delete(key)
