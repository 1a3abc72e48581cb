"""Shared by all tests: real servers, and no sleeping."""

import pytest

from backoffice import embedded

embedded.ensure()  # so that plain `pytest` works too; `make test` starts servers of their own


@pytest.fixture
def shop(db):
    from tests.factories.shops import ShopFactory

    return ShopFactory()
