"""Lists of a shop's rows, as a person who may see them narrows them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict

from shops.models import Shop
from tests.factories.api import make_person


@pytest.fixture
def person(shop: Shop) -> User:
    return make_person(shop)


@pytest.fixture
def keep(person: User) -> Callable[..., Any]:
    """Which rows of a model an address keeps."""

    def rows(filter_set: Any, model: Any, address: str) -> Any:
        chosen = filter_set(QueryDict(address), model.objects.visible_to(person), viewer=person)
        assert chosen.is_valid(), chosen.errors
        return chosen.qs

    return rows
