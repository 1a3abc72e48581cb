"""Follows lists that are paged by an opaque token, and takes nothing for the end of a list that is not one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shops.marketplaces.errors import UnreadableAnswer
from shops.marketplaces.values import number


@dataclass(frozen=True, slots=True)
class Slice:
    """What one answer of a list holds. An empty `next_token` ends the list."""

    rows: list[Any]
    next_token: str
    total_count: int | None


@dataclass(frozen=True, slots=True)
class TokenPaging:
    """Three moves: prepare a request, look at its answer, go on with the next token."""

    rows_field: str
    token_field: str = "next_page_token"  # noqa: S105 - a field's name
    total_field: str = "total_count"
    token_parameter: str = "page_token"  # noqa: S105 - a parameter's name

    def prepare(self, token: str) -> dict[str, str]:
        """Give the query parameters that ask for the page of `token`; none for the first page."""
        return {self.token_parameter: token} if token else {}

    def look(self, data: Mapping[str, Any], asked_token: str = "") -> Slice:
        """Read the answer to the request of `asked_token`; raises UnreadableAnswer.

        A changed or broken answer would drop orders silently if it counted as the end of the list. So a missing list
        is an error unless the total is zero; so is a first page that shows fewer than the total and has no token
        field at all, a token that is no text, and a token that leads back to the same page.
        """
        total = number(data.get(self.total_field))
        rows = self._rows(data, total)
        token = data.get(self.token_field)
        if token is not None and not isinstance(token, str):
            raise UnreadableAnswer(f"The answer's {self.token_field} is no text.")
        if token is None and not asked_token and total is not None and total > len(rows):
            raise UnreadableAnswer(f"The answer has {len(rows)} of {total} rows but no {self.token_field}.")
        if token and token == asked_token:
            raise UnreadableAnswer(f"The answer's {self.token_field} leads back to the same page.")
        return Slice(rows, token or "", total)

    def _rows(self, data: Mapping[str, Any], total: int | None) -> list[Any]:
        rows = data.get(self.rows_field)
        if isinstance(rows, list):
            return rows
        if rows is None and total == 0:
            return []
        raise UnreadableAnswer(f"The answer has no list of {self.rows_field}.")
