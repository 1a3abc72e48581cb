"""Errors that a person reads: what happened, what it means, what to do. Imports no Django."""

from collections.abc import Sequence


class BackofficeError(Exception):
    """Something the product can explain in a sentence; commands print it and exit with 1, without a traceback."""


class NotPossible(BackofficeError):
    """What was asked does not fit the present state, e.g. syncing a paused shop; `code` tells programs what.

    `allowed` names what can be done instead, where that is known. Over the API this is 409.
    """

    code = "not_possible"
    allowed: Sequence[str] = ()


class RefusedValue(BackofficeError):
    """A value that was given cannot be taken as things stand; `field` names it. Over the API this is 422.

    `allowed` names what can be done instead, where that is known.
    """

    allowed: Sequence[str] = ()

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name
