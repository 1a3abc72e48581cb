"""An action for tests only: it notes each time it is run, and does what a shop's name asks for."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User

from backoffice.common.errors import NotPossible
from backoffice.common.lists import actions
from backoffice.common.lists.actions import RowAction
from shops.models import Shop
from tests.factories.shops import make_app, make_shop

PERMISSION = "shops.change_shop"


def plant_action(monkeypatch: Any, run: Callable[[Any, Any], str], **facts: Any) -> RowAction:
    """Make this the only action that there is."""
    monkeypatch.setattr(actions, "_actions", {})
    action = RowAction("tests.greet", Shop, "Greet", "waving_hand", PERMISSION, run, **facts)
    actions.register_action(action)
    return action


class Greeting:
    """Greets a shop; refuses those whose name says no, and breaks at those whose name says break."""

    def __init__(self) -> None:
        self.greeted: list[int] = []

    def __call__(self, shop: Shop, person: User) -> str:
        self.greeted.append(shop.pk)
        if "no" in shop.name:
            raise NotPossible(f"{shop.name} does not want to be greeted.")
        if "break" in shop.name:
            raise ZeroDivisionError("never shown")
        return f"{person.username} greeted {shop.name}."


def make_shops(*names: str) -> list[Shop]:
    app = make_app()
    return [make_shop(app=app, name=name) for name in names]


def find(pattern: str, text: str) -> str:
    """The part of a page that a pattern marks."""
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[1]
