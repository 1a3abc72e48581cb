"""Errors that a person reads: what happened, what it means, what to do. Imports no Django."""


class BackofficeError(Exception):
    """Something the product can explain in a sentence; commands print it and exit with 1, without a traceback."""


class NotPossible(BackofficeError):
    """What was asked does not fit the present state, e.g. syncing a paused shop; `code` tells programs what."""

    code = "not_possible"
