"""One table of what people may do to a row: the buttons of its page, and the bulk actions of its list.

An app registers its own actions in `AppConfig.ready()`, also for rows of an app below it. The same definition serves
one row in a request and thousands in the background.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True)
class RowAction:
    """Something that is done to one row of `model`.

    `run(row, person)` does it and returns what became of it in a sentence; it raises BackofficeError, with the reason,
    where it is refused. It makes its own transactions, and must be safe to run twice: a worker may die after it and
    before the result is noted. `is_offered(row)` decides whether the row's page shows the button; `run` decides for
    itself.

    Where `asks_for` names a text, such as "Reason", the list asks for it once, and `run(row, person, text)` gets it for
    each row.
    """

    key: str
    model: type[models.Model]
    label: str
    icon: str
    permission: str
    run: Callable[..., str]
    is_offered: Callable[[Any], bool] = lambda row: True
    is_dangerous: bool = False
    is_bulk: bool = True
    asks_for: str = ""


_actions: dict[str, RowAction] = {}


def register_action(action: RowAction) -> None:
    """Add an action; its key must be new."""
    if action.key in _actions:
        raise ValueError(f"There is an action {action.key!r} already.")
    _actions[action.key] = action


def get_action(key: str) -> RowAction:
    """Return an action; raises KeyError for one that is gone."""
    return _actions[key]


def list_actions(model: type[models.Model]) -> list[RowAction]:
    """List the actions on rows of a model, in the order in which they were registered."""
    return [action for action in _actions.values() if action.model is model]
