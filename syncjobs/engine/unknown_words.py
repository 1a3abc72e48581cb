"""Finds and counts the rows that a marketplace describes in a word that nobody here knows. Pure.

They are stored as they are.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from backoffice.common.plurals import say_count
from shops.marketplaces.records import TransactionRecord

WORDS_SHOWN = 10


class UnknownWords:
    """The unknown statuses of one chunk, and of transactions the unknown kinds."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}  # by the row's number: a window may be read several times

    def take(self, records: Iterable[Any]) -> None:
        """Remember those of these records whose word has no meaning here."""
        for record in records:
            if (word := read_unknown_word(record)) is not None:
                self._words[record.external_id] = word or "(none)"

    def forget(self) -> None:
        """Begin anew, once they are told."""
        self._words.clear()

    def __str__(self) -> str:
        """Say how many rows and which words, the most frequent first; empty where all were known."""
        if not self._words:
            return ""
        count, words = len(self._words), [word for word, _ in Counter(self._words.values()).most_common()]
        named = ", ".join(words[:WORDS_SHOWN])
        more = f" and {len(words) - WORDS_SHOWN} more" if len(words) > WORDS_SHOWN else ""
        return f"{say_count(count, 'row')} in words that nobody knows: {named}{more}."


def read_unknown_word(record: Any) -> str | None:
    """Return the word for a record's status, of a transaction for its kind, if it has no meaning here; else None.

    The word is empty where the marketplace told none.
    """
    if getattr(record, "status", "") != "unknown":
        return None
    word: str = record.raw_kind if isinstance(record, TransactionRecord) else record.raw_status
    return word


def has_unknown_word(record: Any) -> bool:
    """Whether a record is told in a word that nobody here knows; where no word is told, there is nothing to ask for."""
    return bool(read_unknown_word(record))
