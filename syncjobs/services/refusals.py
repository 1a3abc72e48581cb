"""Why what somebody asked of runs and records is not done."""

from backoffice.common.errors import NotPossible


class NotSyncable(NotPossible):
    """The shop is paused, disconnected or needs re-authorisation."""

    code = "shop_not_syncable"


class NotOffered(NotSyncable):
    """The marketplace has no such thing, or none that can be read."""

    code = "not_offered"


class NothingNew(NotPossible):
    """Everything that can be read has been read."""

    code = "nothing_new"


class KeyTaken(NotPossible):
    """The key of a call stands for another request."""

    code = "key_taken"


class StillUnreadable(NotPossible):
    """A failed record could not be stored this time either."""
