"""The fixtures of the sandbox's tests stand one folder higher."""

import pytest

from tests.shops.sandbox.calling import Client, control


@pytest.fixture(params=[0, 1], ids=["VN", "US"])
def each_client(request, sandbox):
    return Client(control(sandbox.control_url, "GET", "/world").json, request.param)
